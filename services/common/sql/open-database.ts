import { fileURLToPath } from 'node:url'
import { NexusError } from '../errors/nexus-error.ts'
import type { Database, DatabaseObserver } from './database.ts'
import { type MigrationTemplate, migrationsFor } from './ddl.ts'
import { PostgresDatabase } from './postgres/postgres-database.ts'
import type { CommandSet } from './script.ts'
import { SqliteDatabase } from './sqlite/sqlite-database.ts'

export interface OpenDatabaseOptions<C extends CommandSet> {
  /** sqlite:PATH, or postgres://... */
  readonly url: string
  readonly migrations: readonly MigrationTemplate[]
  readonly commands: C
  /** URL of the module that exports the same command set as `commands`: SQLite's writer thread imports it. */
  readonly commandsUrl: string
  readonly applicationName: string
  readonly observer?: DatabaseObserver
}

/**
 * Opens, and brings up to date, the database that a URL names.
 * @throws NexusError DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, UNAVAILABLE, CONFIG_INVALID
 */
export async function openDatabase<C extends CommandSet>(options: OpenDatabaseOptions<C>): Promise<Database<C>> {
  const { url, commands, commandsUrl, applicationName } = options
  const observer = options.observer === undefined ? {} : { observer: options.observer }
  if (url.startsWith('sqlite:')) {
    const migrations = migrationsFor('sqlite', options.migrations)
    return SqliteDatabase.open<C>({ file: sqlitePath(url), migrations, commandsUrl, ...observer })
  }
  if (isPostgresUrl(url)) {
    const migrations = migrationsFor('postgres', options.migrations)
    return PostgresDatabase.open({ url, applicationName, migrations, commands, ...observer })
  }
  throw new NexusError('CONFIG_INVALID', 'A database URL starts with sqlite: or postgres://.')
}

export function isPostgresUrl(url: string): boolean {
  return url.startsWith('postgres://') || url.startsWith('postgresql://')
}

/** The file that sqlite:relative/path, sqlite:/absolute/path or sqlite:///absolute/path names. */
export function sqlitePath(url: string): string {
  const rest = url.slice('sqlite:'.length)
  return rest.startsWith('//') ? fileURLToPath(`file:${rest}`) : rest
}
