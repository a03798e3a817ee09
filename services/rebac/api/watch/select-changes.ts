import type { Relationship, RelationshipChange } from '../../model/relationship.ts'
import type { Filter } from '../../store/contract.ts'

/** The changes that a filter selects before or after; without filters all. */
export function selectChanges(
  changes: readonly RelationshipChange[],
  filters: readonly Filter[],
): readonly RelationshipChange[] {
  if (filters.length === 0) return changes
  const isSelected = (row: Relationship | null) => row !== null && filters.some((filter) => matches(row, filter))
  return changes.filter(({ before, after }) => isSelected(before) || isSelected(after))
}

/** Whether a relationship is one of those that a filter selects, as the store would say. */
export function matches(row: Relationship, filter: Filter): boolean {
  const { ids, objectType, objectId, objectIdPrefix, relations } = filter
  const { subjectTenant, subjectType, subjectId, subjectRelation } = filter
  return (
    (ids === undefined || ids.includes(row.id)) &&
    is(row.objectType, objectType) &&
    is(row.objectId, objectId) &&
    (objectIdPrefix === undefined || row.objectId.startsWith(objectIdPrefix)) &&
    (relations === undefined || relations.includes(row.relation)) &&
    is(row.subjectTenant, subjectTenant) &&
    is(row.subjectType, subjectType) &&
    is(row.subjectId, subjectId) &&
    is(row.subjectRelation, subjectRelation)
  )
}

function is(value: string, wanted: string | undefined): boolean {
  return wanted === undefined || value === wanted
}
