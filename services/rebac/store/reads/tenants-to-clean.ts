import { all, type Script } from '../../../common/sql/script.ts'

/** Tenants, in order, after one of them, whose oldest log entry is from before an instant. */
export function* tenantsWithOldLog(before: number, afterTenant: string, limit: number): Script<readonly string[]> {
  const rows = yield* all<{ tenant: string }>(
    `select tenant from tenants t where tenant > $2
       and (select committed_at from log l where l.tenant = t.tenant order by revision limit 1) < $1
     order by tenant limit $3`,
    before,
    afterTenant,
    limit,
  )
  return rows.map(({ tenant }) => tenant)
}

/** Tenants, in order, after one of them, that have expired relationships. */
export function* tenantsWithExpired(now: number, afterTenant: string, limit: number): Script<readonly string[]> {
  const rows = yield* all<{ tenant: string }>(
    'select distinct tenant from relationships where expires_at <= $1 and tenant > $2 order by tenant limit $3',
    now,
    afterTenant,
    limit,
  )
  return rows.map(({ tenant }) => tenant)
}
