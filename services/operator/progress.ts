import type { Writable } from 'node:stream'
import { NexusError } from '../common/errors/nexus-error.ts'

/** How often a long step says how far it is, in milliseconds. */
const EVERY_MS = 1_000

/** Tells a person how long work goes on, and the work that it was interrupted. */
export class Progress {
  readonly #out: Writable
  readonly #interrupted: AbortSignal
  readonly #begun = performance.now()
  #what = ''
  #nextAt = 0

  constructor(out: Writable, interrupted: AbortSignal) {
    this.#out = out
    this.#interrupted = interrupted
  }

  /** A new step begins. @throws NexusError CANCELLED after a signal */
  step(what: string): void {
    this.#stopIfInterrupted()
    this.#what = what
    this.#nextAt = performance.now() + EVERY_MS
    this.#say('')
  }

  /** The step has come so far. @throws NexusError CANCELLED after a signal */
  at(done: number, total?: number): void {
    this.#stopIfInterrupted()
    if (performance.now() < this.#nextAt) return
    this.#nextAt = performance.now() + EVERY_MS
    this.#say(`: ${count(done)}${total === undefined ? '' : ` of ${count(total)}`}`)
  }

  /** A fact that is worth a line of its own. */
  note(text: string): void {
    this.#out.write(`${this.#seconds()}  ${text}\n`)
  }

  /** Since the beginning, for people. */
  get elapsed(): string {
    return `${((performance.now() - this.#begun) / 1_000).toFixed(1)} s`
  }

  #say(figures: string): void {
    this.note(`${this.#what}${figures} ...`)
  }

  #seconds(): string {
    return `[${this.elapsed.padStart(8)}]`
  }

  #stopIfInterrupted(): void {
    if (this.#interrupted.aborted) throw new NexusError('CANCELLED', 'Interrupted; what was begun is removed again.')
  }
}

/** 1,234,567 */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}
