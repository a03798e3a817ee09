/** Rows, below which any plan is a good one. */
const FIRST_ANALYSIS = 2_000

/**
 * Says when a table has grown so much that its statistics, and the plans made from them, are out of date: each time the
 * number of changed rows has doubled. PostgreSQL notices by itself, but only after about a minute.
 */
export class Growth {
  #changed = 0
  #next = FIRST_ANALYSIS

  /** Counts rows; true if now is the time to analyse. */
  add(rows: number): boolean {
    this.#changed += rows
    if (this.#changed < this.#next) return false
    this.#next = this.#changed * 2
    return true
  }
}
