import { LRUCache } from 'lru-cache'

interface Entry<V> {
  readonly value: V | null
  /** When the query began that found it: what was changed before then was seen. */
  readonly askedAt: number
}

interface Waiter<V> {
  readonly resolve: (value: V | null) => void
  readonly reject: (error: unknown) => void
}

export interface FreshCacheOptions<V> {
  /** Finds many values in one query; what is not in the answer does not exist. */
  readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>
  /** How old an answer may be, in milliseconds. */
  readonly maxAgeMs: number
  /** How many answers are kept, those that say "there is none" included. */
  readonly maxEntries: number
  readonly now?: () => number
}

/** How many keys one query asks for. */
const BATCH_LIMIT = 500

/**
 * Answers from memory while the answer is young, else from one query at a time that serves everyone who waits. So the
 * number of queries is bounded by time, not by callers, however many different or unknown keys they bring.
 */
export class FreshCache<V> {
  readonly #entries: LRUCache<string, Entry<V>>
  readonly #options: FreshCacheOptions<V>
  readonly #now: () => number
  readonly #waiting = new Map<string, Waiter<V>[]>()
  #running = false

  constructor(options: FreshCacheOptions<V>) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#entries = new LRUCache({ max: options.maxEntries })
  }

  /** The value, or null if there is none. @throws what `load` throws */
  get(key: string): Promise<V | null> | V | null {
    const entry = this.#entries.get(key)
    if (entry !== undefined && this.#now() - entry.askedAt < this.#options.maxAgeMs) return entry.value
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(key)
      if (waiters === undefined) this.#waiting.set(key, [{ resolve, reject }])
      else waiters.push({ resolve, reject })
      if (this.#running) return
      this.#running = true
      queueMicrotask(() => void this.#drain())
    })
  }

  /** Whether there was such a value when it was last asked for, however long ago. */
  knows(key: string): boolean {
    return (this.#entries.peek(key)?.value ?? null) !== null
  }

  /** The next call asks again. */
  forget(key: string): void {
    this.#entries.delete(key)
  }

  async #drain(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH_LIMIT)
      for (const [key] of batch) this.#waiting.delete(key)
      await this.#ask(batch)
    }
    this.#running = false
  }

  async #ask(batch: readonly (readonly [string, readonly Waiter<V>[]])[]): Promise<void> {
    const askedAt = this.#now()
    try {
      const found = await this.#options.load(batch.map(([key]) => key))
      for (const [key, waiters] of batch) {
        const value = found.get(key) ?? null
        this.#entries.set(key, { value, askedAt })
        for (const waiter of waiters) waiter.resolve(value)
      }
    } catch (error) {
      for (const [, waiters] of batch) for (const waiter of waiters) waiter.reject(error)
    }
  }
}
