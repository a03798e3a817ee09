import { first, run, type Script } from '../../services/common/sql/script.ts'
import type { KeyRecord } from './key-record.ts'

/** The transactions of API keys. */
export const keyCommands = {
  createKey,
  createFirstAdminKey,
  noteKeysUsed,
}

/** Stores a key unless its hash is known already; the id of what is stored. A known key is not changed: it may be revoked. */
export function* createKey(key: KeyRecord): Script<{ readonly keyId: string; readonly created: boolean }> {
  const known = yield* first<{ key_id: string }>('select key_id from api_keys where key_hash = $1', key.keyHash)
  if (known !== undefined) return { keyId: known.key_id, created: false }
  yield* run(
    `insert into api_keys (key_id, key_hash, tenant, user_id, subject_type, subject_id, name, is_admin, is_global_admin,
       inherit_permissions, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
    key.keyId,
    key.keyHash,
    key.tenant,
    key.userId,
    key.subjectType,
    key.subjectId,
    key.name,
    key.isAdmin ? 1 : 0,
    key.isGlobalAdmin ? 1 : 0,
    key.inheritPermissions ? 1 : 0,
    key.createdAt,
    key.expiresAt,
  )
  return { keyId: key.keyId, created: true }
}

/** Stores the key of the first global administrator; later calls do nothing, so that a revoked one does not come back. */
function* createFirstAdminKey(key: KeyRecord): Script<'created' | 'known' | 'other'> {
  const known = yield* first('select key_id from api_keys where key_hash = $1', key.keyHash)
  if (known !== undefined) return 'known'
  const marker = yield* first('select key from meta where key = $1', 'first-admin-key')
  if (marker !== undefined) return 'other'
  yield* run('insert into meta (key, value) values ($1, $2) on conflict do nothing', 'first-admin-key', key.keyId)
  yield* createKey(key)
  return 'created'
}

/** Pairs of key id and time; a newer time that another gateway wrote stays. */
function* noteKeysUsed(used: readonly (readonly [string, number])[]): Script<void> {
  yield* run(
    {
      sqlite: `update api_keys set last_used_at = used.at
        from (select value ->> 0 as id, value ->> 1 as at from json_each($1)) as used
        where key_id = used.id and coalesce(last_used_at, 0) < used.at`,
      postgres: `update api_keys set last_used_at = used.at
        from (select item ->> 0 as id, (item ->> 1)::bigint as at from jsonb_array_elements($1::jsonb) as item order by 1) as used
        where key_id = used.id and coalesce(last_used_at, 0) < used.at`,
    },
    JSON.stringify(used),
  )
}
