import { NexusError } from '../services/common/errors/nexus-error.ts'

/** Lets a few tasks run at once; the others wait in their order. */
export class Slots {
  readonly #limit: number
  readonly #what: string
  #taken = 0
  readonly #waiting: (() => void)[] = []

  /** @param what the tasks are, for the error */
  constructor(limit: number, what: string) {
    this.#limit = limit
    this.#what = what
  }

  /**
   * Waits for a slot; to be given back by `leave`.
   * @param deadline milliseconds since 1970
   * @throws NexusError BUSY if none is free until then
   */
  async enter(deadline: number): Promise<void> {
    if (this.#taken < this.#limit) {
      this.#taken++
      return
    }
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        clearTimeout(limit)
        resolve()
      }
      const limit = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(new NexusError('BUSY', `Too many ${this.#what} are running; try again later.`))
      }, deadline - Date.now())
      this.#waiting.push(turn)
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    // The slot goes from hand to hand.
    if (next === undefined) this.#taken--
    else next()
  }
}
