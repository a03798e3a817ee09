import type { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Asking } from './asking.ts'
import type { PermissionQuestion, Verdict } from './contract.ts'

/** A question with everybody who waits for its answer. */
export class Ask {
  readonly question: PermissionQuestion
  /** The latest of those who wait, in milliseconds since 1970. */
  deadline = 0
  readonly #waiting: { readonly asking: Asking; readonly index: number }[] = []

  constructor(question: PermissionQuestion) {
    this.question = question
  }

  join(asking: Asking, index: number, deadline: number): void {
    this.#waiting.push({ asking, index })
    this.deadline = Math.max(this.deadline, deadline)
    asking.asks.push(this)
  }

  /** Takes over those who wait for the same question. */
  adopt(other: Ask): void {
    for (const { asking, index } of other.#waiting) this.join(asking, index, other.deadline)
  }

  get isWanted(): boolean {
    return this.#waiting.some(({ asking }) => !asking.settled)
  }

  answer(verdict: Verdict): void {
    for (const { asking, index } of this.#waiting) asking.answer(index, verdict)
  }

  fail(error: NexusError): void {
    for (const { asking } of this.#waiting) asking.fail(error)
  }
}
