const PLAIN_INTERVAL_MS = 5_000

/** A terminal, a pipe, or nothing. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** One line that is rewritten in place on a terminal; elsewhere a line now and then. */
export class Progress {
  readonly #out: ProgressOutput
  readonly #started = performance.now()
  #lastPlain = -Infinity
  #open = false

  constructor(out: ProgressOutput) {
    this.#out = out
  }

  /** What happens now; may be dropped. */
  update(text: string): void {
    if (this.#out.isTTY) {
      this.#out.write(`\r\u001b[K${this.#stamp()} ${text}`)
      this.#open = true
    } else if (performance.now() - this.#lastPlain > PLAIN_INTERVAL_MS) {
      this.#lastPlain = performance.now()
      this.#out.write(`${this.#stamp()} ${text}\n`)
    }
  }

  /** What stays. */
  say(text: string): void {
    if (this.#open) this.#out.write('\r\u001b[K')
    this.#open = false
    this.#out.write(`${this.#stamp()} ${text}\n`)
  }

  #stamp(): string {
    return `[${((performance.now() - this.#started) / 1_000).toFixed(1).padStart(6)} s]`
  }
}
