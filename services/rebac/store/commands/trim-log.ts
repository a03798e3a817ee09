import { all, run, type Script } from '../../../common/sql/script.ts'
import type { Tables } from '../tables.ts'

export interface TrimLog {
  readonly tenant: string
  /** Milliseconds since 1970; entries from then on stay. */
  readonly before: number
  readonly now: number
  /** Entries at most. */
  readonly limit: number
}

/** Deletes the oldest entries of a tenant's log; true if there may be more to delete. */
export function trimLogCommand(tables: Tables) {
  return function* trimLog({ tenant, before, now, limit }: TrimLog): Script<boolean> {
    yield* tables.lockTenant(tenant, now)
    const oldest = yield* all<{ revision: number; committedAt: number }>(
      'select revision, committed_at as "committedAt" from log where tenant = $1 order by revision limit $2',
      tenant,
      limit,
    )
    // Clocks of replicas differ: what is kept must start after what is deleted, so the first young entry ends it.
    const firstYoung = oldest.findIndex(({ committedAt }) => committedAt >= before)
    const last = oldest.at(firstYoung === -1 ? -1 : firstYoung - 1)
    if (firstYoung === 0 || last === undefined) return false
    yield* run('delete from log where tenant = $1 and revision <= $2', tenant, last.revision)
    yield* run('update tenants set trimmed_revision = $2 where tenant = $1', tenant, last.revision)
    return firstYoung === -1 && oldest.length === limit
  }
}
