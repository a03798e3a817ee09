import { all, type Script } from '../../../common/sql/script.ts'
import type { ResultMessage } from '../messages.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow } from '../rows.ts'
import type { Tables } from '../tables.ts'
import { logDeleted } from './log-deleted.ts'

export interface CollectExpired {
  readonly tenant: string
  readonly now: number
  /** Relationships at most. */
  readonly limit: number
}

/** Deletes relationships that nobody sees any more, with a log entry, so that resident tenants let go of them too. */
export function collectExpiredCommand(tables: Tables) {
  return function* collectExpired({ tenant, now, limit }: CollectExpired): Script<ResultMessage> {
    const { revision } = yield* tables.lockTenant(tenant, now)
    const rows = yield* all<RelationshipRow>(
      `delete from relationships where tenant = $1 and id in (select id from relationships
         where tenant = $1 and expires_at <= $2 order by expires_at limit $3) returning ${RELATIONSHIP_COLUMNS}`,
      tenant,
      now,
      limit,
    )
    const bound = { maxChanges: limit, verb: 'deleted', instead: 'collect fewer' } as const
    return yield* logDeleted(tables, tenant, { revision, kind: 'expiry', now, bound }, rows)
  }
}
