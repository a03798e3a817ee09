import type { Row, SqlValue } from '../script.ts'

/** Rows that are kept at most, over all results, and of one result. */
const ROWS_LIMIT = 50_000
const RESULT_ROWS_LIMIT = 5_000
/** Results that are kept at most. */
const RESULTS_LIMIT = 2_000

/**
 * Results of one version of a database. A page that asks ten questions asks some of them twice, and a wave of requests
 * asks the same ones: between two commits of the writer the answer cannot differ, so it is computed once. Any commit,
 * of whichever process, makes a new version and empties the cache.
 */
export class ResultCache {
  #version = -1
  #rowCount = 0
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

  /** Keeps a result, frozen: from now on it is everybody's. */
  set(key: string, rows: readonly Row[]): void {
    const cost = rows.length + 1
    if (cost > RESULT_ROWS_LIMIT) return
    if (this.#results.size >= RESULTS_LIMIT || this.#rowCount + cost > ROWS_LIMIT) this.#clear()
    for (const row of rows) Object.freeze(row)
    this.#results.set(key, Object.freeze(rows))
    this.#rowCount += cost
  }

  #clear(): void {
    this.#results.clear()
    this.#rowCount = 0
  }
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
