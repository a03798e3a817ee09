import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { DatabaseObserver } from '../database.ts'
import { tell } from '../observe.ts'
import type { CommandSet } from '../script.ts'
import { deadlinePassed, outcomeUnknown, type QueuedWrite, type Waiting, WriteQueue } from '../write-queue.ts'
import { isConflict, isConnectionLoss, postgresError } from './errors.ts'
import { CommitUnknownError, type Outcome, RolledBackError, writeGroup } from './write-group.ts'

const FIRST_RETRY_MS = 10
const LAST_RETRY_MS = 500
/** An attempt gets at least this long, so that one impatient write does not abort its whole group. */
const SHORTEST_ATTEMPT_MS = 250
/** How long to ask after the fate of a commit, whatever the deadlines. */
const SHORTEST_INQUIRY_MS = 1_000

/** Commits the writes of one group name, one transaction after the other. */
export class GroupWriter {
  readonly queue: WriteQueue
  readonly #pool: pg.Pool
  readonly #commands: CommandSet
  readonly #observer: DatabaseObserver
  #running: Promise<void> | undefined

  constructor(pool: pg.Pool, commands: CommandSet, observer: DatabaseObserver, waiting: Waiting) {
    this.queue = new WriteQueue(waiting)
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
    while (this.#running !== undefined) await this.#running
  }

  async #drain(): Promise<void> {
    // The writes of one turn of the event loop share the first transaction.
    await Promise.resolve()
    for (let group = this.queue.take(); group.length > 0; group = this.queue.take()) {
      const begun = Date.now()
      try {
        await this.#commit(group)
      } catch (error) {
        for (const write of group) write.reject(postgresError(error))
      }
      tell(this.#observer.onGroup, {
        commands: group.map(({ command }) => command),
        waitMs: begun - (group[0]?.queuedAt ?? begun),
        commitMs: Date.now() - begun,
      })
    }
    this.#running = undefined
  }

  /** Answers each write of the group: retries conflicts and lost connections while a write has time left. */
  async #commit(group: readonly QueuedWrite[]): Promise<void> {
    let waiting = group
    let pause = FIRST_RETRY_MS
    let last: unknown
    let stepwise = false
    for (let attempt = 1; ; attempt++) {
      waiting = withTimeLeft(waiting, attempt === 1 ? deadlinePassed() : postgresError(last))
      if (waiting.length === 0) return
      try {
        return answer(waiting, await this.#attempt(waiting, stepwise))
      } catch (error) {
        if (error instanceof RolledBackError) {
          last = error.cause
          stepwise = true
          continue
        }
        last = error
        tell(this.#observer.onRetry, { error, attempt })
        if (error instanceof CommitUnknownError) {
          const known = await this.#resolveCommit(error, waiting)
          if (known !== 'aborted') return answer(waiting, known)
          last = error.cause
        } else if (!isConflict(error) && !isConnectionLoss(error)) {
          throw error
        }
      }
      const earliest = Math.min(...waiting.map((write) => write.deadline))
      await delay(Math.max(Math.min(pause * (0.5 + Math.random()), earliest - Date.now()), 1))
      pause = Math.min(pause * 2, LAST_RETRY_MS)
    }
  }

  async #attempt(group: readonly QueuedWrite[], stepwise: boolean): Promise<readonly Outcome[]> {
    const client = await this.#pool.connect()
    try {
      const earliest = Math.min(...group.map((write) => write.deadline))
      const deadline = Math.max(earliest, Date.now() + SHORTEST_ATTEMPT_MS)
      const outcomes = await writeGroup(client, this.#commands, group, { deadline, stepwise })
      client.release()
      return outcomes
    } catch (error) {
      // A conflict leaves a healthy connection; anything else may have left it in any state.
      if (isConflict(error) && (await rolledBack(client))) client.release()
      else client.release(true)
      throw error
    }
  }

  /** Asks the server what became of a commit whose answer was lost. */
  async #resolveCommit(
    lost: CommitUnknownError,
    group: readonly QueuedWrite[],
  ): Promise<readonly Outcome[] | 'aborted'> {
    const deadline = Math.max(Date.now() + SHORTEST_INQUIRY_MS, ...group.map((write) => write.deadline))
    for (let pause = FIRST_RETRY_MS; Date.now() < deadline; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        const status = await this.#commitStatus(lost.transactionId)
        if (status === 'committed') return lost.outcomes
        if (status === 'aborted') return 'aborted'
        // Too old to be known, or from another life of the server.
        if (status === null) break
      } catch (error) {
        if (!isConnectionLoss(error)) break
      }
      await delay(pause)
    }
    return lost.outcomes.map(() => ({ ok: false, error: outcomeUnknown(lost) }))
  }

  async #commitStatus(transactionId: string): Promise<string | null> {
    const query = {
      text: 'select pg_xact_status($1::xid8) as status',
      values: [transactionId],
      query_timeout: SHORTEST_INQUIRY_MS,
    }
    const { rows } = await this.#pool.query<{ status: string | null }>(query)
    return rows[0]?.status ?? null
  }
}

/** Answers the writes whose deadline has passed, and returns the others. */
function withTimeLeft(group: readonly QueuedWrite[], error: unknown): readonly QueuedWrite[] {
  const now = Date.now()
  return group.filter((write) => {
    if (write.deadline > now) return true
    write.reject(error)
    return false
  })
}

function answer(group: readonly QueuedWrite[], outcomes: readonly Outcome[]): void {
  for (const [index, write] of group.entries()) {
    const outcome = outcomes[index]
    if (outcome?.ok === true) write.resolve(outcome.value)
    else write.reject(postgresError(outcome?.error))
  }
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    const query = { text: 'rollback', query_timeout: SHORTEST_INQUIRY_MS }
    await client.query(query)
    return true
  } catch {
    return false
  }
}
