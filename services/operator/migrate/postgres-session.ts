import pg from 'pg'
import { describeError, NexusError } from '../../common/errors/nexus-error.ts'

const INT8_OID = 20
const CONNECT_TIMEOUT_MS = 10_000
/** A lock that somebody holds for longer is held by a process that runs. */
const LOCK_TIMEOUT_MS = 5_000

/** One connection, whose integers are exact and whose statements may take their time. */
export function openSession(url: string): pg.Pool {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8_OID ? BigInt : pg.types.getTypeParser(oid, format as 'text'),
  } as pg.CustomTypesConfig
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    application_name: 'nexus-migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types,
  })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/**
 * Begins the transaction in which everything is done, and keeps every writer out until it ends.
 * @throws NexusError DATABASE_OWNED while processes run on the database
 */
export async function beginAlone(client: pg.ClientBase, where: string): Promise<void> {
  await client.query(`begin isolation level repeatable read; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const tables = `select string_agg(quote_ident(tablename), ', ') as names from pg_tables where schemaname = current_schema()`
  const { rows } = await client.query<{ names: string | null }>(tables)
  await client.query('rollback')
  await client.query(`begin isolation level repeatable read; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  // Before the first query, so that what it sees is what the lock protects.
  if (rows[0]?.names) await client.query(`lock table ${rows[0].names} in exclusive mode`)
  const others = await client.query<{ names: string | null }>(
    `select string_agg(distinct application_name, ', ') as names from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'nexus-%'`,
  )
  if (others.rows[0]?.names) {
    const message = `The database ${where} is in use by ${others.rows[0].names}: stop every process on it first.`
    throw new NexusError('DATABASE_OWNED', message)
  }
}

/** PostgreSQL's errors in words that name the database. */
export function sessionError(error: unknown, where: string): NexusError {
  if (error instanceof NexusError) return error
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === '55P03') {
    const message = `The database ${where} is in use by another process: stop every process on it first.`
    return new NexusError('DATABASE_OWNED', message, { cause: error })
  }
  if (code === '53100') {
    return new NexusError('STORAGE_FULL', `The disk of ${where} is full; nothing was moved.`, { cause: error })
  }
  const what = error instanceof AggregateError ? error.errors.map(describeError).join(', ') : describeError(error)
  const message = `${where} cannot be used (${what}): check the URL and that the server runs.`
  return new NexusError('UNAVAILABLE', message, { cause: error })
}
