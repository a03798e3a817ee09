import { INHERITS_FROM, resolveInheritance } from '../../engine/resolve-inheritance.ts'
import type { GraphReader } from '../../graph/graph-reader.ts'
import { isExpired, type Relationship, type Subject, WILDCARD_ID } from '../../model/relationship.ts'
import { subjectOf } from '../present/relationship.ts'

/** Those whom a subject inherits from, by what is stored and by what holds for the request only. */
export function inheritedSubjects(
  graph: GraphReader,
  subject: Subject,
  contextual: readonly Relationship[],
  now: number,
): readonly Subject[] {
  const stored = resolveInheritance(graph, subject, now)
  if (contextual.length === 0) return stored
  const given = contextual.filter((link) => isLinkOf(link, subject) && !isExpired(link, now))
  return [...stored, ...given.map(subjectOf)]
}

/** Only plain and unconditional links count, as in the engine. */
function isLinkOf(link: Relationship, { type, id, tenant, relation }: Subject): boolean {
  const isOfSubject = link.objectType === type && link.objectId === id && tenant === '' && relation === ''
  const isPlain = link.subjectTenant === '' && link.subjectRelation === '' && link.subjectId !== WILDCARD_ID
  return isOfSubject && isPlain && type === 'agent' && link.relation === INHERITS_FROM && link.conditionName === ''
}
