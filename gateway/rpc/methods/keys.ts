import { z } from 'zod'
import type { KeyAdministration } from '../../keys/key-admin.ts'
import type { KeyRecord, ListedKey } from '../../keys/key-record.ts'
import type { NewKey } from '../../keys/new-key.ts'
import { CACHE, defineMethod, type Method, type MethodExample } from '../method.ts'
import { ignored, line, optional, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MAX_PAGE = 1_000

const keyId = line.min(1)
const expiresDays = optional(z.int().min(1).max(36_500))
const name = line.min(1).max(200)
const before = [['admin_create_key', { user_id: 'bob', name: 'laptop' }]] as const
const example: MethodExample = { before, params: { key_id: '<0.key_id>' } }

/** The methods admin_* of nexus-api.md 2.10. */
export function keyMethods(keys: KeyAdministration): Method[] {
  return [
    createMethod(keys),
    listMethod(keys),
    getMethod(keys),
    revokeMethod(keys),
    updateMethod(keys),
    rotateMethod(keys),
  ]
}

function createMethod(keys: KeyAdministration): Method {
  return defineMethod({
    name: 'admin_create_key',
    params: z.strictObject({
      user_id: optional(line.min(1)),
      name,
      is_admin: withDefault(z.boolean(), false),
      is_global_admin: withDefault(z.boolean(), false),
      expires_days: expiresDays,
      tenant_id: optional(line),
      subject_type: withDefault(z.enum(['user', 'agent']), 'user'),
      subject_id: optional(line.min(1)),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const made = await keys.create(context, {
        tenant: params.tenant_id,
        userId: params.user_id,
        subjectType: params.subject_type,
        subjectId: params.subject_id,
        name: params.name,
        isAdmin: params.is_admin,
        isGlobalAdmin: params.is_global_admin,
        expiresAt: inDays(context.now, params.expires_days),
      })
      return presentNew(made)
    },
    docs: {
      summary: 'Makes an API key, which is shown this once',
      example: { params: { user_id: 'bob', name: 'laptop', expires_days: 90 } },
    },
  })
}

function listMethod(keys: KeyAdministration): Method {
  return defineMethod({
    name: 'admin_list_keys',
    params: z.strictObject({
      user_id: optional(line),
      tenant_id: optional(line),
      is_admin: optional(z.boolean()),
      include_revoked: withDefault(z.boolean(), false),
      include_expired: withDefault(z.boolean(), false),
      limit: withDefault(z.int().min(1).max(MAX_PAGE), 100),
      offset: withDefault(z.int().min(0).max(10_000_000), 0),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const filter = {
        tenant: params.tenant_id,
        userId: params.user_id ?? null,
        isAdmin: params.is_admin ?? null,
        includeRevoked: params.include_revoked,
        includeExpired: params.include_expired,
      }
      const { keys: found, total } = await keys.list(context, filter, { limit: params.limit, offset: params.offset })
      return { keys: found.map(present), total }
    },
    docs: { summary: 'Lists API keys, the newest first, without the keys themselves', example: { params: {} } },
  })
}

function getMethod(keys: KeyAdministration): Method {
  return defineMethod({
    name: 'admin_get_key',
    params: z.strictObject({ key_id: keyId, context: ignored }),
    cacheControl: CACHE.none,
    handle: async (params, context) => present(await keys.find(context, params.key_id)),
    docs: { summary: 'Describes an API key, without the key itself', example },
  })
}

function revokeMethod(keys: KeyAdministration): Method {
  return defineMethod({
    name: 'admin_revoke_key',
    params: z.strictObject({ key_id: keyId, context: ignored }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      await keys.revoke(context, params.key_id)
      return { success: true, key_id: params.key_id }
    },
    docs: { summary: 'Revokes an API key for good, on every gateway within a second', example },
  })
}

function updateMethod(keys: KeyAdministration): Method {
  return defineMethod({
    name: 'admin_update_key',
    params: z.strictObject({
      key_id: keyId,
      name: optional(name),
      is_admin: optional(z.boolean()),
      expires_days: expiresDays,
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const key = await keys.update(context, params.key_id, {
        name: params.name,
        isAdmin: params.is_admin,
        expiresAt: inDays(context.now, params.expires_days) ?? undefined,
      })
      return {
        success: true,
        key_id: key.keyId,
        name: key.name,
        is_admin: key.isAdmin,
        expires_at: time(key.expiresAt),
      }
    },
    docs: {
      summary: "Changes the name of an API key, whether it is an administrator's, or when it expires",
      example: { before, params: { key_id: '<0.key_id>', name: 'desktop' } },
    },
  })
}

function rotateMethod(keys: KeyAdministration): Method {
  return defineMethod({
    name: 'admin_rotate_key',
    params: z.strictObject({
      key_id: keyId,
      overlap_hours: withDefault(z.number().min(0).max(8_760), 24),
      expires_days: expiresDays,
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const rotated = await keys.rotate(context, params.key_id, {
        overlapMs: Math.round(params.overlap_hours * HOUR_MS),
        expiresAt: inDays(context.now, params.expires_days),
      })
      return {
        ...presentNew(rotated),
        replaces: { key_id: params.key_id, expires_at: isoTime(rotated.oldExpiresAt) },
      }
    },
    docs: {
      summary: 'Makes a new API key for the same holder; the old one goes on for a while, so that nobody is cut off',
      example,
    },
  })
}

function presentNew({ key, record }: NewKey) {
  return {
    key_id: record.keyId,
    api_key: key,
    user_id: record.userId,
    name: record.name,
    subject_type: record.subjectType,
    subject_id: record.subjectId,
    tenant_id: record.tenant,
    is_admin: record.isAdmin,
    ...global(record),
    expires_at: time(record.expiresAt),
  }
}

function present(key: ListedKey) {
  return {
    key_id: key.keyId,
    user_id: key.userId,
    subject_type: key.subjectType,
    subject_id: key.subjectId,
    name: key.name,
    tenant_id: key.tenant,
    is_admin: key.isAdmin,
    ...global(key),
    created_at: isoTime(key.createdAt),
    expires_at: time(key.expiresAt),
    revoked: key.revokedAt !== null,
    revoked_at: time(key.revokedAt),
    last_used_at: time(key.lastUsedAt),
  }
}

/** Clients of old do not know it, so it stands only where it says something. */
function global(key: KeyRecord): { readonly is_global_admin?: true } {
  return key.isGlobalAdmin ? { is_global_admin: true } : {}
}

function time(milliseconds: number | null): string | null {
  return milliseconds === null ? null : isoTime(milliseconds)
}

function inDays(now: number, days: number | undefined): number | null {
  return days === undefined ? null : now + days * DAY_MS
}
