import type pg from 'pg'
import { NexusError } from '../../errors/nexus-error.ts'
import { runScriptAsync } from '../run-script.ts'
import { commandOf, type Run, runsOf } from '../runs.ts'
import type { CommandSet } from '../script.ts'
import type { QueuedWrite } from '../write-queue.ts'
import { isConflict, isConnectionLoss } from './errors.ts'
import { execute } from './pool.ts'

/** What became of one write of a group. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

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

/** The server's own time limit comes first, so that a slow answer does not cost the connection. In milliseconds. */
const CLIENT_GRACE_MS = 200
const NEXT_SAVEPOINT = 'release one; savepoint one'

/**
 * Commits a group of writes in one transaction, a savepoint each.
 * @param deadline when to give up, in milliseconds since 1970
 * @throws what ends the whole transaction: conflicts and lost connections (nothing was changed) and CommitUnknownError
 */
export async function writeGroup(
  client: pg.PoolClient,
  commands: CommandSet,
  group: readonly QueuedWrite[],
  deadline: number,
): Promise<Outcome[]> {
  const session = new Session(client, deadline)
  const transactionId = await session.begin()
  const outcomes: Outcome[] = []
  for (const [index, run] of runsOf(commands, group).entries()) {
    // The end of one savepoint and the start of the next share a round trip.
    if (index > 0) await session.run(NEXT_SAVEPOINT)
    outcomes.push(...(await writeRun(session, commands, run)))
  }
  try {
    const { command } = await session.run('commit')
    if (command !== 'COMMIT') throw new Error(`commit answered ${command}`)
  } catch (error) {
    throw isConnectionLoss(error) ? new CommitUnknownError(transactionId, outcomes, error) : error
  }
  return outcomes
}

/** Writes that may run as one; each by itself if that fails. The savepoint has been set. */
async function writeRun(session: Session, commands: CommandSet, run: Run<QueuedWrite>): Promise<readonly Outcome[]> {
  if (run.together !== null) {
    try {
      return await runScriptAsync(run.together(run.writes.map(({ argument }) => argument)), session.execute)
    } catch (error) {
      if (!(error instanceof NexusError) && (isConflict(error) || isConnectionLoss(error))) throw error
      await session.run('rollback to one')
    }
  }
  const outcomes: Outcome[] = []
  for (const write of run.writes) {
    if (outcomes.length > 0) await session.run(NEXT_SAVEPOINT)
    outcomes.push(await writeOne(session, commands, write))
  }
  return outcomes
}

async function writeOne(session: Session, commands: CommandSet, write: QueuedWrite): Promise<Outcome> {
  const command = commandOf(commands, write.command)
  if (command === undefined) return { ok: false, error: new Error(`no command ${write.command}`) }
  try {
    return { ok: true, value: await runScriptAsync(command(write.argument), session.execute) }
  } catch (error) {
    if (!(error instanceof NexusError) && (isConflict(error) || isConnectionLoss(error))) throw error
    await session.run('rollback to one')
    return { ok: false, error }
  }
}

/** A connection, and the time that is left for what is done on it. */
class Session {
  readonly #client: pg.PoolClient
  readonly #deadline: number

  constructor(client: pg.PoolClient, deadline: number) {
    this.#client = client
    this.#deadline = deadline
  }

  readonly execute = (statement: Parameters<typeof execute>[1]): ReturnType<typeof execute> =>
    execute(this.#client, statement, this.#timeLeft() + CLIENT_GRACE_MS)

  /** Runs text without parameters. */
  run(text: string): Promise<pg.QueryResult> {
    const query = { text, query_timeout: this.#timeLeft() + CLIENT_GRACE_MS }
    return this.#client.query(query)
  }

  /** Begins the transaction, with its first savepoint, and returns its id. */
  async begin(): Promise<string> {
    const results = (await this.run(
      `begin isolation level read committed; set local lock_timeout = ${this.#timeLeft()}; select pg_current_xact_id()::text as id; savepoint one`,
    )) as unknown as readonly pg.QueryResult<{ id: string }>[]
    return results[2]?.rows[0]?.id ?? ''
  }

  /** In milliseconds, at least 1: to PostgreSQL 0 is for ever. */
  #timeLeft(): number {
    return Math.max(Math.ceil(this.#deadline - Date.now()), 1)
  }
}
