import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { NexusError } from '../../errors/nexus-error.ts'
import type { DatabaseObserver } from '../database.ts'
import type { CommandSet } from '../script.ts'
import { type QueuedWrite, WriteQueue } from '../write-queue.ts'
import { isConflict, isConnectionLoss, postgresError } from './errors.ts'
import { CommitUnknownError, type Outcome, writeGroup } from './write-group.ts'

const FIRST_RETRY_MS = 10
const LAST_RETRY_MS = 500

/** Commits the writes of one group name, one transaction after the other. */
export class GroupWriter {
  readonly queue = new WriteQueue()
  readonly #pool: pg.Pool
  readonly #commands: CommandSet
  readonly #observer: DatabaseObserver
  #running: Promise<void> | undefined

  constructor(pool: pg.Pool, commands: CommandSet, observer: DatabaseObserver) {
    this.#pool = pool
    this.#commands = commands
    this.#observer = observer
  }

  /** Nothing waits and nothing runs. */
  get idle(): boolean {
    return this.#running === undefined && this.queue.depth === 0
  }

  readonly wake = (): void => {
    this.#running ??= this.#drain()
  }

  async settled(): Promise<void> {
    await this.#running
  }

  async #drain(): Promise<void> {
    // The writes of one turn of the event loop share the first transaction.
    await Promise.resolve()
    for (let group = this.queue.take(); group.length > 0; group = this.queue.take()) {
      const begun = Date.now()
      const outcomes = await this.#commit(group)
      this.#observer.onGroup?.({
        commands: group.map(({ command }) => command),
        waitMs: begun - (group[0]?.queuedAt ?? begun),
        commitMs: Date.now() - begun,
      })
      for (const [index, write] of group.entries()) {
        const outcome = outcomes[index]
        if (outcome?.ok === true) write.resolve(outcome.value)
        else write.reject(postgresError(outcome?.error))
      }
    }
    this.#running = undefined
    if (this.queue.depth > 0) this.wake()
  }

  /** Retries conflicts and lost connections until the last deadline of the group. */
  async #commit(group: readonly QueuedWrite[]): Promise<readonly Outcome[]> {
    const deadline = Math.max(...group.map((write) => write.deadline))
    let pause = FIRST_RETRY_MS
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(group)
      } catch (error) {
        this.#observer.onRetry?.({ error, attempt })
        if (error instanceof CommitUnknownError) {
          const known = await this.#resolveCommit(error, deadline)
          if (known !== undefined) return known
        } else if (!isConflict(error) && !isConnectionLoss(error)) {
          return group.map(() => ({ ok: false, error }))
        }
        if (Date.now() + pause >= deadline) return group.map(() => ({ ok: false, error: postgresError(error) }))
        await delay(pause * (0.5 + Math.random()))
        pause = Math.min(pause * 2, LAST_RETRY_MS)
      }
    }
  }

  async #attempt(group: readonly QueuedWrite[]): Promise<readonly Outcome[]> {
    const client = await this.#pool.connect()
    try {
      const outcomes = await writeGroup(client, this.#commands, group)
      client.release()
      return outcomes
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  /** Asks the server what became of a commit whose answer was lost; undefined if it was rolled back. */
  async #resolveCommit(lost: CommitUnknownError, deadline: number): Promise<readonly Outcome[] | undefined> {
    for (let pause = FIRST_RETRY_MS; Date.now() < deadline; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        const { rows } = await this.#pool.query<{ status: string }>('select pg_xact_status($1::xid8) as status', [
          lost.transactionId,
        ])
        if (rows[0]?.status === 'committed') return lost.outcomes
        if (rows[0]?.status === 'aborted') return undefined
      } catch (error) {
        if (!isConnectionLoss(error)) throw error
      }
      await delay(pause)
    }
    const error = new NexusError(
      'UNAVAILABLE',
      'The connection to the database was lost while committing; the write may or may not have happened.',
      { cause: lost, data: { outcome: 'unknown' } },
    )
    return lost.outcomes.map(() => ({ ok: false, error }))
  }
}
