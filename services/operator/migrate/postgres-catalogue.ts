import type pg from 'pg'
import { DERIVED_TABLES, HISTORY_TABLE, type Kind, kindOf, type Table } from './table.ts'

const KINDS: Readonly<Record<string, Kind>> = { text: 'text', int8: 'integer', bytea: 'bytes' }

const COLUMNS = `select c.table_name as "table", c.column_name as name, c.udt_name as type
  from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
  where table_schema = current_schema() and t.table_type = 'BASE TABLE' and table_name <> $1
    and table_name not like '${DERIVED_TABLES}' escape '#'
  order by table_name collate "C", c.column_name collate "C"`
/** The primary key, or another unique index of all rows; the first by name, so that it is the same on both engines. */
const KEY = `select array(select a.attname::text from unnest(i.indkey) with ordinality k (number, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number order by k.place) as key
  from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = to_regclass(quote_ident($1))
    and i.indisunique and i.indpred is null and i.indexprs is null
  order by i.indisprimary desc, c.relname collate "C" limit 1`

/** The tables of the current schema, by name. */
export async function postgresTables(client: pg.ClientBase): Promise<readonly Table[]> {
  const { rows } = await client.query<{ table: string; name: string; type: string }>(COLUMNS, [HISTORY_TABLE])
  const tables: Table[] = []
  for (const [name, columns] of Map.groupBy(rows, ({ table }) => table)) {
    const { rows: keys } = await client.query<{ key: string[] }>(KEY, [name])
    tables.push({
      name,
      columns: columns.map((column) => ({
        name: column.name,
        kind: kindOf(column.type, KINDS, `Column ${column.name} of ${name}`),
      })),
      key: keys[0]?.key ?? [],
    })
  }
  return tables
}
