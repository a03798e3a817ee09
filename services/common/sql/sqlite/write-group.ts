import type BetterSqlite3 from 'better-sqlite3'
import { NexusError } from '../../errors/nexus-error.ts'
import { runScript } from '../run-script.ts'
import type { CommandSet, Script } from '../script.ts'
import { deadlinePassed } from '../write-queue.ts'
import type { SqliteStatements } from './statements.ts'
import type { OrderedWrite, WriteOutcome } from './writer-protocol.ts'

/**
 * Commits a group of writes in one transaction, a savepoint each. Called in the writer's thread, where waiting for
 * SQLite's lock hurts nobody else.
 */
export function writeGroup(
  database: BetterSqlite3.Database,
  statements: SqliteStatements,
  commands: CommandSet,
  writes: readonly OrderedWrite[],
): WriteOutcome[] {
  const outcomes: (WriteOutcome | undefined)[] = writes.map(() => undefined)
  try {
    if (!begin(database, writes, outcomes)) return settle(outcomes, deadlinePassed())
    for (const [index, write] of writes.entries()) {
      outcomes[index] ??= writeOne(database, statements, commands, write)
    }
    database.exec('commit')
  } catch (error) {
    if (database.inTransaction) database.exec('rollback')
    return outcomes.map((outcome) => (outcome?.ok === false ? outcome : failure(error)))
  }
  return settle(outcomes, deadlinePassed())
}

/** Begins the transaction; while another process holds the lock, writes whose deadline passes are answered. */
function begin(database: BetterSqlite3.Database, writes: readonly OrderedWrite[], outcomes: (WriteOutcome | undefined)[]): boolean {
  for (;;) {
    try {
      database.exec('begin immediate')
      return true
    } catch (error) {
      if (!isBusy(error)) throw error
      const now = Date.now()
      for (const [index, write] of writes.entries()) {
        if (write.deadline <= now) outcomes[index] ??= failure(deadlinePassed())
      }
      if (outcomes.every((outcome) => outcome !== undefined)) return false
      pause(1 + Math.random() * 10)
    }
  }
}

function writeOne(
  database: BetterSqlite3.Database,
  statements: SqliteStatements,
  commands: CommandSet,
  write: OrderedWrite,
): WriteOutcome {
  const command = commands[write.command] as ((argument: unknown) => Script<unknown>) | undefined
  if (command === undefined) return failure(new Error(`no command ${write.command}`))
  database.exec('savepoint one')
  try {
    const value = runScript(command(write.argument), statements.execute)
    database.exec('release one')
    return { ok: true, value }
  } catch (error) {
    // A full disk, say, ends the whole transaction: nothing of the group is kept.
    if (!database.inTransaction) throw error
    database.exec('rollback to one')
    database.exec('release one')
    return failure(error)
  }
}

function settle(outcomes: readonly (WriteOutcome | undefined)[], rest: unknown): WriteOutcome[] {
  return outcomes.map((outcome) => outcome ?? failure(rest))
}

function failure(error: unknown): WriteOutcome {
  const known = error instanceof NexusError ? error : sqliteError(error)
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    ok: false,
    reason: known.reason,
    message: known.message,
    ...(known.data === undefined ? {} : { data: known.data }),
    ...(error === known ? {} : { detail }),
  }
}

/** The one place where SQLite's errors become ours. */
export function sqliteError(error: unknown): NexusError {
  const code = sqliteCode(error)
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE') {
    return new NexusError('STORAGE_FULL', 'The disk is full; the write changed nothing.', { cause: error })
  }
  if (isBusy(error)) return deadlinePassed()
  return new NexusError('INTERNAL', 'The database failed; the log has the details.', { cause: error })
}

function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')
}

function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

const pauseCell = new Int32Array(new SharedArrayBuffer(4))

function pause(milliseconds: number): void {
  Atomics.wait(pauseCell, 0, 0, milliseconds)
}
