import type { Relationship } from '../../model/relationship.ts'
import { MAX_PAGE_BYTES } from '../limits.ts'

/** What a relationship takes on the wire beside its JSON parts, at most about. */
const BASE_BYTES = 300

/**
 * As many as fit into a page by number and by size, at least one; and the id that the next page starts after, or null
 * if there is none.
 */
export function cutPage(
  found: readonly Relationship[],
  pageSize: number,
): { readonly page: readonly Relationship[]; readonly position: string | null } {
  let bytes = 0
  let count = 0
  for (const relationship of found) {
    bytes += bytesOf(relationship)
    if (count === pageSize || (count > 0 && bytes > MAX_PAGE_BYTES)) break
    count += 1
  }
  const page = found.slice(0, count)
  return { page, position: count < found.length ? (page.at(-1)?.id ?? null) : null }
}

/** What a relationship takes on the wire, about. */
export function bytesOf({ objectId, subjectId, attributes, conditionContext }: Relationship): number {
  const json =
    attributes === null && conditionContext === null ? 0 : JSON.stringify([attributes, conditionContext]).length
  return BASE_BYTES + objectId.length + subjectId.length + json
}
