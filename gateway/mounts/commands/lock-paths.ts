import { all, first, run, type Script } from '../../../services/common/sql/script.ts'
import { CLOCK, lockTenant } from '../../outbox/scripts.ts'

export interface LockPathsRequest {
  readonly tenant: string
  readonly paths: readonly string[]
  /** Names one change. */
  readonly owner: string
  readonly now: number
  /** How long the lock holds if it is not renewed, in milliseconds. */
  readonly holdMs: number
}

const WITHIN = (one: string, other: string): string =>
  `(${one} = ${other} or substr(${one}, 1, length(${other}) + 1) = ${other} || '/')`
const OTHERS = (path: string, clock: string): string => `select 1 as one from mount_locks l
where l.tenant = $1 and l.owner <> $3 and l.expires_at > ${clock}
  and (${WITHIN('l.path', path)} or ${WITHIN(path, 'l.path')}) limit 1`
const HELD = { sqlite: OTHERS('$2', '$4'), postgres: OTHERS('$2::text', `${CLOCK} + 0 * $4::bigint`) }
const TAKE = (clock: string): string => `insert into mount_locks (tenant, path, owner, expires_at)
values ($1, $2, $3, ${clock} + $5)
on conflict (tenant, path) do update set owner = excluded.owner, expires_at = excluded.expires_at`
const TAKE_LOCK = {
  sqlite: TAKE('$4'),
  // The server's clock decides, so that gateways need not agree on the time.
  postgres: TAKE(`${CLOCK} + 0 * $4::bigint`),
}

/** Takes or renews locks on paths, all or none: false if another change holds one of them, or one above or below. */
export function* lockMountPaths({ tenant, paths, owner, now, holdMs }: LockPathsRequest): Script<boolean> {
  yield* lockTenant(tenant, now)
  for (const path of paths) if ((yield* first(HELD, tenant, path, owner, now)) !== undefined) return false
  for (const path of paths) yield* run(TAKE_LOCK, tenant, path, owner, now, holdMs)
  return true
}

/** As lockMountPaths, but takes those that nobody else holds, and answers them. */
export function* lockFreeMountPaths({
  tenant,
  paths,
  owner,
  now,
  holdMs,
}: LockPathsRequest): Script<readonly string[]> {
  yield* lockTenant(tenant, now)
  const free = yield* unlockedBy(tenant, owner, now)
  const taken = paths.filter(free)
  for (const path of taken) yield* run(TAKE_LOCK, tenant, path, owner, now, holdMs)
  return taken
}

const OTHER = (clock: string): string =>
  `select path from mount_locks where tenant = $1 and owner <> $2 and expires_at > ${clock}`
const OTHER_LOCKS = { sqlite: OTHER('$3'), postgres: OTHER(`${CLOCK} + 0 * $3::bigint`) }

/** Tells of paths whether no change but the owner's holds them, or one above or below. The tenant is locked. */
export function* unlockedBy(tenant: string, owner: string, now: number): Script<(path: string) => boolean> {
  const locks = yield* all<{ path: string }>(OTHER_LOCKS, tenant, owner, now)
  return (path) =>
    locks.every((lock) => lock.path !== path && !lock.path.startsWith(`${path}/`) && !path.startsWith(`${lock.path}/`))
}

export function* unlockMountPaths({
  tenant,
  owner,
}: {
  readonly tenant: string
  readonly owner: string
}): Script<void> {
  yield* run('delete from mount_locks where tenant = $1 and owner = $2', tenant, owner)
}
