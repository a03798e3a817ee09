import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Schema } from '../../schema/schema.ts'
import type { EvaluationView, Work } from '../../tenants/tenant-view.ts'
import { TURN_MS } from '../limits.ts'
import { Evaluation } from './evaluation.ts'
import type { Question, QuestionScope } from './question.ts'

/** A question that waits for its answer. */
export interface Asked {
  readonly question: Question
  /** Milliseconds since 1970. */
  readonly deadline: number
  /** True once nobody waits any more. */
  readonly isCancelled: () => boolean
}

/** An answer that is no decision. */
export class Undecided {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

/** Allowed, for everything below the object as well. */
export const COVERING = 'covering'

export type Outcome = boolean | typeof COVERING | Undecided

/** How many questions are answered between two looks at the clock. */
const CLOCK_STRIDE = 16

/** Questions of one scope on their way through one revision of a tenant. */
export class AnswerRun {
  /** In the order of the questions. */
  readonly outcomes: Outcome[] = []
  readonly revision: number
  readonly #asked: readonly Asked[]
  readonly #evaluation: Evaluation

  /** @throws NexusError if something that all questions share is wrong */
  constructor(view: EvaluationView, schema: Schema, scope: QuestionScope, asked: readonly Asked[]) {
    this.revision = view.revision
    this.#asked = asked
    this.#evaluation = new Evaluation(view, schema, scope, latestDeadline(asked))
  }

  /** Answers for one turn's share of time. True if all were answered. */
  advance(): boolean {
    const turnEnd = performance.now() + TURN_MS
    let now = Date.now()
    while (this.outcomes.length < this.#asked.length) {
      const asked = this.#asked[this.outcomes.length]
      if (asked === undefined) break
      this.outcomes.push(this.#answer(asked, now))
      if (this.outcomes.length % CLOCK_STRIDE !== 0) continue
      if (performance.now() > turnEnd) break
      now = Date.now()
    }
    return this.outcomes.length === this.#asked.length
  }

  /** Answers the rest; the tenant stays at its revision, and others run in between. */
  *rest(): Work<this> {
    while (!this.advance()) yield
    return this
  }

  #answer(asked: Asked, now: number): Outcome {
    if (asked.isCancelled()) return new Undecided(new NexusError('CANCELLED', 'The question was cancelled.'))
    if (asked.deadline <= now) {
      return new Undecided(new NexusError('DEADLINE_EXCEEDED', 'The question was not answered within its deadline.'))
    }
    try {
      const allowed = this.#evaluation.allows(asked.question)
      return allowed && this.#evaluation.covers(asked.question) ? COVERING : allowed
    } catch (error) {
      return new Undecided(error)
    }
  }
}

function latestDeadline(asked: readonly Asked[]): number {
  let latest = 0
  for (const { deadline } of asked) latest = Math.max(latest, deadline)
  return latest
}
