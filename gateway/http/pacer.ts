/** How many calls may begin in one turn of the event loop. */
const STARTS_PER_TURN = 8

/**
 * Lets a flood of calls begin a few at a time, in the order of their coming, so that every turn of the event loop stays
 * short: health checks, timers and the answers of the permission service get their turn between them. It holds nothing
 * back that could run, and a call that waits for somebody else keeps nobody from beginning.
 */
export class Pacer {
  #begun = 0
  #scheduled = false
  readonly #waiting: (() => void)[] = []

  /** Resolves when the call may begin. */
  turn(): Promise<void> | undefined {
    this.#schedule()
    if (this.#waiting.length === 0 && this.#begun < STARTS_PER_TURN) {
      this.#begun++
      return undefined
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const starts = this.#waiting.splice(0, STARTS_PER_TURN)
      this.#begun = starts.length
      if (starts.length > 0) this.#schedule()
      for (const start of starts) start()
    })
  }
}
