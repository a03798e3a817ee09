import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** Bounds how many calls are in flight, so that a flood is refused early instead of exhausting memory. */
export class InFlight {
  readonly #limit: number
  #count = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  /** @throws NexusError BUSY */
  enter(): void {
    if (this.#count >= this.#limit)
      throw new NexusError('BUSY', `${this.#limit} calls are in flight already; try again later.`)
    this.#count++
  }

  leave(): void {
    this.#count--
  }
}
