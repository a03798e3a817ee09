import { matchesFilter } from '../../graph/matches-filter.ts'
import type { Relationship, RelationshipChange } from '../../model/relationship.ts'
import type { Filter } from '../../store/contract.ts'

/** The changes that a filter selects before or after; without filters all. */
export function selectChanges(
  changes: readonly RelationshipChange[],
  filters: readonly Filter[],
): readonly RelationshipChange[] {
  if (filters.length === 0) return changes
  const isSelected = (row: Relationship | null) => row !== null && filters.some((filter) => matchesFilter(row, filter))
  return changes.filter(({ before, after }) => isSelected(before) || isSelected(after))
}
