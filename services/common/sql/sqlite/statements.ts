import type BetterSqlite3 from 'better-sqlite3'
import type { Row, SqlValue, Statement } from '../script.ts'

/** Runs statements of scripts on one connection; each text is prepared once. */
export class SqliteStatements {
  readonly #database: BetterSqlite3.Database
  readonly #prepared = new Map<string, BetterSqlite3.Statement>()

  constructor(database: BetterSqlite3.Database) {
    this.#database = database
  }

  readonly execute = (statement: Statement): readonly Row[] => {
    const text = typeof statement.text === 'string' ? statement.text : statement.text.sqlite
    let prepared = this.#prepared.get(text)
    if (prepared === undefined) {
      prepared = this.#database.prepare(numberedParameters(text))
      this.#prepared.set(text, prepared)
    }
    const values = statement.values as SqlValue[]
    if (prepared.reader) return prepared.all(...values) as Row[]
    prepared.run(...values)
    return NO_ROWS
  }
}

const NO_ROWS: readonly Row[] = []

/** SQLite reads $1 as a name; ?1 is the first parameter. */
function numberedParameters(text: string): string {
  return text.replaceAll(/\$(\d+)/g, '?$1')
}
