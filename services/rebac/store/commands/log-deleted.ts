import type { Script } from '../../../common/sql/script.ts'
import type { LogEntry } from '../contract.ts'
import type { ResultMessage } from '../messages.ts'
import { type RelationshipRow, toRelationships } from '../rows.ts'
import { logEntry, NO_ROW_CHANGES, type Tables } from '../tables.ts'
import { type Bound, encodeBounded } from './bounded-revision.ts'

interface Deletion {
  /** The tenant's until now. */
  readonly revision: number
  readonly kind: LogEntry['kind']
  readonly now: number
  readonly bound: Bound
}

/**
 * Makes one revision of rows that have just been deleted; none if there are none.
 * @throws NexusError TOO_MANY_CHANGES
 */
export function* logDeleted(
  tables: Tables,
  tenant: string,
  { revision, kind, now, bound }: Deletion,
  rows: readonly RelationshipRow[],
): Script<ResultMessage> {
  if (rows.length === 0) return { revision, changes: '[]', written: null, deletedCount: 0 }
  // The engines return deleted rows in no order.
  const deleted = toRelationships(rows).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const changes = encodeBounded(
    deleted.map((before) => ({ before, after: null })),
    bound,
  )
  yield* tables.apply(tenant, NO_ROW_CHANGES, [logEntry(revision + 1, kind, changes, now)])
  return { revision: revision + 1, changes, written: null, deletedCount: deleted.length }
}
