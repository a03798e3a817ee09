import type { RelationshipKey, Subject } from '../model/relationship.ts'
import { ANY_SUBJECT_TYPE, WILDCARD_ID } from '../model/relationship.ts'
import { holdsDirect } from './check-rules.ts'
import type { DirectType, RelationDefinition, Schema } from './schema.ts'

/** A relation that an open schema does not declare: direct, for any subject, and of no effect on what is declared. */
const undeclaredRelation: Omit<RelationDefinition, 'name'> = { rewrite: { kind: 'direct' }, directTypes: 'any' }

/** The definition of a relation; null if a closed schema has none. */
export function findRelation(schema: Schema, type: string, relation: string): RelationDefinition | null {
  const declared = schema.types.get(type)?.relations.get(relation)
  if (declared !== undefined) return declared
  return schema.open ? { name: relation, ...undeclaredRelation } : null
}

export type SubjectForm = 'object' | 'wildcard' | 'userset' | 'any'

/** The form that a subject's fields say it has. */
export function subjectForm(subject: Pick<Subject, 'type' | 'id' | 'relation'>): SubjectForm {
  if (subject.type === ANY_SUBJECT_TYPE) return 'any'
  if (subject.id === WILDCARD_ID) return 'wildcard'
  return subject.relation === '' ? 'object' : 'userset'
}

/** The subject of a relationship. */
export function subjectOf(key: RelationshipKey): Subject {
  return { tenant: key.subjectTenant, type: key.subjectType, id: key.subjectId, relation: key.subjectRelation }
}

/**
 * Whether a relationship counts under this schema: its subject's form, with its condition or none, is among the direct
 * types of its relation. What does not count is ignored, never an error.
 */
export function countsUnder(schema: Schema, key: RelationshipKey & { readonly conditionName: string }): boolean {
  if (key.conditionName !== '' && !schema.conditions.has(key.conditionName)) return false
  const relation = findRelation(schema, key.objectType, key.relation)
  if (relation === null || !holdsDirect(relation.rewrite)) return false
  if (relation.directTypes === 'any') return true
  return relation.directTypes.some((direct) => matchesForm(direct, key) && direct.condition === key.conditionName)
}

/** Whether the subject has this form, whatever the condition. */
export function matchesForm(direct: DirectType, key: RelationshipKey): boolean {
  return (
    direct.form === subjectForm({ type: key.subjectType, id: key.subjectId, relation: key.subjectRelation }) &&
    direct.type === key.subjectType &&
    direct.relation === key.subjectRelation
  )
}
