import type pg from 'pg'
import { NexusError } from '../../errors/nexus-error.ts'
import { runScriptAsync } from '../run-script.ts'
import type { CommandSet, Script } from '../script.ts'
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

/**
 * Commits a group of writes in one transaction, a savepoint each.
 * @throws what ends the whole transaction: conflicts and lost connections (nothing was changed) and CommitUnknownError
 */
export async function writeGroup(client: pg.PoolClient, commands: CommandSet, group: readonly QueuedWrite[]): Promise<Outcome[]> {
  const transactionId = await begin(client)
  const outcomes: Outcome[] = []
  for (const write of group) outcomes.push(await writeOne(client, commands, write))
  try {
    await client.query('commit')
  } catch (error) {
    throw isConnectionLoss(error) ? new CommitUnknownError(transactionId, outcomes, error) : error
  }
  return outcomes
}

async function begin(client: pg.PoolClient): Promise<string> {
  const results = (await client.query(
    'begin isolation level read committed; select pg_current_xact_id()::text as id',
  )) as unknown as readonly pg.QueryResult<{ id: string }>[]
  return results[1]?.rows[0]?.id ?? ''
}

async function writeOne(client: pg.PoolClient, commands: CommandSet, write: QueuedWrite): Promise<Outcome> {
  const command = commands[write.command] as ((argument: unknown) => Script<unknown>) | undefined
  if (command === undefined) return { ok: false, error: new Error(`no command ${write.command}`) }
  await client.query('savepoint one')
  try {
    const value = await runScriptAsync(command(write.argument), (statement) => execute(client, statement))
    await client.query('release one')
    return { ok: true, value }
  } catch (error) {
    if (!(error instanceof NexusError) && (isConflict(error) || isConnectionLoss(error))) throw error
    await client.query('rollback to one')
    await client.query('release one')
    return { ok: false, error }
  }
}
