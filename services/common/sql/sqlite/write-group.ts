import type BetterSqlite3 from 'better-sqlite3'
import { runScript } from '../run-script.ts'
import { commandOf, type Run, runsOf } from '../runs.ts'
import type { CommandSet } from '../script.ts'
import { deadlinePassed } from '../write-queue.ts'
import { isBusy, sqliteError } from './errors.ts'
import type { SqliteStatements } from './statements.ts'
import type { OrderedWrite, WriteOutcome } from './writer-protocol.ts'

type Outcomes = (WriteOutcome | undefined)[]
type WaitingWrite = OrderedWrite & { readonly index: number }

/** One connection that writes, and the writes that it knows. */
export interface GroupWriter {
  readonly database: BetterSqlite3.Database
  readonly statements: SqliteStatements
  readonly commands: CommandSet
}

/**
 * Commits a group of writes in one transaction, a savepoint each. Called in the writer's thread, where waiting for
 * SQLite's lock hurts nobody else; `onLate` is told of writes whose deadline passes meanwhile.
 */
export function writeGroup(
  writer: GroupWriter,
  writes: readonly OrderedWrite[],
  onLate: (index: number) => void,
): WriteOutcome[] {
  const { database, statements, commands } = writer
  const outcomes: Outcomes = writes.map(() => undefined)
  const begun = (): readonly WaitingWrite[] => {
    begin(statements, writes, outcomes, onLate)
    return writes.flatMap((write, index) => (outcomes[index] === undefined ? [{ ...write, index }] : []))
  }
  try {
    let runs = runsOf(commands, begun())
    const [first] = runs
    if (first !== undefined && runs.length === 1) {
      runs = writeWhole(writer, first, outcomes) ? [] : begun().map(alone)
    }
    for (const run of runs) settle(outcomes, run, writeRun(writer, run))
    if (database.inTransaction) statements.run('commit')
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

/**
 * A run that is all there is to a transaction needs no savepoint, which keeps a copy of every page that is changed: the
 * transaction itself is taken back. False: it was, and the writes of the run must be tried one by one.
 */
function writeWhole(writer: GroupWriter, run: Run<WaitingWrite>, outcomes: Outcomes): boolean {
  try {
    settle(outcomes, run, perform(writer, run))
    return true
  } catch (error) {
    if (!writer.database.inTransaction) throw error
    writer.statements.run('rollback')
    if (run.together !== null) return false
    settle(outcomes, run, [failure(error)])
    return true
  }
}

/** Writes that may run as one; each by itself if that fails. */
function writeRun(writer: GroupWriter, run: Run<WaitingWrite>): readonly WriteOutcome[] {
  const { database, statements } = writer
  statements.run('savepoint one')
  try {
    const settled = perform(writer, run)
    statements.run('release one')
    return settled
  } catch (error) {
    // A full disk, say, ends the whole transaction: nothing of the group is kept.
    if (!database.inTransaction) throw error
    statements.run('rollback to one')
    statements.run('release one')
    return run.together === null ? [failure(error)] : run.writes.flatMap((write) => writeRun(writer, alone(write)))
  }
}

/** @throws what the script throws, after which nothing of it may be kept */
function perform({ statements, commands }: GroupWriter, { writes, together }: Run<WaitingWrite>): WriteOutcome[] {
  if (together !== null) {
    const settled = runScript(together(writes.map(({ argument }) => argument)), statements.execute)
    return settled.map((one) => (one.ok ? one : failure(one.error)))
  }
  return writes.map((write) => {
    const command = commandOf(commands, write.command)
    if (command === undefined) throw new Error(`no command ${write.command}`)
    return { ok: true, value: runScript(command(write.argument), statements.execute) }
  })
}

function alone<W extends OrderedWrite>(write: W): Run<W> {
  return { writes: [write], together: null }
}

function settle(outcomes: Outcomes, run: Run<WaitingWrite>, settled: readonly WriteOutcome[]): void {
  for (const [at, { index }] of run.writes.entries()) outcomes[index] = settled[at]
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
