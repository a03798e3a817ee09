import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { first, run, type Script } from '../../services/common/sql/script.ts'
import { ensureUser, type NewUser } from '../accounts/ensure-user.ts'
import { findAgent } from '../agents/agent-record.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'
import type { OutboxReceipt } from '../outbox/entry.ts'
import { lockTenant } from '../outbox/scripts.ts'
import { createKey } from './commands.ts'
import { findKey, isLive, type KeyRecord, type ListedKey } from './key-record.ts'

interface Change {
  readonly keyId: string
  readonly now: number
  readonly audit: AuditRow
}

/** What of a key may be changed; what is undefined stays. */
export interface KeyChanges {
  readonly name?: string | undefined
  readonly isAdmin?: boolean | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined
}

/** The transactions by which administrators handle keys. */
export const keyAdminCommands = {
  /** Stores a new key, and makes its user known. */
  *issueKey(request: {
    readonly key: KeyRecord
    readonly user: NewUser | null
    readonly audit: AuditRow
  }): Script<OutboxReceipt | null> {
    const { key, user, audit } = request
    const receipt = user === null ? null : yield* ensureUser(user)
    yield* createKey(yield* asHeldNow(key, audit.at))
    yield* insertAudit(audit)
    return receipt
  },

  /** A revoked key stays revoked since when it was. @throws NexusError NOT_FOUND, CONFLICT for the last administrator's */
  *withdrawKey({ keyId, now, audit }: Change): Script<void> {
    const key = yield* lockedKey(keyId, now)
    if (key.revokedAt !== null) return
    yield* run('update api_keys set revoked_at = $2 where key_id = $1', keyId, now)
    yield* keepAnAdministrator(key, now)
    yield* insertAudit(audit)
  },

  /** @throws NexusError NOT_FOUND, CONFLICT if it is revoked, or for the last administrator's */
  *changeKey({ keyId, now, audit, changes }: Change & { readonly changes: KeyChanges }): Script<ListedKey> {
    const key = yield* lockedKey(keyId, now)
    refuseRevoked(key)
    const after = {
      ...key,
      name: changes.name ?? key.name,
      isAdmin: changes.isAdmin ?? key.isAdmin,
      isGlobalAdmin: changes.isAdmin !== false && key.isGlobalAdmin,
      expiresAt: changes.expiresAt ?? key.expiresAt,
    }
    yield* run(
      'update api_keys set name = $2, is_admin = $3, is_global_admin = $4, expires_at = $5 where key_id = $1',
      keyId,
      after.name,
      after.isAdmin ? 1 : 0,
      after.isGlobalAdmin ? 1 : 0,
      after.expiresAt,
    )
    yield* keepAnAdministrator(key, now)
    yield* insertAudit(audit)
    return after
  },

  /**
   * Puts a new key beside one that goes on until `until`. Answers it, and until when the old one does.
   * @throws NexusError NOT_FOUND, CONFLICT if it is revoked or expired, INVALID_PARAMS if its agent is gone
   */
  *replaceKey(
    request: Change & {
      readonly replacement: Pick<KeyRecord, 'keyId' | 'keyHash' | 'expiresAt'>
      readonly until: number
    },
  ): Script<{ readonly record: KeyRecord; readonly oldExpiresAt: number }> {
    const { keyId, now, audit, replacement, until } = request
    const key = yield* lockedKey(keyId, now)
    refuseRevoked(key)
    if (!isLive(key, now)) throw new NexusError('CONFLICT', `The key '${keyId}' has expired; make a new one.`)
    const { keyId: newId, keyHash, expiresAt } = replacement
    const record = { ...(yield* asHeldNow(key, now)), keyId: newId, keyHash, expiresAt, createdAt: now }
    yield* createKey(record)
    const oldExpiresAt = Math.min(key.expiresAt ?? until, until)
    yield* run('update api_keys set expires_at = $2 where key_id = $1', keyId, oldExpiresAt)
    yield* insertAudit(audit)
    return { record, oldExpiresAt }
  },
}

/** Changes of keys wait for each other, so that no two of them take the last administrator away together. */
export function lockKeys(now: number): Script<void> {
  return lockTenant('_keys', now)
}

function* lockedKey(keyId: string, now: number): Script<ListedKey> {
  yield* lockKeys(now)
  const key = yield* findKey(keyId)
  if (key === null) throw unknownKey(keyId)
  return key
}

/**
 * A key with what its holder is in this transaction: an agent may be changed, or deleted, after somebody looked.
 * @throws NexusError INVALID_PARAMS
 */
function* asHeldNow(key: KeyRecord, now: number): Script<KeyRecord> {
  if (key.subjectType !== 'agent') return key
  yield* lockTenant(key.tenant, now)
  const agent = yield* findAgent(key.tenant, key.subjectId, now)
  if (agent === null) throw unregistered(key.subjectId)
  return { ...key, inheritPermissions: agent.inheritPermissions }
}

/** Of an agent that is to have a key. */
export function unregistered(agentId: string): NexusError {
  return new NexusError('INVALID_PARAMS', `the agent '${agentId}' is not registered`)
}

/** Of a key that is not there, and of one that the caller may not know of. */
export function unknownKey(keyId: string): NexusError {
  return new NexusError('NOT_FOUND', `Key not found: ${keyId}`)
}

function refuseRevoked(key: ListedKey): void {
  if (key.revokedAt !== null) throw new NexusError('CONFLICT', `The key '${key.keyId}' is revoked; make a new one.`)
}

/**
 * Runs after a change of a key: where it was an administrator's, somebody must be left who can undo it.
 * @throws NexusError CONFLICT, so that nothing is changed
 */
export function* keepAnAdministrator(before: KeyRecord, now: number): Script<void> {
  if (!before.isAdmin || before.subjectType !== 'user' || !isLive(before, now)) return
  if (!(yield* isThere('tenant = $1 and', before.tenant, now)))
    throw lastAdministrator(`the last administrator's key of tenant '${before.tenant}'`)
  if (before.isGlobalAdmin && !(yield* isThere("is_global_admin = 1 and $1 <> '' and", before.tenant, now)))
    throw lastAdministrator("the last global administrator's key")
}

function* isThere(which: string, tenant: string, now: number): Script<boolean> {
  const row = yield* first(
    `select key_id from api_keys where ${which} is_admin = 1 and subject_type = 'user' and revoked_at is null
       and (expires_at is null or expires_at > $2) limit 1`,
    tenant,
    now,
  )
  return row !== undefined
}

function lastAdministrator(what: string): NexusError {
  return new NexusError(
    'CONFLICT',
    `This is ${what}: without it nobody could administer it any more. Make another administrator's key first.`,
  )
}
