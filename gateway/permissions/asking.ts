import type { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Ask } from './ask.ts'
import type { Verdict } from './contract.ts'

/** One call that waits for the answers to its questions. */
export class Asking {
  readonly promise: Promise<readonly Verdict[]>
  readonly asks: Ask[] = []
  #settled = false
  #missing: number
  readonly #answers: Verdict[]
  readonly #timer: NodeJS.Timeout
  readonly #resolve: (answers: readonly Verdict[]) => void
  readonly #reject: (error: NexusError) => void

  /** @param deadline milliseconds since 1970; `onExpired` makes the error, which depends on the connection */
  constructor(count: number, deadline: number, onExpired: (asking: Asking) => NexusError) {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Verdict[]>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#missing = count
    this.#answers = Array.from({ length: count }, (): Verdict => 'denied')
    this.#timer = setTimeout(() => this.fail(onExpired(this)), Math.max(0, deadline - Date.now()))
  }

  get settled(): boolean {
    return this.#settled
  }

  answer(index: number, verdict: Verdict): void {
    if (this.#settled) return
    this.#answers[index] = verdict
    this.#missing -= 1
    if (this.#missing > 0) return
    this.#settle()
    this.#resolve(this.#answers)
  }

  fail(error: NexusError): void {
    if (this.#settled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#settled = true
    clearTimeout(this.#timer)
  }
}
