import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { describeError, NexusError } from '../../errors/nexus-error.ts'
import { type Migration, MIGRATIONS_TABLE, pendingMigrations } from '../migrations.ts'

/** Opens a connection that writes, with the settings that every writer of ours uses. */
export function openForWriting(file: string): BetterSqlite3.Database {
  const database = new BetterSqlite3(file)
  database.pragma('busy_timeout = 250')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('wal_autocheckpoint = 0')
  database.pragma('cache_size = -65536')
  return database
}

/** Opens a connection that only reads and never waits for a writer. */
export function openForReading(file: string): BetterSqlite3.Database {
  const database = new BetterSqlite3(file, { readonly: true, fileMustExist: true })
  database.pragma('busy_timeout = 250')
  database.pragma('cache_size = -65536')
  database.pragma('mmap_size = 268435456')
  return database
}

/**
 * Makes the file and its tables ready.
 * @throws NexusError DATABASE_DAMAGED, DATABASE_TOO_NEW
 */
export function prepareSqliteFile(file: string, migrations: readonly Migration[]): void {
  mkdirSync(dirname(file), { recursive: true })
  let database: BetterSqlite3.Database | undefined
  try {
    database = openForWriting(file)
    const [check] = database.pragma('quick_check(1)') as { quick_check: string }[]
    if (check?.quick_check !== 'ok') throw new Error(check?.quick_check)
    migrate(database, file, migrations)
  } catch (error) {
    if (error instanceof NexusError) throw error
    throw new NexusError(
      'DATABASE_DAMAGED',
      `The database ${file} cannot be used (${describeError(error)}): restore it from a backup, or move it away to start empty.`,
      { cause: error },
    )
  } finally {
    database?.close()
  }
}

function migrate(database: BetterSqlite3.Database, file: string, migrations: readonly Migration[]): void {
  database.exec(MIGRATIONS_TABLE)
  const { applied } = database.prepare('select coalesce(max(version), 0) as applied from schema_migrations').get() as {
    applied: number
  }
  for (const step of pendingMigrations(migrations, applied, file)) {
    database
      .transaction(() => {
        database.exec(step.sql)
        database
          .prepare('insert into schema_migrations (version, name, applied_at) values (?, ?, ?)')
          .run(step.version, step.name, Date.now())
      })
      .immediate()
  }
}
