import type pg from 'pg'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { migrationsFor, type MigrationTemplate } from '../../common/sql/ddl.ts'
import { migratePostgres } from '../../common/sql/postgres/migrate.ts'
import { postgresTables } from './postgres-catalogue.ts'
import { beginAlone, openSession, sessionError } from './postgres-session.ts'
import { BATCH_ROWS, BATCH_TEXT, type Source, type Target } from './side.ts'
import { type Cell, type CellRow, type Kind, quoted, selectInOrder, type Table } from './table.ts'

/** Rows that are asked for before it is known how long they are. */
const FIRST_FETCH = 100
const ARRAYS: Readonly<Record<Kind, string>> = { text: 'text[]', integer: 'bigint[]', bytes: 'bytea[]' }

/** @throws NexusError DATABASE_OWNED while processes run on it, UNAVAILABLE, CONFIG_INVALID */
export function openPostgresSource(url: string): Promise<Source> {
  return open(url, async (side) => {
    if (side.version === 0) throw new NexusError('CONFIG_INVALID', `There is nothing in ${side.where}: check --from.`)
    return side
  })
}

/** Everything is one transaction, which ends with `finish`. @throws NexusError CONFIG_INVALID, DATABASE_OWNED, UNAVAILABLE */
export function openPostgresTarget(url: string, history: readonly MigrationTemplate[]): Promise<Target> {
  const prepare = (pool: pg.Pool) => migratePostgres(pool, migrationsFor('postgres', history))
  return open(
    url,
    async (side, client) => {
      for (const { name } of side.tables) {
        const { rowCount } = await client.query(`select 1 from "${name}" limit 1`)
        if (rowCount === 0) continue
        throw new NexusError('CONFIG_INVALID', `${side.where} has rows in ${name}: name an empty database in --to.`)
      }
      return {
        ...side,
        insert: (table, rows) => inWords(side.where, () => insert(client, table, rows)),
        run: async (sql) => void (await client.query(sql)),
        // The tables were empty when the server last looked at them; plans made from that would be bad ones.
        finish: () => inWords(side.where, async () => void (await client.query('analyze; commit'))),
      }
    },
    prepare,
  )
}

async function open<T extends Source>(
  url: string,
  complete: (side: Source, client: pg.PoolClient) => Promise<T>,
  prepare: (pool: pg.Pool) => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  const { host, pathname } = new URL(url)
  const where = `PostgreSQL ${host}${pathname}`
  const pool = openSession(url)
  let client: pg.PoolClient | undefined
  const close = async (): Promise<void> => {
    // With it goes the transaction, if it was not committed.
    client?.release(true)
    await pool.end()
  }
  try {
    await prepare(pool)
    client = await pool.connect()
    await beginAlone(client, where)
    const session = client
    const side = {
      where,
      version: await versionOf(session),
      tables: await postgresTables(session),
      rows: (table: Table) => batches(session, table),
      close,
    }
    return await complete(side, session)
  } catch (error) {
    await close()
    throw sessionError(error, where)
  }
}

/** 0 if there is none. */
async function versionOf(client: pg.PoolClient): Promise<number> {
  const known = await client.query<{ known: boolean }>("select to_regclass('schema_migrations') is not null as known")
  if (known.rows[0]?.known !== true) return 0
  const { rows } = await client.query<{ version: number | null }>(
    'select max(version) as version from schema_migrations',
  )
  return rows[0]?.version ?? 0
}

async function* batches(client: pg.PoolClient, table: Table): AsyncGenerator<readonly CellRow[]> {
  await client.query(`declare moving no scroll cursor for ${selectInOrder(table)}`)
  let wanted = FIRST_FETCH
  for (;;) {
    const { rows } = await client.query<Cell[]>({ text: `fetch ${wanted} from moving`, rowMode: 'array' })
    if (rows.length > 0) yield rows
    if (rows.length < wanted) break
    // One row may be megabytes long, another hardly anything.
    const perRow =
      rows.flat().reduce((sum: number, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0) / wanted
    wanted = Math.min(BATCH_ROWS, Math.max(1, Math.floor(BATCH_TEXT / perRow)))
  }
  await client.query('close moving')
}

async function insert(client: pg.PoolClient, table: Table, rows: readonly CellRow[]): Promise<void> {
  const names = quoted(table.columns.map(({ name }) => name))
  const arrays = table.columns.map(({ kind }, index) => `$${index + 1}::${ARRAYS[kind]}`).join(', ')
  const text = `insert into "${table.name}" (${names}) select * from unnest(${arrays})`
  await client.query(
    text,
    table.columns.map((_, index) => rows.map((row) => row[index])),
  )
}

async function inWords<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw sessionError(error, where)
  }
}
