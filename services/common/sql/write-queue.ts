import { NexusError } from '../errors/nexus-error.ts'
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

/** First in, first out, bounded. The owner takes groups; nothing here runs a transaction. */
export class WriteQueue {
  #items: QueuedWrite[] = []
  #closed = false

  get depth(): number {
    return this.#items.length
  }

  /** Queues a write; `wake` is called after it stands in the queue. */
  add(command: string, argument: unknown, deadline: number | undefined, wake: () => void): Promise<unknown> {
    if (this.#closed) return Promise.reject(new NexusError('UNAVAILABLE', 'The server is shutting down.'))
    if (this.#items.length >= QUEUE_LIMIT) {
      return Promise.reject(new NexusError('BUSY', `${QUEUE_LIMIT} writes are waiting already; try again later.`))
    }
    return new Promise((resolve, reject) => {
      const queuedAt = Date.now()
      this.#items.push({ command, argument, deadline: deadline ?? queuedAt + DEFAULT_TIMEOUT_MS, queuedAt, resolve, reject })
      wake()
    })
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
    return group
  }

  /** Refuses further writes. */
  close(): void {
    this.#closed = true
  }
}

export function deadlinePassed(): NexusError {
  return new NexusError('UNAVAILABLE', 'The database could not take the write before its deadline; nothing was changed.')
}
