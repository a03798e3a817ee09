import type BetterSqlite3 from 'better-sqlite3'
import type { Row, SqlValue, Statement } from '../script.ts'

/** Runs statements of scripts on one connection; each text is prepared once. */
export class SqliteStatements {
  readonly #database: BetterSqlite3.Database
  readonly #prepared = new Map<string, Prepared>()

  constructor(database: BetterSqlite3.Database) {
    this.#database = database
  }

  readonly execute = (statement: Statement): readonly Row[] => {
    const { native, order } = this.#prepare(typeof statement.text === 'string' ? statement.text : statement.text.sqlite)
    const given = statement.values as SqlValue[]
    const values = order === null ? given : order.map((index) => given[index] ?? null)
    if (native.reader) return native.all(...values) as Row[]
    native.run(...values)
    return NO_ROWS
  }

  /** Runs a statement without parameters or rows, such as one that ends a transaction. */
  run(text: string): void {
    this.#prepare(text).native.run()
  }

  /** Changes whenever another connection commits. Inside a transaction it is the version that the transaction reads. */
  dataVersion(): number {
    return (this.#prepare('pragma data_version').native.get() as { data_version: number }).data_version
  }

  #prepare(text: string): Prepared {
    let prepared = this.#prepared.get(text)
    if (prepared === undefined) {
      const { native, order } = positional(text)
      prepared = { native: this.#database.prepare(native), order }
      this.#prepared.set(text, prepared)
    }
    return prepared
  }
}

interface Prepared {
  readonly native: BetterSqlite3.Statement
  /** Which value stands at each place; null: as given. */
  readonly order: readonly number[] | null
}

const NO_ROWS: readonly Row[] = []

/** The driver binds by position alone, and takes $1 (and ?1) for a name: each use of $n becomes a place of its own. */
function positional(text: string): { readonly native: string; readonly order: readonly number[] | null } {
  const order: number[] = []
  const native = text.replaceAll(/\$(\d+)/g, (_, number: string) => {
    order.push(Number(number) - 1)
    return '?'
  })
  return { native, order: order.every((index, place) => index === place) ? null : order }
}
