import type { Aggregation } from './column-config.ts'

/** Cells that stand for no value. */
const MISSING: ReadonlySet<string> = new Set(['', 'na', 'n/a', 'nan', 'null', 'none'])

/** Gathers the values of one column. */
export class Aggregator {
  readonly #aggregation: Aggregation
  readonly #numbers: number[] = []
  #count = 0
  /** A cell that is no number, where numbers are needed. */
  notNumber: string | null = null

  constructor(aggregation: Aggregation) {
    this.#aggregation = aggregation
  }

  add(cell: string): void {
    const text = cell.trim()
    if (MISSING.has(text.toLowerCase())) return
    this.#count++
    if (this.#aggregation === 'count') return
    const value = Number(text)
    if (Number.isFinite(value)) this.#numbers.push(value)
    else this.notNumber ??= text
  }

  /** null where the values do not give one: a mean of none, a deviation of one. */
  result(): number | null {
    const numbers = this.#numbers
    const sum = () => numbers.reduce((total, value) => total + value, 0)
    switch (this.#aggregation) {
      case 'count':
        return this.#count
      case 'sum':
        return sum()
      case 'mean':
        return numbers.length === 0 ? null : sum() / numbers.length
      case 'min':
        return numbers.reduce<number | null>((least, value) => (least === null || value < least ? value : least), null)
      case 'max':
        return numbers.reduce<number | null>((most, value) => (most === null || value > most ? value : most), null)
      case 'median':
        return median(numbers)
      case 'std':
        return deviation(numbers)
    }
  }
}

function median(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** Of a sample. */
function deviation(numbers: readonly number[]): number | null {
  if (numbers.length < 2) return null
  const mean = numbers.reduce((total, value) => total + value, 0) / numbers.length
  return Math.sqrt(numbers.reduce((total, value) => total + (value - mean) ** 2, 0) / (numbers.length - 1))
}
