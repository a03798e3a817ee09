import type BetterSqlite3 from 'better-sqlite3'
import { DERIVED_TABLES, HISTORY_TABLE, type Kind, kindOf, type Table } from './table.ts'

const KINDS: Readonly<Record<string, Kind>> = { text: 'text', integer: 'integer', blob: 'bytes' }

const TABLES = `select name from sqlite_schema where type = 'table' and name not like 'sqlite#_%' escape '#'
  and name not like '${DERIVED_TABLES}' escape '#' and name <> ? order by name`
const COLUMNS = 'select name, type from pragma_table_info(?) order by name'
/** The primary key, or another unique index of all rows; the first by name, so that it is the same on both engines. */
const KEY = `select i.name from pragma_index_list(?) l, pragma_index_info(l.name) i
  where l.name = (select name from pragma_index_list(?) where "unique" = 1 and partial = 0
    order by origin = 'pk' desc, name limit 1) order by i.seqno`

/** The tables of a database, by name. */
export function sqliteTables(database: BetterSqlite3.Database): readonly Table[] {
  const names = database.prepare(TABLES).pluck().all(HISTORY_TABLE) as string[]
  return names.map((name) => {
    const columns = database.prepare(COLUMNS).all(name) as { name: string; type: string }[]
    return {
      name,
      columns: columns.map((column) => ({
        name: column.name,
        kind: kindOf(column.type, KINDS, `Column ${column.name} of ${name}`),
      })),
      key: database.prepare(KEY).pluck().all(name, name) as string[],
    }
  })
}
