import { expect, it } from 'vitest'
import { MoveObjectsRequest } from '../../../services/common/gen/nexus/rebac/v1/write.ts'
import { TokenCodec } from '../../../services/rebac/api/tokens.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { failureOf } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { SECRET } from './support/service.ts'
import { withMethods } from './support/store.ts'
import { described, TestWatcher } from './support/watcher.ts'
import { filter, message, operation } from './support/wire.ts'

const MODEL = `model\n  schema 1.1\ntype user\ntype file\n  relations\n    define direct_viewer: [user]\n`

describeOnEachEngine('4.3 Watch', ({ start, makeUrl }) => {
  const startOne = async (overrides = {}) => start({ REBAC_DATABASE_URL: await makeUrl() }, overrides)

  it('sends what happens from now on, in order, with both images', async () => {
    const { client } = await startOne()
    const { token: before } = await client.grant('file:/old#direct_viewer@user:alice')
    const watcher = new TestWatcher(client)
    expect(await watcher.next()).toEqual({
      token: before,
      committedAt: undefined,
      changes: [],
      schemaVersion: '',
      heartbeat: true,
    })

    const { token, written } = await client.grant('file:/a#direct_viewer@user:alice', 'file:/b#direct_viewer@user:bob')
    const first = await watcher.change()
    expect(first).toMatchObject({ token, heartbeat: false, schemaVersion: '' })
    expect(first.changes).toEqual(written.map((after) => ({ before: undefined, after })))
    expect(first.committedAt?.getTime()).toBe(written[0]?.createdAt?.getTime())

    await client.write({
      operations: [operation('touch', 'file:/a#direct_viewer@user:alice', { attributes: { a: 1 } })],
    })
    const touched = await watcher.change()
    expect(touched.changes).toMatchObject([{ before: { attributes: undefined }, after: { attributes: { a: 1 } } }])
    const move = message(MoveObjectsRequest, { tenant: 'acme', objectType: 'file', fromId: '/a', toId: '/b' })
    await client.unary((...call) => client.raw.moveObjects(...call), move)
    expect(described(await watcher.change())).toEqual([
      '-file:/b#direct_viewer@user:bob',
      '-file:/a#direct_viewer@user:alice',
      '+file:/b#direct_viewer@user:alice',
    ])
    await client.delete({ allowFull: true })
    expect(described(await watcher.change())).toHaveLength(2)
    const { schemaVersion } = await client.writeSchema({ model: MODEL })
    expect(await watcher.change()).toMatchObject({ schemaVersion, changes: [] })
    watcher.cancel()
  })

  it('loses and doubles nothing over reconnects, while others write', async () => {
    const { client } = await startOne()
    let { token: after } = await client.grant('file:/start#direct_viewer@user:alice')
    const total = 200
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let index = 0; index < total / 4; index += 1)
        await client.grant(`file:/${writer}/${index}#direct_viewer@user:u`)
    })
    const seen: string[] = []
    while (seen.length < total) {
      const watcher = new TestWatcher(client, { after })
      for (let count = 0; count < 7 && seen.length < total; count += 1) {
        const next = await watcher.change()
        seen.push(...described(next))
        after = next.token
      }
      watcher.cancel()
    }
    await Promise.all(writers)
    expect(new Set(seen).size).toBe(total)
    for (let writer = 0; writer < 4; writer += 1) {
      const own = seen.filter((text) => text.startsWith(`+file:/${writer}/`))
      expect(own).toEqual(
        Array.from({ length: total / 4 }, (_, index) => `+file:/${writer}/${index}#direct_viewer@user:u`),
      )
    }
  })

  it('sends what any filter selects before or after', async () => {
    const { client } = await startOne()
    const subject = { tenant: undefined, type: 'user', id: 'alice', relation: undefined, idPrefix: '' }
    const filters = [
      filter({ objectType: 'file', objectIdPrefix: '/x/' }),
      filter({ objectType: 'file', objectId: '/y/' }),
      filter({ relations: ['direct_owner'], subject }),
    ]
    const watcher = new TestWatcher(client, { filters })
    await watcher.next()
    await client.grant('file:/z#direct_viewer@user:alice')
    await client.grant(
      'file:/z#direct_owner@user:alice',
      'file:/z#direct_owner@user:bob',
      'file:/y#direct_viewer@user:bob',
    )
    expect(described(await watcher.change())).toEqual([
      '+file:/z#direct_owner@user:alice',
      '+file:/y#direct_viewer@user:bob',
    ])
    await client.delete({ filter: filter({ objectType: 'file', objectId: '/z' }) })
    expect(described(await watcher.change())).toEqual(['-file:/z#direct_owner@user:alice'])
    const move = message(MoveObjectsRequest, { tenant: 'acme', objectType: 'file', fromId: '/y', toId: '/w' })
    await client.unary((...call) => client.raw.moveObjects(...call), move)
    expect(described(await watcher.change())).toEqual([
      '-file:/y#direct_viewer@user:bob',
      '+file:/w#direct_viewer@user:bob',
    ])
    await client.writeSchema({ model: MODEL, force: true })
    expect(described(await watcher.change())).toEqual(['schema'])
    watcher.cancel()
  })

  it('sends heartbeats with the newest token, also when a filter lets nothing through', async () => {
    const { client } = await startOne({ heartbeatMs: 20 })
    const watcher = new TestWatcher(client, { filters: [filter({ objectType: 'group' })] })
    for (let count = 0; count < 3; count += 1) expect(await watcher.next()).toMatchObject({ heartbeat: true })
    const { token } = await client.grant('file:/a#direct_viewer@user:alice')
    let heartbeat = await watcher.next()
    while (heartbeat.token !== token) heartbeat = await watcher.next()
    expect(heartbeat).toMatchObject({ heartbeat: true, changes: [] })
    watcher.cancel()
  })

  it('sends a revision that is too large for one message in several, of which the last has the token', async () => {
    const { client } = await startOne()
    const watcher = new TestWatcher(client)
    await watcher.next()
    const texts = Array.from(
      { length: 10_000 },
      (_, index) => `file:/${'x'.repeat(100)}/${index}#direct_viewer@user:alice`,
    )
    const { token } = await client.grant(...texts)
    const parts = [await watcher.change()]
    while (parts.at(-1)?.token === '') parts.push(await watcher.change())
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.map((part) => part.token)).toEqual([...parts.slice(1).map(() => ''), token])
    expect(parts.flatMap(described)).toEqual(texts.map((text) => `+${text}`))
    watcher.cancel()
  }, 30_000)

  it('does not read ahead of a slow client', async () => {
    const store = await openRelationshipStore({ url: await makeUrl() })
    let read = 0
    const counting = withMethods(store, {
      readLog: async (...request) => {
        const page = await store.readLog(...request)
        read += page.entries.length
        return page
      },
    })
    const { client } = await start({}, { store: counting })
    const { token: after } = await client.grant('file:/start#direct_viewer@user:alice')
    const total = 1_500
    const attributes = { text: 'x'.repeat(4_000) }
    for (let from = 0; from < total; from += 100) {
      const writes = Array.from({ length: 100 }, (_, index) =>
        operation('touch', `file:/${from + index}#direct_viewer@user:u`, { attributes }),
      )
      await Promise.all(writes.map((write) => client.write({ operations: [write] })))
    }
    read = 0
    // Nothing is read from the stream until the first `next`.
    const watcher = new TestWatcher(client, { after })
    await watcher.next()
    for (let round = 0; round < 20; round += 1) await client.allows('user:u read file:/1')
    expect(read).toBeLessThan(total / 2)
    const seen = new Set<string>()
    while (seen.size < total) for (const text of described(await watcher.change())) seen.add(text)
    expect(read).toBe(total)
    watcher.cancel()
  }, 60_000)

  it('gives each client so many watches at once, and a place again when one ends', async () => {
    const others = 'other:other-secret-0123456789'
    const { client, connect } = await start({
      REBAC_DATABASE_URL: await makeUrl(),
      REBAC_MAX_WATCHES_PER_CLIENT: '2',
      REBAC_TOKENS: `gateway:${SECRET} ${others}`,
    })
    const open = [new TestWatcher(client), new TestWatcher(client, { tenant: 'beta' })]
    for (const watcher of open) await watcher.next()
    const failure = await failureOf(new TestWatcher(client).next())
    expect(failure).toMatchObject({ code: 8, reason: 'TOO_MANY_WATCHES' })
    expect(failure.message).toBe('The secret "gateway" has 2 watches open; at most 2 are allowed at once.')
    const other = new TestWatcher(connect('other-secret-0123456789'))
    expect(await other.next()).toMatchObject({ heartbeat: true })
    open.pop()?.cancel()
    const next = async () => {
      const watcher = new TestWatcher(client)
      const { heartbeat } = await watcher.next()
      watcher.cancel()
      return heartbeat
    }
    await expect.poll(() => next().catch(() => false)).toBe(true)
    for (const watcher of [...open, other]) watcher.cancel()
  })

  it('refuses what it cannot follow', async () => {
    const store = await openRelationshipStore({ url: await makeUrl() })
    const { client } = await start({}, { store })
    const { token } = await client.grant('file:/a#direct_viewer@user:alice')
    await client.grant('file:/b#direct_viewer@user:alice')
    await client.grant('file:/c#direct_viewer@user:alice')
    await store.trim({ logBefore: Date.now() + 1_000, keysBefore: 0 })
    const failure = (fields: object) => failureOf(new TestWatcher(client, fields).ended)
    const drain = async (fields: object) => {
      const watcher = new TestWatcher(client, fields)
      for (;;) await watcher.next()
    }
    expect(await failureOf(drain({ after: token }))).toMatchObject({ code: 11, reason: 'REVISION_TRIMMED' })
    const codec = new TokenCodec(store.identity)
    expect(await failure({ after: codec.token('acme', 99) })).toMatchObject({ code: 11, reason: 'TOKEN_FROM_FUTURE' })
    const restored = new TokenCodec({ ...store.identity, epoch: 'another' })
    expect(await failure({ after: restored.token('acme', 1) })).toMatchObject({ code: 9, reason: 'TOKEN_EPOCH' })
    expect(await failure({ after: 'x' })).toMatchObject({ code: 3, reason: 'INVALID_TOKEN' })
    expect(await failure({ tenant: 'A' })).toMatchObject({ code: 3, reason: 'INVALID_TENANT' })
    const many = Array.from({ length: 101 }, () => filter())
    expect(await failure({ filters: many })).toMatchObject({ code: 3, reason: 'TOO_MANY_OPERATIONS' })
    const secret = 'beta-secret-0123456789'
    const narrow = await start({ REBAC_TOKENS: `beta:${secret}:beta` })
    const watcher = new TestWatcher(narrow.connect(secret))
    expect(await failureOf(watcher.ended)).toMatchObject({ code: 7, reason: 'TOKEN_NOT_PERMITTED' })
  })

  it('ends politely when the server drains, and the token goes on at another', async () => {
    const REBAC_DATABASE_URL = await makeUrl()
    const one = await start({ REBAC_DATABASE_URL })
    const watcher = new TestWatcher(one.client)
    await watcher.next()
    await one.client.grant('file:/a#direct_viewer@user:alice')
    const { token: after } = await watcher.change()
    await one.client.grant('file:/b#direct_viewer@user:alice')
    const closed = one.close()
    while (
      !(await watcher.next().then(
        () => false,
        () => true,
      ))
    )
      continue
    await closed
    const two = await start({ REBAC_DATABASE_URL })
    const next = new TestWatcher(two.client, { after })
    expect(described(await next.change())).toEqual(['+file:/b#direct_viewer@user:alice'])
    next.cancel()
  })
})
