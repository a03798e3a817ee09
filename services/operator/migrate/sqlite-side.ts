import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { migrationsFor, type MigrationTemplate } from '../../common/sql/ddl.ts'
import { firstProblem, openForWriting, prepareSqliteFile } from '../../common/sql/sqlite/open.ts'
import { ownSqliteFile } from '../../common/sql/sqlite/ownership.ts'
import { existingPartsOf, sync } from '../files.ts'
import { versionOf } from '../histories.ts'
import { BATCH_ROWS, BATCH_TEXT, type Source, type Target } from './side.ts'
import { sqliteTables } from './sqlite-catalogue.ts'
import { type CellRow, quoted, selectInOrder, type Table } from './table.ts'

/** @throws NexusError DATABASE_OWNED while a process runs on it, DATABASE_DAMAGED, CONFIG_INVALID */
export function openSqliteSource(file: string): Source {
  if (!existsSync(file)) throw new NexusError('CONFIG_INVALID', `There is no database ${file}: check --from.`)
  const owner = ownSqliteFile(file)
  let database: BetterSqlite3.Database | undefined
  const close = (): void => {
    database?.close()
    owner[Symbol.dispose]()
  }
  try {
    database = new BetterSqlite3(file, { readonly: true })
    requireIntact(database, file)
    return { ...reading(database, file), close: async () => close() }
  } catch (error) {
    close()
    throw error
  }
}

/** Works on a file of another name, which gets the right one at the end. @throws NexusError CONFIG_INVALID, DATABASE_OWNED */
export function openSqliteTarget(file: string, history: readonly MigrationTemplate[]): Target {
  const owner = ownSqliteFile(file)
  const draft = `${file}.migrating`
  let database: BetterSqlite3.Database | undefined
  const close = async (): Promise<void> => {
    database?.close()
    for (const part of existingPartsOf(draft)) await rm(part)
    owner[Symbol.dispose]()
  }
  try {
    const there = existingPartsOf(file)
    if (there.length > 0) {
      const message = `There is a database already (${there.join(', ')}): move it away, or name another one in --to.`
      throw new NexusError('CONFIG_INVALID', message)
    }
    prepareSqliteFile(draft, migrationsFor('sqlite', history))
    database = openForWriting(draft)
  } catch (error) {
    database?.close()
    owner[Symbol.dispose]()
    throw error
  }
  const open = database
  return {
    ...reading(open, file),
    insert: async (table, rows) => insert(open, table, rows),
    run: async (sql) => void open.exec(sql),
    finish: async () => {
      requireIntact(open, file)
      // One file, which is all there is.
      open.pragma('journal_mode = DELETE')
      open.close()
      await sync(draft)
      await rename(draft, file)
      await sync(dirname(file))
    },
    close,
  }
}

function reading(database: BetterSqlite3.Database, file: string) {
  return {
    where: `SQLite ${file}`,
    version: versionOf(database),
    tables: sqliteTables(database),
    rows: (table: Table) => batches(database, table),
  }
}

/** The connection has nothing else to do while its rows are on their way. */
async function* batches(database: BetterSqlite3.Database, table: Table): AsyncGenerator<readonly CellRow[]> {
  const statement = database.prepare(selectInOrder(table)).raw().safeIntegers()
  let batch: CellRow[] = []
  let text = 0
  for (const row of statement.iterate() as IterableIterator<CellRow>) {
    batch.push(row)
    for (const cell of row) if (typeof cell === 'string') text += cell.length
    if (batch.length < BATCH_ROWS && text < BATCH_TEXT) continue
    yield batch
    batch = []
    text = 0
  }
  if (batch.length > 0) yield batch
}

function insert(database: BetterSqlite3.Database, table: Table, rows: readonly CellRow[]): void {
  const names = table.columns.map(({ name }) => name)
  const places = names.map(() => '?').join(', ')
  const statement = database.prepare(`insert into "${table.name}" (${quoted(names)}) values (${places})`)
  database.transaction(() => {
    for (const row of rows) statement.run(row)
  })()
}

function requireIntact(database: BetterSqlite3.Database, file: string): void {
  const problem = firstProblem(database, 'integrity_check')
  if (problem === null) return
  throw new NexusError('DATABASE_DAMAGED', `The database ${file} is damaged (${problem}): restore it from a backup.`)
}
