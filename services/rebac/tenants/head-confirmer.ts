import type { RelationshipStore } from '../store/contract.ts'
import type { Sequence } from './sequence.ts'

/** What the database said about a tenant's revision, and when it was asked. */
export interface ConfirmedHead {
  readonly head: number
  /** In the registry's order of events: whatever arrived before is covered. */
  readonly begunAt: number
  /** Milliseconds since 1970. */
  readonly begunMs: number
}

/** A stuck query must not make all that come after it wait for its end. */
const MAX_QUERIES_IN_FLIGHT = 2

/**
 * Asks for the heads of tenants in shared queries: all that wait when a query begins are answered by it, so a wave of
 * checks costs one round trip, and no answer is older than its question.
 */
export class HeadConfirmer {
  readonly #store: RelationshipStore
  readonly #sequence: Sequence
  #waiting = new Map<string, PromiseWithResolvers<ConfirmedHead>>()
  #inFlight = 0
  #scheduled = false

  constructor(store: RelationshipStore, sequence: Sequence) {
    this.#store = store
    this.#sequence = sequence
  }

  /** The head of a tenant by a query that begins after this call. */
  confirm(tenant: string): Promise<ConfirmedHead> {
    const waiting = this.#waiting.get(tenant)
    if (waiting !== undefined) return waiting.promise
    const promised = Promise.withResolvers<ConfirmedHead>()
    this.#waiting.set(tenant, promised)
    this.#schedule()
    return promised.promise
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0 || this.#inFlight >= MAX_QUERIES_IN_FLIGHT) return
    this.#scheduled = true
    // The end of the turn, so that everything that arrived in it shares the query.
    setImmediate(() => {
      this.#scheduled = false
      void this.#query()
    })
  }

  async #query(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = new Map()
    this.#inFlight += 1
    const begunAt = this.#sequence.next()
    const begunMs = Date.now()
    try {
      const heads = await this.#store.heads([...batch.keys()])
      for (const [tenant, promised] of batch) promised.resolve({ head: heads.get(tenant) ?? 0, begunAt, begunMs })
    } catch (error) {
      for (const promised of batch.values()) promised.reject(error)
    } finally {
      this.#inFlight -= 1
      this.#schedule()
    }
  }
}
