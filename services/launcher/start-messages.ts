import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/**
 * Passes on what the children write to standard error. Two children that refuse the same setting say the same
 * sentence; it is shown once. Log lines (JSON) always pass.
 */
export class StartMessages {
  readonly #shown = new Set<string>()
  readonly #out: Writable

  constructor(out: Writable) {
    this.#out = out
  }

  forward(source: Readable): void {
    createInterface({ input: source, crlfDelay: Infinity }).on('line', (line) => this.#line(line))
  }

  /** From now on a sentence may come again: the system has started. */
  startOver(): void {
    this.#shown.clear()
  }

  #line(line: string): void {
    if (!line.startsWith('{')) {
      if (this.#shown.has(line)) return
      this.#shown.add(line)
    }
    this.#out.write(`${line}\n`)
  }
}
