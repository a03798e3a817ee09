import type BetterSqlite3 from 'better-sqlite3'
import { runScript } from '../run-script.ts'
import type { CommandSet, Script } from '../script.ts'
import { deadlinePassed } from '../write-queue.ts'
import { isBusy, sqliteError } from './errors.ts'
import type { SqliteStatements } from './statements.ts'
import type { OrderedWrite, WriteOutcome } from './writer-protocol.ts'

type Outcomes = (WriteOutcome | undefined)[]

/**
 * Commits a group of writes in one transaction, a savepoint each. Called in the writer's thread, where waiting for
 * SQLite's lock hurts nobody else; `onLate` is told of writes whose deadline passes meanwhile.
 */
export function writeGroup(
  database: BetterSqlite3.Database,
  statements: SqliteStatements,
  commands: CommandSet,
  writes: readonly OrderedWrite[],
  onLate: (index: number) => void,
): WriteOutcome[] {
  const outcomes: Outcomes = writes.map(() => undefined)
  try {
    begin(statements, writes, outcomes, onLate)
    if (database.inTransaction) {
      for (const [index, write] of writes.entries()) outcomes[index] ??= writeOne(database, statements, commands, write)
      statements.run('commit')
    }
  } catch (error) {
    if (database.inTransaction) statements.run('rollback')
    // Those that failed by themselves keep their own reason; for the rest the transaction is the reason.
    return outcomes.map((outcome) => (outcome?.ok === false ? outcome : failure(error)))
  }
  return outcomes.map((outcome) => outcome ?? failure(deadlinePassed()))
}

/** Begins the transaction, or gives up once no write has time left while another process holds the lock. */
function begin(
  statements: SqliteStatements,
  writes: readonly OrderedWrite[],
  outcomes: Outcomes,
  onLate: (index: number) => void,
): void {
  for (;;) {
    try {
      return statements.run('begin immediate')
    } catch (error) {
      if (!isBusy(error)) throw error
    }
    const now = Date.now()
    for (const [index, write] of writes.entries()) {
      if (write.deadline > now || outcomes[index] !== undefined) continue
      outcomes[index] = failure(deadlinePassed())
      onLate(index)
    }
    if (outcomes.every((outcome) => outcome !== undefined)) return
    pause(1 + Math.random() * 10)
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
  statements.run('savepoint one')
  try {
    const value = runScript(command(write.argument), statements.execute)
    statements.run('release one')
    return { ok: true, value }
  } catch (error) {
    // A full disk, say, ends the whole transaction: nothing of the group is kept.
    if (!database.inTransaction) throw error
    statements.run('rollback to one')
    statements.run('release one')
    return failure(error)
  }
}

function failure(error: unknown): WriteOutcome {
  const known = sqliteError(error)
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    ok: false,
    reason: known.reason,
    message: known.message,
    ...(known.data === undefined ? {} : { data: known.data }),
    ...(error === known ? {} : { detail }),
  }
}

const pauseCell = new Int32Array(new SharedArrayBuffer(4))

function pause(milliseconds: number): void {
  Atomics.wait(pauseCell, 0, 0, milliseconds)
}
