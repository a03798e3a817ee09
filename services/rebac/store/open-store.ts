import { randomBytes } from 'node:crypto'
import { v4 as uuidv4 } from 'uuid'
import type { Database, DatabaseObserver } from '../../common/sql/database.ts'
import { isPostgresUrl, openDatabase } from '../../common/sql/open-database.ts'
import { siblingModule } from '../../common/sql/sibling-module.ts'
import type { StoreCommands } from './commands.ts'
import type { RelationshipStore, StoreIdentity } from './contract.ts'
import { rebacMigrations } from './migrations.ts'
import { commands as postgresCommands } from './postgres/commands.ts'
import { commands as sqliteCommands } from './sqlite/commands.ts'
import { SqlRelationshipStore } from './sql-relationship-store.ts'

export interface OpenStoreOptions {
  /** sqlite:PATH, or postgres://... */
  readonly url: string
  /** Shown in PostgreSQL's pg_stat_activity. @default nexus-rebac */
  readonly applicationName?: string
  readonly observer?: DatabaseObserver
}

const TOKEN_KEY_BYTES = 32

/**
 * Opens the permission database, making or updating its tables.
 * @throws NexusError DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, UNAVAILABLE, STORAGE_FULL, CONFIG_INVALID
 */
export async function openRelationshipStore(options: OpenStoreOptions): Promise<RelationshipStore> {
  const { url, applicationName = 'nexus-rebac', observer } = options
  const database = await openDatabase<StoreCommands>({
    url,
    applicationName,
    migrations: rebacMigrations,
    commands: isPostgresUrl(url) ? postgresCommands : sqliteCommands,
    commandsUrl: siblingModule(import.meta.url, './sqlite/commands').href,
    ...(observer === undefined ? {} : { observer }),
  })
  try {
    return new SqlRelationshipStore(database, await readIdentity(database))
  } catch (error) {
    await database.close()
    throw error
  }
}

async function readIdentity(database: Database<StoreCommands>): Promise<StoreIdentity> {
  const proposed = { epoch: uuidv4(), tokenKey: randomBytes(TOKEN_KEY_BYTES).toString('base64') }
  const { epoch, tokenKey } = await database.write('ensureIdentity', proposed)
  return { epoch, tokenKey: new Uint8Array(Buffer.from(tokenKey, 'base64')) }
}
