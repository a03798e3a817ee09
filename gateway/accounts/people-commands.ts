import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { all, first, run, type Script } from '../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'
import type { NotMade } from '../files/commands/mutation.ts'
import { remove, type RemoveRequest } from '../files/commands/remove.ts'
import { keepAnAdministrator, lockKeys } from '../keys/admin-commands.ts'
import { createKey } from '../keys/commands.ts'
import { isLive, type KeyRecord, keysOfUser } from '../keys/key-record.ts'
import type { OutboxChange, OutboxReceipt } from '../outbox/entry.ts'
import { appendOutbox, lockTenant } from '../outbox/scripts.ts'
import { forgottenAbroad, type SharedAbroad } from '../sharing/shared-abroad.ts'
import { hasLeft, insertUser, type NewUser, ownHome } from './ensure-user.ts'

/** What a deprovisioning took away. */
export interface Departed {
  readonly outcome: 'done'
  readonly receipts: readonly OutboxReceipt[]
  readonly directoryRemoved: boolean
  readonly keys: number
  readonly agents: number
  readonly registrations: number
  readonly recordDeleted: boolean
}

export interface DeprovisionCommand {
  readonly tenant: string
  readonly userId: string
  readonly home: string
  readonly now: number
  /** Removes the home; null if there is none. */
  readonly directory: RemoveRequest | null
  readonly shares: readonly SharedAbroad[]
  readonly deleteRecord: boolean
  readonly force: boolean
  /** Who is less must not take away a global administrator. */
  readonly byGlobalAdmin: boolean
  readonly audit: AuditRow
  readonly entryId: string
  readonly leaseOwner: string | null
}

/** The transactions of people in a tenant. */
export const peopleCommands = { knowUser, issueFirstKey, deprovisionUser }

/**
 * Makes a user known, or adds what was not known of one; either way the user owns the home. null, and nothing is
 * changed, if the user has left and it is the user who asks: an administrator lets people come back.
 */
function* knowUser({
  user,
  byOneself,
  audit,
}: {
  readonly user: NewUser
  readonly byOneself: boolean
  readonly audit: AuditRow
}): Script<{ readonly created: boolean; readonly receipt: OutboxReceipt } | null> {
  yield* lockTenant(user.tenant, user.now)
  if (byOneself && (yield* hasLeft(user))) return null
  const created = yield* insertUser(user)
  yield* run(
    `update users set email = coalesce(email, $3), display_name = coalesce(display_name, $4)
     where tenant = $1 and user_id = $2`,
    user.tenant,
    user.userId,
    user.email,
    user.displayName,
  )
  yield* insertAudit(audit)
  return { created, receipt: yield* ownHome(user) }
}

/** Stores a key for a user who has none that works; false if there is one. */
function* issueFirstKey(request: {
  readonly key: KeyRecord
  readonly audit: AuditRow
  readonly now: number
}): Script<boolean> {
  const { key, audit, now } = request
  yield* lockTenant(key.tenant, now)
  const known = yield* keysOfUser(key.tenant, key.userId)
  if (known.some((other) => other.subjectType === 'user' && isLive(other, now))) return false
  yield* createKey(key)
  yield* insertAudit(audit)
  return true
}

/** @throws NexusError CONFLICT for an administrator without force, and for the last one */
function* deprovisionUser(request: DeprovisionCommand): Script<NotMade | Departed> {
  const { tenant, userId, home, now, directory, audit } = request
  yield* lockKeys(now)
  yield* lockTenant(tenant, now)
  const keys = (yield* keysOfUser(tenant, userId)).filter((key) => isLive(key, now))
  refuseAdministrator(request, keys)
  const removed = directory === null ? null : yield* remove(directory)
  if (removed !== null && removed.outcome !== 'done') return removed

  const user = [tenant, userId] as const
  yield* run(
    'update api_keys set revoked_at = $3 where tenant = $1 and user_id = $2 and revoked_at is null',
    ...user,
    now,
  )
  for (const key of keys) yield* keepAnAdministrator(key, now)
  // Before the sessions: of sign-ins at the same time, which need the account, none is overlooked then.
  const recordDeleted = yield* closeAccount(request)
  yield* run(
    'update sessions set revoked_at = $3 where tenant = $1 and user_id = $2 and revoked_at is null',
    ...user,
    now,
  )
  const agents = yield* all('delete from agents where tenant = $1 and user_id = $2 returning agent_id', ...user)
  let registrations = 0
  for (const table of ['workspaces', 'memory_directories']) {
    const gone = yield* all(
      `delete from ${table} where tenant = $1 and substr(path, 1, length($2)) = $2 returning path`,
      tenant,
      `${home}/`,
    )
    registrations += gone.length
  }
  yield* insertAudit(audit)
  const receipt = yield* appendOutbox({ ...request, paths: [home], changes: forgotten(request) })
  return {
    outcome: 'done',
    receipts: [removed?.receipt ?? null, receipt].filter((one) => one !== null),
    directoryRemoved: removed !== null,
    keys: keys.length,
    agents: agents.length,
    registrations,
    recordDeleted,
  }
}

/** Whoever has left does not sign in. True if the account is deleted. */
function* closeAccount({ tenant, userId, now, deleteRecord }: DeprovisionCommand): Script<boolean> {
  if (deleteRecord) {
    const query = 'delete from users where tenant = $1 and user_id = $2 returning user_id'
    return (yield* first(query, tenant, userId)) !== undefined
  }
  yield* run(
    'update users set deprovisioned_at = $3 where tenant = $1 and user_id = $2 and deprovisioned_at is null',
    tenant,
    userId,
    now,
  )
  return false
}

function refuseAdministrator({ force, byGlobalAdmin, userId }: DeprovisionCommand, keys: readonly KeyRecord[]): void {
  if (keys.some((key) => key.isGlobalAdmin) && !byGlobalAdmin)
    throw new NexusError('ACCESS_DENIED', 'Access denied: Admin privileges required to remove a global administrator')
  if (keys.some((key) => key.isAdmin) && !force)
    throw new NexusError('CONFLICT', `User '${userId}' is an administrator: force=true removes an administrator too.`)
}

/** No relationship names the user, an agent of the user, or anything in the home. */
function forgotten({ userId, home, shares }: DeprovisionCommand): readonly OutboxChange[] {
  const agents = `${userId},`
  return [
    { kind: 'deleteMatching', filter: { subjectTenant: '', subjectType: 'user', subjectId: userId } },
    { kind: 'deleteMatching', filter: { subjectTenant: '', subjectType: 'agent', subjectIdPrefix: agents } },
    { kind: 'deleteMatching', filter: { objectType: 'agent', objectIdPrefix: agents } },
    { kind: 'deleteMatching', filter: { objectType: 'file', objectId: home } },
    { kind: 'deleteMatching', filter: { objectType: 'file', objectIdPrefix: `${home}/` } },
    ...forgottenAbroad(shares),
  ]
}
