/** Waits for a ring, or a time; a ring that comes while nobody waits is kept. */
export class Alarm {
  #rung = false
  #wake: (() => void) | null = null

  readonly ring = (): void => {
    this.#rung = true
    this.#wake?.()
  }

  /** Forgets a ring: whatever it announced is about to be looked at. */
  reset(): void {
    this.#rung = false
  }

  /** Resolves when it rang, or after the time in milliseconds. */
  async wait(ms: number): Promise<void> {
    if (this.#rung) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, Math.max(0, ms))
    this.#wake = resolve
    await promise
    this.#wake = null
    clearTimeout(timer)
  }
}
