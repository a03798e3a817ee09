import { all, type Script } from '../../services/common/sql/script.ts'

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
