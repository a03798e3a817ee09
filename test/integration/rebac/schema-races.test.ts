import { describe, expect, it } from 'vitest'
import type { MoveObjectsRequest, MoveObjectsResponse } from '../../../services/common/gen/nexus/rebac/v1/write.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { postgresForSuite } from '../../support/postgres-for-suite.ts'
import { failureOf, type TestClient } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { servicesForSuite } from './support/service.ts'
import { withMethods } from './support/store.ts'
import { operation } from './support/wire.ts'

const model = (...relations: string[]) =>
  [
    'model',
    '  schema 1.1',
    'type user',
    'type doc',
    '  relations',
    ...relations.map((one) => `    define ${one}: [user]`),
  ].join('\n')
const OLD = model('owner', 'reader')
const NEW = model('owner', 'writer')

const grant = (client: TestClient, tenant: string, ...texts: string[]) =>
  client.write({ tenant, operations: texts.map((text) => operation('touch', text)) })

async function stateOf(client: TestClient, tenant: string) {
  const { relationships } = await client.read({ tenant })
  return [(await client.readSchema({ tenant })).model, relationships.map(({ relation }) => relation)]
}

describe('schemas and relationships written by two services over one PostgreSQL', () => {
  const makeDatabase = postgresForSuite()
  const { start } = servicesForSuite()

  it('sees what the other one wrote between the comparison and the commit', async () => {
    const url = (await makeDatabase()).url
    const store = await openRelationshipStore({ url })
    const meanwhile: (() => Promise<unknown>)[] = []
    const interrupted = withMethods(store, {
      writeSchema: async (request) => {
        await meanwhile.shift()?.()
        return store.writeSchema(request)
      },
    })
    const one = (await start({}, { store: interrupted })).client
    const two = (await start({ REBAC_DATABASE_URL: url })).client
    await one.writeSchema({ tenant: 'refused', model: OLD })
    meanwhile.push(() => grant(two, 'refused', 'doc:1#reader@user:alice'))
    const failure = await failureOf(one.writeSchema({ tenant: 'refused', model: NEW }))
    expect(failure).toMatchObject({ code: 9, reason: 'SCHEMA_STRANDS_RELATIONSHIPS' })
    expect(await stateOf(two, 'refused')).toEqual([OLD, ['reader']])
    // Not even for a moment was the other one the newest.
    expect((await store.readLog('refused', 0, 10)).entries.map(({ kind }) => kind)).toEqual(['schema', 'write'])

    await one.writeSchema({ tenant: 'accepted', model: OLD })
    meanwhile.push(() => grant(two, 'accepted', 'doc:1#owner@user:alice'))
    await one.writeSchema({ tenant: 'accepted', model: NEW })
    expect(await stateOf(two, 'accepted')).toEqual([NEW, ['owner']])

    await one.writeSchema({ tenant: 'gone', model: OLD })
    meanwhile.push(async () => {
      await grant(two, 'gone', 'doc:1#reader@user:alice')
      await two.delete({ tenant: 'gone', allowFull: true })
    })
    await one.writeSchema({ tenant: 'gone', model: NEW })
    expect(await stateOf(two, 'gone')).toEqual([NEW, []])
  })

  it('never stores what the newest schema does not accept, whoever is first', async () => {
    const REBAC_DATABASE_URL = (await makeDatabase()).url
    const clients = [
      (await start({ REBAC_DATABASE_URL })).client,
      (await start({ REBAC_DATABASE_URL })).client,
    ] as const
    const outcomes = new Set<string>()
    for (let round = 0; round < 30; round += 1) {
      const tenant = `round-${round}`
      const [one, two] = round % 2 === 0 ? clients : [clients[1], clients[0]]
      await one.writeSchema({ tenant, model: OLD })
      const [schema, old, fresh] = await Promise.allSettled([
        one.writeSchema({ tenant, model: NEW }),
        grant(two, tenant, 'doc:1#reader@user:alice'),
        grant(two, tenant, 'doc:1#writer@user:alice'),
      ])
      const accepted = schema.status === 'fulfilled'
      const stored = [
        ...(old.status === 'fulfilled' ? ['reader'] : []),
        ...(fresh.status === 'fulfilled' ? ['writer'] : []),
      ]
      expect(await stateOf(two, tenant)).toEqual([accepted ? NEW : OLD, stored])
      expect(stored).not.toContain(accepted ? 'reader' : 'writer')
      outcomes.add(String(accepted))
    }
    expect(outcomes.size).toBeGreaterThan(0)
  })
})

describeOnEachEngine('schemas under load', ({ start, makeUrl }) => {
  it('are installed although relationships are written all the time', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() })
    const tenant = 'busy'
    await client.writeSchema({ tenant, model: OLD })
    let installed = false
    const writer = async (name: number) => {
      let count = 0
      for (; !installed; count += 1) await grant(client, tenant, `doc:${count}#owner@user:${name}`)
      return count
    }
    const writers = [1, 2, 3, 4, 5, 6, 7, 8].map(writer)
    for (const relations of [['owner', 'writer'], ['owner'], ['owner', 'editor']]) {
      await client.writeSchema({ tenant, model: model(...relations) })
    }
    installed = true
    const written = (await Promise.all(writers)).reduce((sum, count) => sum + count, 0)
    expect(await stateOf(client, tenant)).toEqual([
      model('owner', 'editor'),
      Array.from({ length: written }, () => 'owner'),
    ])
  })
})

describeOnEachEngine('a write that is repeated after the schema changed', ({ start, makeUrl }) => {
  it('gets the first answer, and its key stays its own', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() })
    const tenant = 'repeated'
    await client.writeSchema({ tenant, model: OLD })
    const request = { tenant, operations: [operation('create', 'doc:1#reader@user:alice')], idempotencyKey: 'k' }
    const first = await client.write(request)
    await client.writeSchema({ tenant, model: NEW, force: true })
    expect(await client.write(request)).toEqual(first)
    const other = { ...request, operations: [operation('create', 'doc:2#reader@user:alice')] }
    expect(await failureOf(client.write(other))).toMatchObject({ code: 6, reason: 'IDEMPOTENCY_KEY_REUSED' })
    const unused = { ...other, idempotencyKey: 'unused' }
    expect(await failureOf(client.write(unused))).toMatchObject({ code: 3, reason: 'UNKNOWN_RELATION' })
    expect(await stateOf(client, tenant)).toEqual([NEW, ['reader']])
  })

  it('holds for moves too', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() })
    const tenant = 'moved'
    await grant(client, tenant, 'file:/a/x#direct_owner@user:alice')
    const request = { tenant, objectType: 'file', fromId: '/a', toId: '/b', idempotencyKey: 'k' }
    const move = () =>
      client.unary<MoveObjectsRequest, MoveObjectsResponse>((...call) => client.raw.moveObjects(...call), request)
    const first = await move()
    expect(first.movedCount).toBe(1)
    await client.writeSchema({ tenant, model: NEW, force: true })
    expect(await move()).toEqual(first)
  })
})
