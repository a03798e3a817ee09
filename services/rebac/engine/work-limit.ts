import { NexusError } from '../../common/errors/nexus-error.ts'
import type { EvaluationOptions } from './options.ts'

/** How much work passes between two looks at the clock. */
const CLOCK_INTERVAL = 1024

/** Counts the work of one question. Running out is an error that ends the question: it never looks like a denial. */
export class WorkLimit {
  readonly #budget: number
  readonly #deadline: number
  #left: number
  #untilClock = 0

  constructor(options: Pick<EvaluationOptions, 'nodeBudget' | 'deadline'>) {
    this.#budget = options.nodeBudget > 0 ? options.nodeBudget : Infinity
    this.#deadline = options.deadline
    this.#left = this.#budget
  }

  /** Each question has the whole budget. */
  restart(): void {
    this.#left = this.#budget
  }

  /** @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED */
  spend(): void {
    if (--this.#left < 0) {
      const message = `The evaluation looked at more than ${this.#budget} nodes, its budget.`
      throw new NexusError('NODE_BUDGET_EXCEEDED', message)
    }
    if (--this.#untilClock < 0) this.#checkClock()
  }

  #checkClock(): void {
    this.#untilClock = CLOCK_INTERVAL
    if (this.#deadline !== Infinity && Date.now() >= this.#deadline) {
      throw new NexusError('DEADLINE_EXCEEDED', 'The evaluation did not end before its deadline.')
    }
  }
}
