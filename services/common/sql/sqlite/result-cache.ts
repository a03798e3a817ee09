import type { Row, SqlValue } from '../script.ts'

/** What is kept costs at most, over all results, and what one may cost; see costOf. */
const COST_LIMIT = 50_000
const RESULT_COST_LIMIT = 5_000
/** Characters of text, or bytes, that cost as much as a row: 10 million in all, a million in one result. */
const TEXT_OF_COST = 200
/** Results that are kept at most. */
const RESULTS_LIMIT = 2_000

/**
 * Results of one version of a database. A page that asks ten questions asks some of them twice, and a wave of requests
 * asks the same ones: between two commits of the writer the answer cannot differ, so it is computed once. Any commit,
 * of whichever process, makes a new version and empties the cache.
 */
export class ResultCache {
  #version = -1
  #cost = 0
  readonly #results = new Map<string, readonly Row[]>()

  /** Forgets everything unless the database is still at the version of what is here. */
  useVersion(version: number): void {
    if (version === this.#version) return
    this.#version = version
    this.#clear()
  }

  get(key: string): readonly Row[] | undefined {
    return this.#results.get(key)
  }

  /** Keeps a result, frozen: from now on it is everybody's. One that is too large is left as it is. */
  set(key: string, rows: readonly Row[]): void {
    const cost = costOf(key, rows)
    if (cost > RESULT_COST_LIMIT) return
    if (this.#results.size >= RESULTS_LIMIT || this.#cost + cost > COST_LIMIT) this.#clear()
    for (const row of rows) Object.freeze(row)
    this.#results.set(key, Object.freeze(rows))
    this.#cost += cost
  }

  #clear(): void {
    this.#results.clear()
    this.#cost = 0
  }
}

/** Rows, and texts by their length: one row may hold megabytes. What is too large already is not looked at to its end. */
function costOf(key: string, rows: readonly Row[]): number {
  let cost = 1 + rows.length + key.length / TEXT_OF_COST
  for (const row of rows) {
    if (cost > RESULT_COST_LIMIT) break
    for (const name in row) {
      const value = row[name]
      if (typeof value === 'string') cost += value.length / TEXT_OF_COST
      else if (value instanceof Uint8Array) cost += value.byteLength / TEXT_OF_COST
    }
  }
  return cost
}

/** Equal for equal questions and for no others; null if a value is bytes. */
export function resultKey(text: string, values: readonly SqlValue[]): string | null {
  let key = text
  for (const value of values) {
    if (typeof value === 'string') key += `\u0000s${value.length}:${value}`
    else if (typeof value === 'number') key += `\u0000n${value}`
    else if (value === null) key += '\u0000-'
    else return null
  }
  return key
}
