import { all, type Script } from '../../../common/sql/script.ts'
import type { WriteResult } from '../contract.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'
import { logEntry, NO_ROW_CHANGES, type Tables } from '../tables.ts'

export interface CollectExpired {
  readonly tenant: string
  readonly now: number
  /** Relationships at most. */
  readonly limit: number
}

/** Deletes relationships that nobody sees any more, with a log entry, so that resident tenants let go of them too. */
export function collectExpiredCommand(tables: Tables) {
  return function* collectExpired({ tenant, now, limit }: CollectExpired): Script<WriteResult> {
    const { revision } = yield* tables.lockTenant(tenant, now)
    const rows = yield* all<RelationshipRow>(
      `delete from relationships where tenant = $1 and id in (select id from relationships
         where tenant = $1 and expires_at <= $2 order by expires_at limit $3) returning ${RELATIONSHIP_COLUMNS}`,
      tenant,
      now,
      limit,
    )
    if (rows.length === 0) return { revision, changes: [], written: [], deletedCount: 0 }
    const changes = toRelationships(rows).map((before) => ({ before, after: null }))
    yield* tables.apply(tenant, NO_ROW_CHANGES, logEntry(revision + 1, 'expiry', changes, now))
    return { revision: revision + 1, changes, written: [], deletedCount: rows.length }
  }
}
