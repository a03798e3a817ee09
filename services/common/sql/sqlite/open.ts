import BetterSqlite3 from 'better-sqlite3'
import { describeError, NexusError } from '../../errors/nexus-error.ts'
import {
  APPLIED_MIGRATIONS,
  type AppliedMigration,
  type Migration,
  migrationFailed,
  MIGRATIONS_TABLE,
  pendingMigrations,
} from '../migrations.ts'
import { isBusy, isDamage, isFull, noRoomToOpen, sqliteCode, sqliteError } from './errors.ts'

/** How long SQLite itself waits for a lock, in milliseconds; longer waits are ours, with a deadline. */
const BUSY_TIMEOUT_MS = 250
/** How long a start waits for another program that holds the lock, such as a backup. */
const START_BUSY_TIMEOUT_MS = 2_000

/**
 * Pages that a writer keeps. SQLite looks through all of them at the end of almost every transaction (whenever an index
 * page was split), and those that are missing are in the memory of the system: few are faster than many.
 */
const WRITER_CACHE_KIB = 4_096
/** A transaction that changes more than this writes some of it before its end. */
const WRITER_SPILL_KIB = 65_536

/** Opens a connection that writes, with the settings that every writer of ours uses. */
export function openForWriting(file: string, busyTimeoutMs: number = BUSY_TIMEOUT_MS): BetterSqlite3.Database {
  return opened(new BetterSqlite3(file, { timeout: busyTimeoutMs }), [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'wal_autocheckpoint = 0',
    `cache_size = -${WRITER_CACHE_KIB}`,
    `cache_spill = -${WRITER_SPILL_KIB}`,
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
 * @throws NexusError DATABASE_DAMAGED, DATABASE_TOO_NEW, MIGRATION_FAILED; UNAVAILABLE if another program holds its lock;
 *   STORAGE_FULL; CONFIG_INVALID if the file cannot be opened or written
 */
export function prepareSqliteFile(file: string, migrations: readonly Migration[]): void {
  let database: BetterSqlite3.Database | undefined
  try {
    database = openForWriting(file, START_BUSY_TIMEOUT_MS)
    const problem = firstProblem(database, 'quick_check')
    if (problem !== null) throw damaged(file, new Error(problem))
    migrate(database, file, migrations)
  } catch (error) {
    if (isDamage(error)) throw damaged(file, error)
    if (isBusy(error)) {
      const message = `The database ${file} is locked by another program: close whatever works on that file and start again.`
      throw new NexusError('UNAVAILABLE', message, { cause: error })
    }
    throw startFailure(file, error)
  } finally {
    database?.close()
  }
}

/** What is wrong with a database, in one line; null if nothing is. `integrity_check` also compares indexes with tables. */
export function firstProblem(
  database: BetterSqlite3.Database,
  check: 'quick_check' | 'integrity_check',
): string | null {
  const found = database.pragma(`${check}(1)`, { simple: true }) as string
  return found === 'ok' ? null : found.replace(/^\*+ in database \w+ \*+\s*/, '').replaceAll(/\s+/g, ' ')
}

/** A start is told the file, and what to do about it. */
function startFailure(file: string, error: unknown): NexusError {
  if (isFull(error)) return noRoomToOpen(file, error)
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH|IOERR)/.test(sqliteCode(error))) {
    const message = `The database ${file} cannot be used (${describeError(error)}): check that it is a file, that this user may write it, and that the disk works.`
    return new NexusError('CONFIG_INVALID', message, { cause: error })
  }
  return sqliteError(error)
}

function damaged(file: string, cause: unknown): NexusError {
  return new NexusError(
    'DATABASE_DAMAGED',
    `The database ${file} cannot be used (${describeError(cause)}): restore it from a backup, or move it away to start empty.`,
    { cause },
  )
}

/** All steps that are missing, in one transaction: a failure leaves the version that was there, and its program works. */
function migrate(database: BetterSqlite3.Database, file: string, migrations: readonly Migration[]): void {
  const bringUp = database.transaction(() => {
    database.exec(MIGRATIONS_TABLE)
    const history = historyOf(database)
    const applied = history.at(-1)?.version ?? 0
    for (const step of pendingMigrations(migrations, history, file)) {
      try {
        database.exec(step.sql)
      } catch (error) {
        throw isPassing(error) ? error : migrationFailed(file, applied, step, error)
      }
      const record = 'insert into schema_migrations (version, name, applied_at) values (?, ?, ?)'
      database.prepare(record).run(step.version, step.name, Date.now())
    }
  })
  if (isUpToDate(database, migrations)) return
  bringUp.immediate()
}

/** A start that has nothing to do takes no lock that another program might hold. */
function isUpToDate(database: BetterSqlite3.Database, migrations: readonly Migration[]): boolean {
  const known = database.prepare("select 1 from sqlite_schema where name = 'schema_migrations'").get()
  if (known === undefined) return false
  return pendingMigrations(migrations, historyOf(database), database.name).length === 0
}

function historyOf(database: BetterSqlite3.Database): readonly AppliedMigration[] {
  return database.prepare<[], AppliedMigration>(APPLIED_MIGRATIONS).all()
}

/** Says nothing about the step itself: the lock, the disk, the file. */
function isPassing(error: unknown): boolean {
  return isBusy(error) || isDamage(error) || isFull(error)
}
