/** How much of a proof is run. */
export interface Scale {
  /** A few seconds, for `npm test`; otherwise what docs/reliability.md promises. */
  readonly fast: boolean
  /** How long a proof that is measured in time goes on; its own measure if null. */
  readonly minutes: number | null
  /** Where pictures are written. */
  readonly reportDir: string
}

/** What a proof found. */
export interface Outcome {
  /** What was counted and measured, for the reader. */
  readonly figures: Readonly<Record<string, number | string>>
  /** What did not hold, in words; the proof stands if there is nothing. */
  readonly problems: readonly string[]
}

/** A fault or a load, and what must hold under it. */
export interface Proof {
  readonly name: string
  readonly promise: string
  /** Why it cannot be run on this machine, in words; null if it can. */
  impossibleBecause?(): string | null
  run(scale: Scale, say: (line: string) => void): Promise<Outcome>
}

/** So many problems are kept in words; all are counted. */
const KEPT = 20

/** Collects what does not hold. */
export class Problems {
  readonly #kept: string[] = []
  #count = 0

  add(problem: string): void {
    this.#count += 1
    if (this.#kept.length < KEPT) this.#kept.push(problem)
  }

  addAll(problems: readonly string[]): void {
    for (const problem of problems) this.add(problem)
  }

  /** Adds the sentence unless the condition holds. */
  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.add(otherwise)
  }

  get list(): readonly string[] {
    const more = this.#count - this.#kept.length
    return more > 0 ? [...this.#kept, `... and ${more} more like these`] : this.#kept
  }
}
