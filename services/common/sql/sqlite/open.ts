import BetterSqlite3 from 'better-sqlite3'
import { describeError, NexusError } from '../../errors/nexus-error.ts'
import { type Migration, MIGRATIONS_TABLE, pendingMigrations } from '../migrations.ts'
import { isBusy, isDamage, sqliteError } from './errors.ts'

/** How long SQLite itself waits for a lock, in milliseconds; longer waits are ours, with a deadline. */
const BUSY_TIMEOUT_MS = 250
/** How long a start waits for another program that holds the lock, such as a backup. */
const START_BUSY_TIMEOUT_MS = 2_000

/** Opens a connection that writes, with the settings that every writer of ours uses. */
export function openForWriting(file: string, busyTimeoutMs: number = BUSY_TIMEOUT_MS): BetterSqlite3.Database {
  return opened(new BetterSqlite3(file, { timeout: busyTimeoutMs }), [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'wal_autocheckpoint = 0',
    'cache_size = -65536',
  ])
}

/** Opens a connection that only reads and never waits for a writer. */
export function openForReading(file: string): BetterSqlite3.Database {
  const database = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
  return opened(database, ['cache_size = -65536'])
}

function opened(database: BetterSqlite3.Database, pragmas: readonly string[]): BetterSqlite3.Database {
  try {
    for (const pragma of pragmas) database.pragma(pragma)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Makes the file and its tables ready.
 * @throws NexusError DATABASE_DAMAGED, DATABASE_TOO_NEW; UNAVAILABLE if another program holds its lock; STORAGE_FULL
 */
export function prepareSqliteFile(file: string, migrations: readonly Migration[]): void {
  let database: BetterSqlite3.Database | undefined
  try {
    database = openForWriting(file, START_BUSY_TIMEOUT_MS)
    const [check] = database.pragma('quick_check(1)') as { quick_check: string }[]
    if (check?.quick_check !== 'ok') throw damaged(file, new Error(check?.quick_check))
    migrate(database, file, migrations)
  } catch (error) {
    if (isDamage(error)) throw damaged(file, error)
    if (isBusy(error)) {
      const message = `The database ${file} is locked by another program: close whatever works on that file and start again.`
      throw new NexusError('UNAVAILABLE', message, { cause: error })
    }
    throw sqliteError(error)
  } finally {
    database?.close()
  }
}

function damaged(file: string, cause: unknown): NexusError {
  return new NexusError(
    'DATABASE_DAMAGED',
    `The database ${file} cannot be used (${describeError(cause)}): restore it from a backup, or move it away to start empty.`,
    { cause },
  )
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
