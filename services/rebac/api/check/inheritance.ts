import type { TenantGraph } from '../../graph/tenant-graph.ts'
import type { Subject } from '../../model/relationship.ts'
import { subjectOf } from '../present/relationship.ts'

/** temporary */
export function resolveInheritance(graph: TenantGraph, subject: Subject): Subject[] {
  if (subject.relation !== '' || subject.tenant !== '') return []
  const filter = { objectType: subject.type, objectId: subject.id, relations: ['inherits_from'], subjectRelation: '' }
  return graph.find(filter, '', 8).map(subjectOf)
}
