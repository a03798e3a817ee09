import type pg from 'pg'
import { NexusError } from '../../errors/nexus-error.ts'
import { commandOf, type Run, runsOf } from '../runs.ts'
import type { CommandSet } from '../script.ts'
import type { QueuedWrite } from '../write-queue.ts'
import { isConflict, isConnectionLoss } from './errors.ts'
import { WriteSession } from './write-session.ts'

/** What became of one write of a group. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

/**
 * A statement that nobody had waited for failed, and the commit sent behind it took everything back. Which write it
 * belonged to is found by running them again, each statement waited for.
 */
export class RolledBackError extends Error {
  constructor(cause: unknown) {
    super('the transaction was rolled back', { cause })
  }
}

/** The connection was lost while the transaction with this id was being committed. */
export class CommitUnknownError extends Error {
  readonly transactionId: string
  readonly outcomes: readonly Outcome[]

  constructor(transactionId: string, outcomes: readonly Outcome[], cause: unknown) {
    super('connection lost during commit', { cause })
    this.transactionId = transactionId
    this.outcomes = outcomes
  }
}

const NEXT_SAVEPOINT = 'release one; savepoint one'

export interface GroupOptions {
  /** When to give up, in milliseconds since 1970. */
  readonly deadline: number
  /** Wait for each statement before the next one is sent. */
  readonly stepwise: boolean
}

/**
 * Commits a group of writes in one transaction, a savepoint each.
 * @throws what ends the whole transaction: conflicts, lost connections and RolledBackError (nothing was changed), and
 *   CommitUnknownError
 */
export async function writeGroup(
  client: pg.PoolClient,
  commands: CommandSet,
  group: readonly QueuedWrite[],
  { deadline, stepwise }: GroupOptions,
): Promise<Outcome[]> {
  const session = new WriteSession(client, deadline, stepwise)
  const begun = session.begin()
  // Whatever is sent behind it fails with it, and says so.
  begun.catch(() => undefined)
  if (stepwise) await begun
  const outcomes: Outcome[] = []
  const runs = runsOf(commands, group)
  for (const [index, run] of runs.entries()) {
    // The end of one savepoint and the start of the next share a round trip.
    if (index > 0) await session.run(NEXT_SAVEPOINT)
    outcomes.push(...(await writeRun(session, commands, run, index === runs.length - 1)))
  }
  await commit(session, await begun, outcomes)
  return outcomes
}

async function commit(session: WriteSession, transactionId: string, outcomes: readonly Outcome[]): Promise<void> {
  const { ended, failure } = await session.commit()
  if (ended.ok && ended.command === 'COMMIT') return
  if (!ended.ok && isConnectionLoss(ended.error)) throw new CommitUnknownError(transactionId, outcomes, ended.error)
  if (failure !== null) throw isConflict(failure) ? failure : new RolledBackError(failure)
  throw ended.ok ? new Error(`commit answered ${ended.command}`) : ended.error
}

/**
 * Writes that may run as one; each by itself if that fails. The savepoint has been set.
 * @param isLast the commit comes next, and tells whether all went well
 */
async function writeRun(
  session: WriteSession,
  commands: CommandSet,
  run: Run<QueuedWrite>,
  isLast: boolean,
): Promise<readonly Outcome[]> {
  if (run.together !== null) {
    try {
      const settled = await session.drive(run.together(run.writes.map(({ argument }) => argument)))
      if (!isLast) await session.settle()
      return settled
    } catch (error) {
      await takeBack(session, error)
    }
  }
  const outcomes: Outcome[] = []
  for (const [index, write] of run.writes.entries()) {
    if (index > 0) await session.run(NEXT_SAVEPOINT)
    outcomes.push(await writeOne(session, commands, write, isLast && index === run.writes.length - 1))
  }
  return outcomes
}

async function writeOne(
  session: WriteSession,
  commands: CommandSet,
  write: QueuedWrite,
  isLast: boolean,
): Promise<Outcome> {
  const command = commandOf(commands, write.command)
  if (command === undefined) return { ok: false, error: new Error(`no command ${write.command}`) }
  try {
    const value = await session.drive(command(write.argument))
    if (!isLast) await session.settle()
    return { ok: true, value }
  } catch (error) {
    await takeBack(session, error)
    return { ok: false, error }
  }
}

/** Back to the savepoint, unless the error has ended the whole transaction. */
async function takeBack(session: WriteSession, error: unknown): Promise<void> {
  if (!(error instanceof NexusError) && (isConflict(error) || isConnectionLoss(error))) throw error
  await session.run('rollback to one')
}
