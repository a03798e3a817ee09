import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import { all } from '../../services/common/sql/script.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { hashKey } from './key-format.ts'
import { refusedHashes } from './well-known-keys.ts'

const TENANT = 'default'
const USER = 'admin'

const NO_KEY =
  'The database has no API key, so nobody could use this gateway: set NEXUS_ADMIN_KEY or NEXUS_ADMIN_KEY_FILE to a key of your choice ("sk-" and at least 32 characters in all, for example sk-default_admin_ and the output of "openssl rand -hex 20"); it makes the first administrator.'

/**
 * Looks whether anybody can use this gateway, where no setting makes a key. Outside production it only warns.
 * @throws NexusError CONFIG_INVALID
 */
export async function requireSomeKey(db: GatewayDatabase, production: boolean, logger: Logger): Promise<void> {
  const rows = await db.read(() =>
    all<{ key_hash: string }>('select key_hash from api_keys where revoked_at is null order by created_at limit 100'),
  )
  if (rows.some((row) => !production || !refusedHashes.has(row.key_hash))) return
  if (production) throw new NexusError('CONFIG_INVALID', NO_KEY)
  logger.warn(NO_KEY)
}

/** Makes user "admin" of tenant "default" a global administrator by this key; once in the life of a database. */
export async function makeFirstAdmin(db: GatewayDatabase, key: string, logger: Logger): Promise<void> {
  const outcome = await db.write('createFirstAdminKey', {
    keyId: uuidv7(),
    keyHash: hashKey(key),
    tenant: TENANT,
    userId: USER,
    subjectType: 'user',
    subjectId: USER,
    name: 'First administrator',
    isAdmin: true,
    isGlobalAdmin: true,
    inheritPermissions: false,
    createdAt: Date.now(),
    expiresAt: null,
    revokedAt: null,
  })
  if (outcome === 'created') logger.info({ tenant: TENANT, user: USER }, 'the first administrator was made')
  if (outcome === 'other') logger.warn('NEXUS_ADMIN_KEY was ignored: this database had its first administrator already')
}

/** Makes the first administrator the owner of the tenant's whole tree, where being an administrator opens nothing. */
export async function grantToFirstAdmin(permissions: Permissions): Promise<void> {
  const relationship = {
    objectType: 'file',
    objectId: '/',
    relation: 'direct_owner',
    subject: { tenant: '', type: 'user', id: USER, relation: '' },
    expiresAt: null,
    attributes: null,
    conditionName: '',
    conditionContext: null,
  }
  const deadline = Date.now() + 10_000
  const operations = [{ kind: 'touch', relationship }] as const
  await permissions.write({ tenant: TENANT, operations, idempotencyKey: randomUUID(), deadline })
}
