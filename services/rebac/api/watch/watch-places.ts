import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Caller } from '../authenticator.ts'

/** Counts the watches of each client: every one costs a reader of the log and what it is about to send. */
export class WatchPlaces {
  readonly #limit: number
  readonly #taken = new Map<string, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** A place, until the function is called. @throws NexusError TOO_MANY_WATCHES */
  take({ name }: Pick<Caller, 'name'>): () => void {
    const taken = this.#taken.get(name) ?? 0
    if (taken >= this.#limit) {
      const message = `The secret "${name}" has ${taken} watches open; at most ${this.#limit} are allowed at once.`
      throw new NexusError('TOO_MANY_WATCHES', message, { data: { limit: this.#limit } })
    }
    this.#taken.set(name, taken + 1)
    return () => this.#leave(name)
  }

  #leave(name: string): void {
    const left = (this.#taken.get(name) ?? 1) - 1
    if (left === 0) this.#taken.delete(name)
    else this.#taken.set(name, left)
  }
}
