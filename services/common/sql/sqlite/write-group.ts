import type BetterSqlite3 from 'better-sqlite3'
import { runScript } from '../run-script.ts'
import { commandOf, type Run, runsOf } from '../runs.ts'
import type { CommandSet } from '../script.ts'
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
      const waiting = writes.flatMap((write, index) => (outcomes[index] === undefined ? [{ ...write, index }] : []))
      for (const run of runsOf(commands, waiting)) {
        const settled = writeRun(database, statements, commands, run)
        for (const [at, { index }] of run.writes.entries()) outcomes[index] = settled[at]
      }
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

/** Writes that may run as one; each by itself if that fails. */
function writeRun(
  database: BetterSqlite3.Database,
  statements: SqliteStatements,
  commands: CommandSet,
  { writes, together }: Run<OrderedWrite>,
): readonly WriteOutcome[] {
  if (together !== null) {
    const script = together(writes.map(({ argument }) => argument))
    const settled = inSavepoint(database, statements, () => runScript(script, statements.execute))
    if (settled.ok) return settled.value.map((one) => (one.ok ? one : failure(one.error)))
  }
  return writes.map((write) => writeOne(database, statements, commands, write))
}

function writeOne(
  database: BetterSqlite3.Database,
  statements: SqliteStatements,
  commands: CommandSet,
  write: OrderedWrite,
): WriteOutcome {
  const command = commandOf(commands, write.command)
  if (command === undefined) return failure(new Error(`no command ${write.command}`))
  const settled = inSavepoint(database, statements, () => runScript(command(write.argument), statements.execute))
  return settled.ok ? settled : failure(settled.error)
}

function inSavepoint<T>(
  database: BetterSqlite3.Database,
  statements: SqliteStatements,
  work: () => T,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown } {
  statements.run('savepoint one')
  try {
    const value = work()
    statements.run('release one')
    return { ok: true, value }
  } catch (error) {
    // A full disk, say, ends the whole transaction: nothing of the group is kept.
    if (!database.inTransaction) throw error
    statements.run('rollback to one')
    statements.run('release one')
    return { ok: false, error }
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
