import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { migrationsFor } from '../../../services/common/sql/ddl.ts'
import { PostgresDatabase } from '../../../services/common/sql/postgres/postgres-database.ts'
import { postgresForSuite } from '../../support/postgres-for-suite.ts'
import { anyDatabaseTests } from './any-database.ts'
import { forgetfulProxy } from './forgetful-proxy.ts'
import { commands, notesMigrations, readIds } from './notes.ts'
import { errorOf, openNotes, outcome } from './support.ts'

const createDatabase = postgresForSuite()
const newUrl = async (): Promise<string> => (await createDatabase()).url

/** A connection of somebody else. */
async function outsider(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const KILL =
  "select count(pg_terminate_backend(pid))::int as killed from pg_stat_activity where application_name = 'nexus-sql-test' and datname = current_database()"

describe('PostgreSQL database', () => {
  anyDatabaseTests(newUrl)

  it('lost connections in mid-load: every acknowledged write is there, and nothing twice', {
    timeout: 30_000,
  }, async () => {
    const url = await newUrl()
    let retries = 0
    const database = await openNotes(url, { onRetry: () => retries++ })
    const killer = await outsider(url)
    const deadline = Date.now() + 25_000
    const acknowledged: string[] = []
    const reasons = new Set<string>()
    let killed = 0
    await Promise.all(
      Array.from({ length: 24 }, async (_, writer) => {
        for (let place = 0; place < 25; place++) {
          const id = `${writer}/${place}`
          const reason = await outcome(database.write('add', { id, place }, { group: `g${writer % 4}`, deadline }))
          reasons.add(reason)
          if (reason === 'ok' && acknowledged.push(id) % 30 === 0) {
            killed += (await killer.query<{ killed: number }>(KILL)).rows[0]?.killed ?? 0
          }
          await database.read(readIds, { deadline })
        }
      }),
    )
    expect(killed).toBeGreaterThan(20)
    expect(retries).toBeGreaterThan(5)
    // A retried write that had been committed would meet its own primary key: INTERNAL.
    expect([...reasons]).toEqual(['ok'])
    expect(await database.read(readIds)).toEqual(acknowledged.toSorted())
  })

  it('a commit whose answer is lost is looked up, not repeated', async () => {
    const { url, toForget } = await forgetfulProxy(await newUrl())
    const lost: unknown[] = []
    const database = await openNotes(url, { onRetry: ({ error }) => lost.push(error) })
    toForget.count = 3
    for (const id of ['a', 'b', 'c', 'd']) expect(await outcome(database.write('add', { id, place: 1 }))).toBe('ok')
    expect(lost.map(String)).toEqual(Array.from({ length: 3 }, () => 'Error: connection lost during commit'))
    expect(await database.read(readIds)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('a connection that is lost in a commit that did not happen: the write is run again', async () => {
    const url = await newUrl()
    const database = await openNotes(url)
    const other = await outsider(url)
    await other.query(`create function die() returns trigger language plpgsql as $$ begin
        perform pg_terminate_backend(pg_backend_pid()); return null; end $$`)
    await other.query(`create constraint trigger die after insert on notes deferrable initially deferred
        for each row when (new.id = 'dying') execute function die()`)
    expect(await outcome(database.write('add', { id: 'dying', place: 1 }, { deadline: Date.now() + 700 }))).toBe(
      'UNAVAILABLE',
    )
    await other.query('drop trigger die on notes')
    expect(await outcome(database.write('add', { id: 'dying', place: 2 }))).toBe('ok')
    expect(await database.read(readIds)).toEqual(['dying'])
  })

  it('while another process holds a lock, writers wait, readers go on, and deadlines are kept', async () => {
    const url = await newUrl()
    const database = await openNotes(url)
    await database.write('add', { id: 'gate', place: 0 })
    const other = await outsider(url)
    await other.query('begin')
    await other.query("select * from notes where id = 'gate' for update")
    const begun = Date.now()
    const add = (id: string, limit: number) =>
      outcome(database.write('lockAndAdd', { id, place: 1 }, { group: 'one', deadline: begun + limit }))
    const [patient, impatient] = [add('patient', 30_000), add('impatient', 400)]
    const many = Array.from({ length: 20 }, (_, index) =>
      outcome(
        database.write(
          'lockAndAdd',
          { id: `m${index}`, place: 1 },
          { group: `many${index}`, deadline: begun + 30_000 },
        ),
      ),
    )
    for (let turn = 0; turn < 20; turn++) expect(await database.read(readIds)).toContain('gate')
    expect(await impatient).toBe('UNAVAILABLE')
    await other.query('commit')
    expect(await Promise.all([patient, ...many])).toEqual(['ok', ...many.map(() => 'ok')])
    expect(await database.read(readIds)).not.toContain('impatient')
  })

  it('brings up one database from many processes at once', async () => {
    const url = await newUrl()
    const opened = await Promise.all(Array.from({ length: 5 }, () => openNotes(url)))
    await Promise.all(opened.map((database, place) => database.write('add', { id: `${place}`, place })))
    expect(await opened[0]?.read(readIds)).toHaveLength(5)
  })

  it('refuses a database of a newer program', async () => {
    const url = await newUrl()
    await (await openNotes(url)).close()
    await (await outsider(url)).query("insert into schema_migrations values (2, 'future', 0)")
    expect(await outcome(openNotes(url))).toBe('DATABASE_TOO_NEW')
  })

  it('says what is wrong if there is no server, or no such user', async () => {
    const options = {
      applicationName: 'nexus-sql-test',
      migrations: migrationsFor('postgres', notesMigrations),
      commands,
      startTimeoutMs: 100,
    }
    const nobody = await errorOf(PostgresDatabase.open({ ...options, url: 'postgres://u:secret@127.0.0.1:1/db' }))
    expect(nobody).toMatchObject({ reason: 'UNAVAILABLE' })
    expect(nobody.message).toContain('127.0.0.1:1')
    expect(nobody.message).toContain('ECONNREFUSED')
    expect(nobody.message).not.toContain('secret')
    const stranger = new URL(await newUrl())
    stranger.username = 'stranger'
    expect(await outcome(PostgresDatabase.open({ ...options, url: stranger.href }))).toBe('UNAVAILABLE')
  })
})
