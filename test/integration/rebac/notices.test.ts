import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { postgresForSuite } from '../../support/postgres-for-suite.ts'
import { servicesForSuite } from './support/service.ts'
import { described, TestWatcher } from './support/watcher.ts'

/** Longer than any test: what arrives was not found by asking. */
const NEVER_MS = 600_000

describe('two services over one PostgreSQL, told by each other', () => {
  const makeDatabase = postgresForSuite()
  const { start, defer } = servicesForSuite()

  const startTwo = async (pollMs: number) => {
    const { url } = await makeDatabase()
    const overrides = { heartbeatMs: NEVER_MS, pollMs }
    const one = await start({ REBAC_DATABASE_URL: url }, overrides)
    const two = await start({ REBAC_DATABASE_URL: url }, overrides)
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    defer(() => client.end())
    const listeners = async () => {
      const found = await client.query(
        `select pid from pg_stat_activity where datname = current_database()
           and application_name = 'nexus-rebac-notices' and query ~ '^(listen|select pg_notify)'`,
      )
      return found.rows.map(({ pid }: { pid: number }) => pid)
    }
    await expect.poll(async () => (await listeners()).length, { timeout: 5_000 }).toBe(2)
    return { one, two, client, listeners }
  }

  it('a watch on one sees the writes of the other, in order', async () => {
    const { one, two } = await startTwo(NEVER_MS)
    const watcher = new TestWatcher(two.client)
    await watcher.next()
    for (let index = 0; index < 20; index += 1) {
      const { token } = await one.client.grant(`file:/${index}#direct_viewer@user:alice`)
      const change = await watcher.change()
      expect(described(change)).toEqual([`+file:/${index}#direct_viewer@user:alice`])
      expect(change.token).toBe(token)
    }
    watcher.cancel()
  })

  it('a replica that is asked for speed follows by itself', async () => {
    const { one, two } = await startTwo(NEVER_MS)
    const consistency = { requirement: { $case: 'minimizeLatency', value: true } } as const
    await expect(two.client.allows('user:alice read file:/a', { consistency })).resolves.toBe(false)
    await one.client.grant('file:/a#direct_viewer@user:alice')
    await expect
      .poll(() => two.client.allows('user:alice read file:/a', { consistency }), { timeout: 5_000 })
      .toBe(true)
  })

  it('nothing is lost when the listeners are cut off', async () => {
    const { one, two, client, listeners } = await startTwo(NEVER_MS)
    const watcher = new TestWatcher(two.client)
    await watcher.next()
    const seen: string[] = []
    const expected: string[] = []
    for (let round = 0; round < 3; round += 1) {
      for (const pid of await listeners()) await client.query('select pg_terminate_backend($1)', [pid])
      for (const name of ['x', 'y']) {
        await one.client.grant(`file:/${round}${name}#direct_viewer@user:alice`)
        expected.push(`+file:/${round}${name}#direct_viewer@user:alice`)
      }
      while (seen.length < expected.length) seen.push(...described(await watcher.change()))
    }
    expect(seen).toEqual(expected)
    watcher.cancel()
  })

  it('wrong, doubled and late notices change nothing', async () => {
    const { one, two, client } = await startTwo(NEVER_MS)
    const watcher = new TestWatcher(two.client)
    await watcher.next()
    await one.client.grant('file:/a#direct_viewer@user:alice')
    const payloads = [
      'acme:999',
      'acme:1',
      'acme:1',
      'acme:0',
      'acme:-1',
      'acme',
      '',
      'ACME:1',
      'other:5',
      'acme:999999999999999999',
    ]
    for (const payload of payloads) await client.query("select pg_notify('nexus_rebac_heads', $1)", [payload])
    await one.client.grant('file:/b#direct_viewer@user:alice')
    expect(described(await watcher.change())).toEqual(['+file:/a#direct_viewer@user:alice'])
    expect(described(await watcher.change())).toEqual(['+file:/b#direct_viewer@user:alice'])
    for (const { client: reader } of [one, two]) {
      await expect(reader.allows('user:alice read file:/b')).resolves.toBe(true)
      await expect(reader.allows('user:alice read file:/c')).resolves.toBe(false)
    }
    watcher.cancel()
  })

  it('without notices, asking is enough', async () => {
    const { url } = await makeDatabase()
    const overrides = async () => ({
      heartbeatMs: NEVER_MS,
      pollMs: 20,
      store: await openRelationshipStore({ url }),
    })
    const one = await start({}, await overrides())
    const two = await start({}, await overrides())
    const watcher = new TestWatcher(two.client)
    await watcher.next()
    for (const name of ['a', 'b', 'c']) {
      await one.client.grant(`file:/${name}#direct_viewer@user:alice`)
      expect(described(await watcher.change())).toEqual([`+file:/${name}#direct_viewer@user:alice`])
    }
    watcher.cancel()
  })
})
