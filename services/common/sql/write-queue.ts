import { NexusError } from '../errors/nexus-error.ts'
import { LONGEST_TIMER_MS } from '../longest-timer.ts'
import { DEFAULT_TIMEOUT_MS, GROUP_LIMIT, QUEUE_LIMIT } from './database.ts'

/** A write that waits for its transaction. */
export interface QueuedWrite {
  readonly command: string
  readonly argument: unknown
  readonly deadline: number
  readonly queuedAt: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** How many writes wait in all queues of one database. */
export interface Waiting {
  count: number
}

/** First in, first out, bounded. The owner takes groups; nothing here runs a transaction. */
export class WriteQueue {
  readonly #waiting: Waiting
  #items: QueuedWrite[] = []
  #closed = false
  #sweepAt = Infinity
  #sweeper: NodeJS.Timeout | undefined

  constructor(waiting: Waiting = { count: 0 }) {
    this.#waiting = waiting
  }

  get depth(): number {
    return this.#items.length
  }

  /** Queues a write; `wake` is called after it stands in the queue. */
  add(command: string, argument: unknown, deadline: number | undefined, wake: () => void): Promise<unknown> {
    if (this.#closed) return Promise.reject(shuttingDown())
    if (this.#waiting.count >= QUEUE_LIMIT) {
      return Promise.reject(new NexusError('BUSY', `${QUEUE_LIMIT} writes are waiting already; try again later.`))
    }
    const queuedAt = Date.now()
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const item = { command, argument, deadline: deadline ?? queuedAt + DEFAULT_TIMEOUT_MS, queuedAt, resolve, reject }
    this.#items.push(item)
    this.#waiting.count++
    this.#sweepBy(item.deadline)
    wake()
    return promise
  }

  /** The next group, in order; those whose deadline has passed are answered and left out. */
  take(): QueuedWrite[] {
    const now = Date.now()
    const group: QueuedWrite[] = []
    let taken = 0
    while (group.length < GROUP_LIMIT && taken < this.#items.length) {
      const item = this.#items[taken++]
      if (item === undefined) break
      if (item.deadline <= now) item.reject(deadlinePassed())
      else group.push(item)
    }
    this.#items.splice(0, taken)
    this.#waiting.count -= taken
    return group
  }

  /** Answers all that waits with an error. */
  rejectAll(error: unknown): void {
    const items = this.#items
    this.#items = []
    this.#waiting.count -= items.length
    for (const item of items) item.reject(error)
  }

  /** Refuses further writes. */
  close(): void {
    this.#closed = true
  }

  /** A write is answered at its deadline even while the transaction before it is stuck. */
  #sweepBy(deadline: number): void {
    if (deadline >= this.#sweepAt) return
    this.#sweepAt = deadline
    clearTimeout(this.#sweeper)
    const wait = Math.min(Math.max(deadline - Date.now(), 0) + 1, LONGEST_TIMER_MS)
    this.#sweeper = setTimeout(() => this.#sweep(), wait)
    this.#sweeper.unref()
  }

  #sweep(): void {
    this.#sweepAt = Infinity
    const now = Date.now()
    const late = this.#items.filter((item) => item.deadline <= now)
    if (late.length > 0) {
      this.#items = this.#items.filter((item) => item.deadline > now)
      this.#waiting.count -= late.length
      for (const item of late) item.reject(deadlinePassed())
    }
    let next = Infinity
    for (const item of this.#items) next = Math.min(next, item.deadline)
    this.#sweepBy(next)
  }
}

export function deadlinePassed(): NexusError {
  return new NexusError(
    'UNAVAILABLE',
    'The database could not take the write before its deadline; nothing was changed.',
  )
}

export function shuttingDown(): NexusError {
  return new NexusError('UNAVAILABLE', 'The server is shutting down.')
}

/** The connection, or the writer, was lost while it committed. */
export function outcomeUnknown(cause: unknown): NexusError {
  return new NexusError(
    'UNAVAILABLE',
    'The connection to the database was lost while committing; the write may or may not have happened.',
    { cause, data: { outcome: 'unknown' } },
  )
}
