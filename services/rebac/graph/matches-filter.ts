import type { Relationship } from '../model/relationship.ts'

/** Every field that is set must match; the same as the filter of the store. */
export interface GraphFilter {
  readonly ids?: readonly string[]
  readonly objectType?: string
  readonly objectId?: string
  readonly objectIdPrefix?: string
  readonly relations?: readonly string[]
  readonly subjectTenant?: string
  readonly subjectType?: string
  readonly subjectId?: string
  readonly subjectIdPrefix?: string
  readonly subjectRelation?: string
}

/** Whether a relationship matches a filter. */
export function matchesFilter(relationship: Relationship, filter: GraphFilter): boolean {
  return (
    (filter.ids === undefined || filter.ids.includes(relationship.id)) &&
    (filter.objectType === undefined || filter.objectType === relationship.objectType) &&
    (filter.objectId === undefined || filter.objectId === relationship.objectId) &&
    (filter.objectIdPrefix === undefined || relationship.objectId.startsWith(filter.objectIdPrefix)) &&
    (filter.relations === undefined || filter.relations.includes(relationship.relation)) &&
    (filter.subjectTenant === undefined || filter.subjectTenant === relationship.subjectTenant) &&
    (filter.subjectType === undefined || filter.subjectType === relationship.subjectType) &&
    (filter.subjectId === undefined || filter.subjectId === relationship.subjectId) &&
    (filter.subjectIdPrefix === undefined || relationship.subjectId.startsWith(filter.subjectIdPrefix)) &&
    (filter.subjectRelation === undefined || filter.subjectRelation === relationship.subjectRelation)
  )
}
