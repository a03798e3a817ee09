import { all, first, type Script } from '../../services/common/sql/script.ts'

/** An API key as the database keeps it. Times are milliseconds since 1970. */
export interface KeyRecord {
  readonly keyId: string
  readonly keyHash: string
  readonly tenant: string
  readonly userId: string
  readonly subjectType: string
  readonly subjectId: string
  readonly name: string
  readonly isAdmin: boolean
  readonly isGlobalAdmin: boolean
  readonly inheritPermissions: boolean
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

interface KeyRow {
  readonly key_id: string
  readonly key_hash: string
  readonly tenant: string
  readonly user_id: string
  readonly subject_type: string
  readonly subject_id: string
  readonly name: string
  readonly is_admin: number
  readonly is_global_admin: number
  readonly inherit_permissions: number
  readonly created_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
}

const COLUMNS =
  'key_id, key_hash, tenant, user_id, subject_type, subject_id, name, is_admin, is_global_admin, inherit_permissions, created_at, expires_at, revoked_at'

/** The keys with these hashes, in one query; unknown hashes are left out. */
export function* readKeysByHash(hashes: readonly string[]): Script<readonly KeyRecord[]> {
  const rows = yield* all<KeyRow>(
    {
      sqlite: `select ${COLUMNS} from api_keys where key_hash in (select value from json_each($1))`,
      postgres: `select ${COLUMNS} from api_keys where key_hash in (select jsonb_array_elements_text($1::jsonb))`,
    },
    JSON.stringify(hashes),
  )
  return rows.map(toRecord)
}

/** A key as administrators see it. */
export interface ListedKey extends KeyRecord {
  /** null if it was never used. */
  readonly lastUsedAt: number | null
}

/** Which keys a list has; what is null is not asked for. */
export interface KeyFilter {
  readonly tenant: string | null
  readonly userId: string | null
  readonly isAdmin: boolean | null
  readonly includeRevoked: boolean
  readonly includeExpired: boolean
  readonly now: number
}

const FILTER = `($1 = '' or tenant = $1) and ($2 = '' or user_id = $2) and ($3 = -1 or is_admin = $3)
  and ($4 = 1 or revoked_at is null) and ($5 = 1 or expires_at is null or expires_at > $6)`

/** One page of the keys that match, the newest first, and how many match. */
export function* listKeys(
  filter: KeyFilter,
  page: { readonly limit: number; readonly offset: number },
): Script<{ readonly keys: readonly ListedKey[]; readonly total: number }> {
  const values = [
    filter.tenant ?? '',
    filter.userId ?? '',
    filter.isAdmin === null ? -1 : filter.isAdmin ? 1 : 0,
    filter.includeRevoked ? 1 : 0,
    filter.includeExpired ? 1 : 0,
    filter.now,
  ]
  const rows = yield* all<ListedRow>(
    `select ${COLUMNS}, last_used_at from api_keys where ${FILTER} order by created_at desc, key_id desc limit $7 offset $8`,
    ...values,
    page.limit,
    page.offset,
  )
  const count = yield* first<{ total: number }>(`select count(*) as total from api_keys where ${FILTER}`, ...values)
  return { keys: rows.map(toListed), total: count?.total ?? 0 }
}

/** All keys of a user and of the user's agents, whether or not they work. */
export function* keysOfUser(tenant: string, userId: string): Script<readonly KeyRecord[]> {
  const rows = yield* all<KeyRow>(
    `select ${COLUMNS} from api_keys where tenant = $1 and user_id = $2 order by key_id`,
    tenant,
    userId,
  )
  return rows.map(toRecord)
}

/** A key by its id, or null. */
export function* findKey(keyId: string): Script<ListedKey | null> {
  const row = yield* first<ListedRow>(`select ${COLUMNS}, last_used_at from api_keys where key_id = $1`, keyId)
  return row === undefined ? null : toListed(row)
}

interface ListedRow extends KeyRow {
  readonly last_used_at: number | null
}

function toListed(row: ListedRow): ListedKey {
  return { ...toRecord(row), lastUsedAt: row.last_used_at }
}

function toRecord(row: KeyRow): KeyRecord {
  return {
    keyId: row.key_id,
    keyHash: row.key_hash,
    tenant: row.tenant,
    userId: row.user_id,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    name: row.name,
    isAdmin: row.is_admin === 1,
    isGlobalAdmin: row.is_global_admin === 1,
    inheritPermissions: row.inherit_permissions === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  }
}

/** Whether a key opens anything at this time. */
export function isLive(key: Pick<KeyRecord, 'expiresAt' | 'revokedAt'>, now: number): boolean {
  return key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now)
}
