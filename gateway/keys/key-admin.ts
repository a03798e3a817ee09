import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { requireAdmin, tenantNamed } from '../accounts/administration.ts'
import type { Auditor } from '../audit/auditor.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { CallContext } from '../context.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { type KeyChanges, unknownKey } from './admin-commands.ts'
import { hashKey, makeKey } from './key-format.ts'
import { findKey, type KeyFilter, listKeys, type ListedKey } from './key-record.ts'
import { type KeyHolder, resolveHolder } from './key-holder.ts'
import { type NewKey, newKey } from './new-key.ts'

export interface KeyRequest extends KeyHolder {
  readonly tenant: string | undefined
  readonly name: string
  readonly isAdmin: boolean
  readonly isGlobalAdmin: boolean
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null
}

/**
 * Keys, as administrators handle them: in their own tenant, global ones in every tenant. Keys that a caller may not
 * handle are unknown. The last key of an administrator stays.
 * Errors: ACCESS_DENIED, INVALID_PARAMS, UNAVAILABLE; NOT_FOUND for an unknown key; CONFLICT where a change would leave
 * nobody, or comes too late.
 */
export interface KeyAdministration {
  /** The raw key is in the answer and nowhere else. Makes its user known, who then owns the directory of that name. */
  create(context: CallContext, request: KeyRequest): Promise<NewKey>
  list(
    context: CallContext,
    filter: Omit<KeyFilter, 'tenant' | 'now'> & { readonly tenant: string | undefined },
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly keys: readonly ListedKey[]; readonly total: number }>
  find(context: CallContext, keyId: string): Promise<ListedKey>
  /** Refused on every gateway within a second. */
  revoke(context: CallContext, keyId: string): Promise<void>
  update(context: CallContext, keyId: string, changes: KeyChanges): Promise<ListedKey>
  /** A new key for the same holder; the old one goes on for `overlapMs`. */
  rotate(
    context: CallContext,
    keyId: string,
    how: { readonly overlapMs: number; readonly expiresAt: number | null },
  ): Promise<NewKey & { readonly oldExpiresAt: number }>
}

export function createKeyAdministration({
  db,
  outbox,
  auditor,
}: {
  readonly db: GatewayDatabase
  readonly outbox: Outbox
  readonly auditor: Auditor
}): KeyAdministration {
  const writing = ({ scope }: CallContext) => ({ group: 'keys', deadline: scope.deadline })

  /** @throws NexusError ACCESS_DENIED, NOT_FOUND */
  async function known(context: CallContext, keyId: string, action: string): Promise<ListedKey> {
    requireAdmin(auditor, context, action)
    const key = await db.read(() => findKey(keyId), { deadline: context.scope.deadline })
    if (key === null || (key.tenant !== context.caller.tenant && !context.caller.isGlobalAdmin)) throw unknownKey(keyId)
    return key
  }

  /** Who is less than a global administrator must not lock one out, or become one. */
  async function changeable(context: CallContext, keyId: string, action: string) {
    const key = await known(context, keyId, action)
    if (key.isGlobalAdmin && !context.caller.isGlobalAdmin) {
      auditor.denied(context, action, `key:${keyId}`)
      throw new NexusError('ACCESS_DENIED', "Access denied: Admin privileges required for a global administrator's key")
    }
    const { tenant, userId, subjectType, subjectId } = key
    const detail = { user_id: userId, subject: [subjectType, subjectId] }
    return {
      key,
      change: { keyId, now: context.now, audit: auditRow(context, action, `key:${keyId}`, { tenant, detail }) },
    }
  }

  return {
    async create(context, request) {
      const action = 'admin_create_key'
      requireAdmin(auditor, context, action)
      const tenant = tenantNamed(auditor, context, action, request.tenant)
      if (request.isGlobalAdmin && !context.caller.isGlobalAdmin) {
        auditor.denied(context, action, `tenant:${tenant}`)
        throw new NexusError(
          'ACCESS_DENIED',
          'Access denied: Admin privileges required: only a global administrator makes one',
        )
      }
      const { now, scope } = context
      const holder = await resolveHolder(db, { ...request, tenant }, now, scope.deadline)
      const isAdmin = request.isAdmin || request.isGlobalAdmin
      if (isAdmin && holder.subjectType === 'agent')
        throw new NexusError('INVALID_PARAMS', "an agent never has an administrator's rights: leave out is_admin")
      const { name, isGlobalAdmin, expiresAt } = request
      const made = newKey({ ...holder, tenant, name, isAdmin, isGlobalAdmin, createdAt: now, expiresAt })
      const { keyId, userId, subjectType, subjectId } = made.record
      const detail = { user_id: userId, subject: [subjectType, subjectId], is_admin: isAdmin, expires_at: expiresAt }
      const user = {
        tenant,
        userId,
        email: null,
        displayName: null,
        now,
        entryId: uuidv7(),
        leaseOwner: outbox.leaseOwner,
      }
      const receipt = await db.write(
        'issueKey',
        {
          key: made.record,
          user: subjectType === 'user' ? user : null,
          audit: auditRow(context, action, `key:${keyId}`, { tenant, detail }),
        },
        writing(context),
      )
      if (receipt !== null) await outbox.committed(receipt, scope.deadline)
      return made
    },

    async list(context, filter, page) {
      const action = 'admin_list_keys'
      requireAdmin(auditor, context, action)
      const all = filter.tenant === undefined && context.caller.isGlobalAdmin
      const tenant = all ? null : tenantNamed(auditor, context, action, filter.tenant)
      return await db.read(() => listKeys({ ...filter, tenant, now: context.now }, page), {
        deadline: context.scope.deadline,
      })
    },

    find: (context, keyId) => known(context, keyId, 'admin_get_key'),

    async revoke(context, keyId) {
      const { change } = await changeable(context, keyId, 'admin_revoke_key')
      await db.write('withdrawKey', change, writing(context))
    },

    async update(context, keyId, changes) {
      const { key, change } = await changeable(context, keyId, 'admin_update_key')
      if (changes.isAdmin === true && key.subjectType === 'agent')
        throw new NexusError('INVALID_PARAMS', "an agent never has an administrator's rights: leave out is_admin")
      return await db.write('changeKey', { ...change, changes }, writing(context))
    },

    async rotate(context, keyId, { overlapMs, expiresAt }) {
      const { key, change } = await changeable(context, keyId, 'admin_rotate_key')
      const raw = makeKey(key)
      // Nothing else of what was read: the key may be changed meanwhile, and the new one is as it is then.
      const replacement = { keyId: uuidv7(), keyHash: hashKey(raw), expiresAt }
      const until = context.now + overlapMs
      return { key: raw, ...(await db.write('replaceKey', { ...change, replacement, until }, writing(context))) }
    },
  }
}
