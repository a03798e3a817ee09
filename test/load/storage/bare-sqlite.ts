import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import { exampleFile, exampleUser } from './examples.ts'

/** Bare inserts of relationships into an empty copy of a database's table and its indexes. */
export class BareSqlite {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nexus-bench-'))
  readonly #database: Database.Database
  readonly #insert: (count: number) => void
  #next = 0

  /** @param model the file of a permission database, whose definitions are copied */
  constructor(model: string) {
    const source = new Database(model, { readonly: true })
    const definitions = source
      .prepare<[], { sql: string }>(
        "select sql from sqlite_schema where tbl_name = 'relationships' and sql is not null order by type desc",
      )
      .all()
    source.close()
    this.#database = new Database(join(this.#folder, 'bare.db'))
    this.#database.pragma('journal_mode = wal')
    this.#database.pragma('synchronous = full')
    for (const { sql } of definitions) this.#database.exec(sql)
    const statement = this.#database.prepare(
      `insert into relationships values ('bench', ?, 'file', ?, 'direct_viewer', '', 'user', ?, '', '', null, null, ?, null)`,
    )
    this.#insert = this.#database.transaction((count: number) => {
      for (let done = 0; done < count; done++) {
        const index = this.#next++
        statement.run(uuidv7(), exampleFile(index), exampleUser(index), Date.now())
      }
    })
  }

  /** Inserts in one durable transaction; returns how many. */
  insert(count: number): Promise<number> {
    this.#insert(count)
    return Promise.resolve(count)
  }

  [Symbol.dispose](): void {
    this.#database.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
