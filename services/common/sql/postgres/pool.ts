import pg from 'pg'
import type { Row, Statement } from '../script.ts'

export interface PoolOptions {
  readonly url: string
  /** Connections at most. */
  readonly size: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** Settings of each session, such as -c enable_seqscan=off. @default none */
  readonly settings?: string
  /** Queries may be sent before the ones before them were answered. @default false */
  readonly pipeline?: boolean
  readonly onError?: (error: unknown) => void
}

const INT8_OID = 20
const NUMERIC_OID = 1700
const CONNECT_TIMEOUT_MS = 3_000
/** A statement that takes longer is cancelled by the server: a bound on what a lost client leaves behind. */
const STATEMENT_TIMEOUT_MS = 30_000

/** A pool whose integers are numbers; every count and time of ours is a safe integer. */
export function openPool(options: PoolOptions): pg.Pool {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8_OID || oid === NUMERIC_OID ? Number : pg.types.getTypeParser(oid, format as 'text'),
  } as pg.CustomTypesConfig
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
    types,
    pipeline: options.pipeline ?? false,
    ...(options.settings === undefined ? {} : { options: options.settings }),
  })
  // An idle connection that the server ends must not take the process down.
  pool.on('error', (error) => options.onError?.(error))
  // Nor one that is lost while it is lent out: whoever has it learns of that from the query.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

const names = new Map<string, string>()

/**
 * Runs one statement of a script as a named prepared statement.
 * @param timeoutMs after which the connection counts as lost, at least 1
 */
export async function execute(
  client: pg.ClientBase | pg.Pool,
  statement: Statement,
  timeoutMs: number,
): Promise<readonly Row[]> {
  const text = typeof statement.text === 'string' ? statement.text : statement.text.postgres
  let name = names.get(text)
  if (name === undefined) {
    name = `s${names.size}`
    names.set(text, name)
  }
  const query = { name, text, values: statement.values as unknown[], query_timeout: timeoutMs }
  const result = await client.query<Row>(query)
  return result.rows
}
