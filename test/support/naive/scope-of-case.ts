import type { Subject } from '../../../services/rebac/model/relationship.ts'
import { findRelation } from '../../../services/rebac/schema/direct-types.ts'
import { normalizeObjectId } from '../../../services/rebac/schema/hierarchy.ts'
import { type Case, readQuestion, writeSubject } from './case-file.ts'
import type { Scope } from './compare-verbs.ts'
import type { World } from './random-model.ts'

/** Everything that can be asked about what occurs in a case, and about somebody who does not. */
export function scopeOf(one: Case, { schema, stored, contextual }: World): Scope {
  const written = [...(one.allowed ?? []), ...(one.denied ?? []), ...Object.keys(one.errors ?? {})].map(readQuestion)
  const objects = new Map<string, { type: string; id: string }>()
  const subjects = new Map<string, Subject>()
  const addObject = (type: string, id: string): void => {
    if (id !== '*' && (schema.open || schema.types.has(type))) objects.set(`${type}:${id}`, { type, id })
  }
  const addSubject = (subject: Subject): void => {
    if (!schema.open && !schema.types.has(subject.type)) return
    if (subject.relation !== '' && findRelation(schema, subject.type, subject.relation) === null) return
    subjects.set(writeSubject(subject), subject)
    if (subject.id !== '*' && subject.tenant === '') addObject(subject.type, subject.id)
  }
  for (const tuple of [...stored, ...contextual]) {
    addObject(tuple.objectType, tuple.objectId)
    addSubject({
      tenant: tuple.subjectTenant,
      type: tuple.subjectType,
      id: tuple.subjectId,
      relation: tuple.subjectRelation,
    })
  }
  for (const { objectType, objectId, subject } of written) {
    addObject(objectType, normalizeObjectId(schema, objectType, objectId))
    addSubject(subject)
  }
  const types = new Set([...subjects.values()].map(({ type }) => type))
  for (const type of types) {
    if (type !== '*') addSubject({ tenant: '', type, id: 'stranger', relation: '' })
  }
  const undeclared = new Set([...stored, ...contextual].map(({ relation }) => relation))
  const filters = new Map<string, readonly [string, string]>()
  for (const { type, relation } of subjects.values())
    if (type !== '*') filters.set(`${type}#${relation}`, [type, relation])
  const relations = (type: string): readonly string[] => {
    const declared = [...(schema.types.get(type)?.relations.keys() ?? [])]
    return schema.open ? [...new Set([...declared, ...undeclared])] : declared
  }
  const asked = [...objects.values()].slice(0, MAX_OBJECTS)
  const count = asked.reduce((sum, { type }) => sum + relations(type).length, 0)
  const most = Math.max(MIN_SUBJECTS, Math.floor(MAX_QUESTIONS / Math.max(count, 1)))
  return { objects: asked, relations, subjects: [...subjects.values()].slice(0, most), filters: [...filters.values()] }
}

// Cases are small; one that is not is asked about its first objects and subjects.
const MAX_OBJECTS = 9
const MAX_QUESTIONS = 500
const MIN_SUBJECTS = 4
