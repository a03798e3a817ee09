import type { Aggregation } from './column-config.ts'
import { Numbers } from './median.ts'

/** Cells that stand for no value. */
const MISSING: ReadonlySet<string> = new Set(['', 'na', 'n/a', 'nan', 'null', 'none'])

/** Sums up the values of one column, of which only a median holds each. */
export class Aggregator {
  readonly #aggregation: Aggregation
  readonly #numbers = new Numbers()
  #count = 0
  #sum = 0
  #least = Number.POSITIVE_INFINITY
  #most = Number.NEGATIVE_INFINITY
  /** As Welford: the mean so far, and the sum of squared distances from it. */
  #mean = 0
  #squares = 0
  /** A cell that is no number, where numbers are needed. */
  notNumber: string | null = null

  constructor(aggregation: Aggregation) {
    this.#aggregation = aggregation
  }

  add(cell: string): void {
    const text = cell.trim()
    if (MISSING.has(text.toLowerCase())) return
    if (this.#aggregation === 'count') {
      this.#count++
      return
    }
    const value = Number(text)
    if (Number.isFinite(value)) this.#take(value)
    else this.notNumber ??= text
  }

  #take(value: number): void {
    this.#count++
    if (this.#aggregation === 'median') return this.#numbers.add(value)
    this.#sum += value
    if (value < this.#least) this.#least = value
    if (value > this.#most) this.#most = value
    const distance = value - this.#mean
    this.#mean += distance / this.#count
    this.#squares += distance * (value - this.#mean)
  }

  /**
   * null where the values do not give one: a mean of none, a deviation of one. To be asked for once, after the last.
   * @param pause lets others run
   */
  async result(pause: () => Promise<void>): Promise<number | null> {
    switch (this.#aggregation) {
      case 'count':
        return this.#count
      case 'sum':
        return this.#sum
      case 'mean':
        return this.#count === 0 ? null : this.#sum / this.#count
      case 'min':
        return this.#count === 0 ? null : this.#least
      case 'max':
        return this.#count === 0 ? null : this.#most
      case 'median':
        return await this.#numbers.median(pause)
      case 'std':
        // Of a sample.
        return this.#count < 2 ? null : Math.sqrt(this.#squares / (this.#count - 1))
    }
  }
}
