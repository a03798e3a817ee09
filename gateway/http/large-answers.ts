import type { Response } from 'express'
import { cancelled } from '../../services/common/errors/nexus-error.ts'
import { Slots } from '../slots.ts'

/** So many are made and sent at once: each may hold some hundred megabytes until its caller has taken it. */
const AT_ONCE = 4

/** Bounds how many calls have large answers at once. */
export class LargeAnswers {
  readonly #slots = new Slots(AT_ONCE, 'calls with long answers')

  /**
   * How a call waits for one of the places, as often as it likes; it has it until its answer was taken or nobody waits.
   * @param deadline milliseconds since 1970
   */
  placeFor(response: Response, deadline: number): () => Promise<void> {
    let place: Promise<void> | undefined
    return () => (place ??= this.#enter(response, deadline))
  }

  async #enter(response: Response, deadline: number): Promise<void> {
    await this.#slots.enter(deadline)
    if (!response.destroyed) return void response.once('close', () => this.#slots.leave())
    this.#slots.leave()
    throw cancelled()
  }
}
