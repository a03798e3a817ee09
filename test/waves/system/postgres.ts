import pg from 'pg'
import { createDatabase, startPostgres } from '../../support/postgres.ts'
import type { DatabaseCheck, SystemDatabases } from './databases.ts'

const INDEXES = `select n.nspname || '.' || c.relname as name, c.oid
  from pg_class c
  join pg_index i on i.indexrelid = c.oid
  join pg_am a on a.oid = c.relam
  join pg_namespace n on n.oid = c.relnamespace
  where a.amname = 'btree' and i.indisvalid and c.relpersistence = 'p'
    and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
  order by 1`

/** Two fresh databases on the server that tests use. */
export async function postgresDatabases(log: (line: string) => void): Promise<SystemDatabases> {
  const server = await startPostgres(log)
  const rebac = await createDatabase(server.url)
  const gateway = await createDatabase(server.url)
  return {
    kind: 'postgres',
    environment: { REBAC_DATABASE_URL: rebac.url, NEXUS_DATABASE_URL: gateway.url },
    check: async () => {
      const checks = [await checkDatabase(rebac.url, 'rebac'), await checkDatabase(gateway.url, 'gateway')]
      return {
        summary: checks.map((check) => check.summary).join(', '),
        problems: checks.flatMap((check) => check.problems),
      }
    },
    query: (database, sql) => queryDatabase({ rebac, gateway }[database].url, sql),
    dispose: async () => {
      await Promise.all([rebac.drop(), gateway.drop()])
      await server.stop()
    },
  }
}

async function queryDatabase(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Every B-tree index against its own order and against its table, with PostgreSQL's amcheck. */
async function checkDatabase(url: string, name: string): Promise<DatabaseCheck> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const problems: string[] = []
  try {
    await client.query('create extension if not exists amcheck')
    const indexes = await client.query<{ name: string; oid: number }>(INDEXES)
    for (const index of indexes.rows) {
      await client.query('select bt_index_check($1::oid::regclass, true)', [index.oid]).catch((error: unknown) => {
        problems.push(`${name}: amcheck of ${index.name}: ${error instanceof Error ? error.message : String(error)}`)
      })
    }
    if (indexes.rows.length === 0) problems.push(`${name}: there is no index to check`)
    return { summary: `${name}: amcheck of ${indexes.rows.length} indexes, ${problems.length} damaged`, problems }
  } finally {
    await client.end()
  }
}
