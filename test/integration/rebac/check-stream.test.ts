import { beforeAll, describe, expect, it } from 'vitest'
import { type CheckStreamItem } from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import type { RelationshipStore } from '../../../services/rebac/store/contract.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { servicesForSuite, type TestService } from './support/service.ts'
import { askOnce, TestStream } from './support/stream.ts'
import { withMethods } from './support/store.ts'
import { bulkRequest, checkRequest, relationship } from './support/wire.ts'

const ALLOWED = { $case: 'check', value: { decision: 2 } }
const DENIED = { $case: 'check', value: { decision: 1 } }

const check = (
  id: number,
  text: string,
  fields: Parameters<typeof checkRequest>[1] = {},
  timeoutMs = 0,
): CheckStreamItem => ({
  id,
  timeoutMs,
  question: { $case: 'check', value: checkRequest(text, fields) },
})

describe('the stream of checks', () => {
  const { start, makeFolder } = servicesForSuite()
  let service: TestService
  beforeAll(async () => {
    service = await start()
    await service.client.grant('file:/docs#direct_owner@user:alice')
  })

  it('matches answers by id, whatever the tenant or the form of the question', async () => {
    const bulk = bulkRequest(['user:alice read file:/docs', 'user:bob read file:/docs'])
    const results = await askOnce(service.client, [
      check(7, 'user:alice read file:/docs'),
      check(3, 'user:bob read file:/docs'),
      { id: 4_294_967_295, timeoutMs: 0, question: { $case: 'bulk', value: bulk } },
      check(5, 'user:alice read file:/docs', { tenant: 'beta' }),
      check(9, 'user:bob read file:/x', { contextualRelationships: [relationship('file:/x#direct_viewer@user:bob')] }),
    ])
    expect(results.get(7)).toMatchObject(ALLOWED)
    expect(results.get(3)).toMatchObject(DENIED)
    expect(results.get(5)).toMatchObject(DENIED)
    expect(results.get(9)).toMatchObject(ALLOWED)
    expect(results.get(4_294_967_295)).toMatchObject({ $case: 'bulk', value: { results: [{}, {}] } })
  })

  it('answers what came in one message in one message', async () => {
    const stream = new TestStream(service.client)
    await Promise.all(
      stream.ask(...Array.from({ length: 100 }, (_, id) => check(id, `user:alice read file:/docs/${id}`))),
    )
    expect(stream.messages).toHaveLength(1)
    stream.end()
    await expect(stream.ended).resolves.toBe('end')
  })

  it('keeps an error to the item that it belongs to', async () => {
    const results = await askOnce(service.client, [
      check(1, 'user:alice read file:'),
      check(2, 'user:alice read file:/docs'),
      check(3, 'user:alice read file:/docs', { schemaVersion: 'nope' }),
      { id: 4, timeoutMs: 0, question: undefined },
      check(5, 'user:alice read file:/docs', { tenant: '' }),
    ])
    expect(results.get(1)).toMatchObject({ $case: 'error', value: { code: 3, reason: 'INVALID_OBJECT' } })
    expect(results.get(2)).toMatchObject(ALLOWED)
    expect(results.get(3)).toMatchObject({ $case: 'error', value: { code: 5, reason: 'SCHEMA_VERSION_NOT_FOUND' } })
    expect(results.get(4)).toMatchObject({ $case: 'error', value: { code: 3, reason: 'INVALID_REQUEST' } })
    expect(results.get(5)).toMatchObject({ $case: 'error', value: { code: 3, reason: 'INVALID_TENANT' } })
  })

  it('takes up ids again after they were answered', async () => {
    const stream = new TestStream(service.client)
    for (let round = 0; round < 3; round += 1) {
      await expect(stream.ask(check(1, 'user:alice read file:/docs'))[0]).resolves.toMatchObject(ALLOWED)
    }
    stream.end()
  })

  it('answers thousands of items from a client that reads late', async () => {
    const stream = new TestStream(service.client)
    const answers: Promise<unknown>[] = []
    for (let message = 0; message < 50; message += 1) {
      const items = Array.from({ length: 400 }, (_, index) =>
        check(message * 400 + index, `user:alice read file:/docs/${index}`),
      )
      answers.push(...stream.ask(...items))
    }
    stream.end()
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject(ALLOWED)
    await expect(stream.ended).resolves.toBe('end')
  })

  describe('with a database that does not answer', () => {
    const openStuck = async () => {
      const store = await openRelationshipStore({ url: `sqlite:${await makeFolder()}/rebac.db` })
      const stuck = Promise.withResolvers<void>()
      const loadTenant: RelationshipStore['loadTenant'] = async (tenant, begin) => {
        if (tenant === 'stuck') await stuck.promise
        return store.loadTenant(tenant, begin)
      }
      const release = () => stuck.resolve()
      return { service: await start({}, { store: withMethods(store, { loadTenant }) }), release }
    }

    it('fails an item at its own deadline, and serves others meanwhile', async () => {
      const { service: slow, release } = await openStuck()
      const stream = new TestStream(slow.client)
      const [late, fine] = stream.ask(
        check(1, 'user:a read file:/x', { tenant: 'stuck' }, 50),
        check(2, 'user:a read file:/x'),
      )
      await expect(fine).resolves.toMatchObject(DENIED)
      await expect(late).resolves.toMatchObject({ $case: 'error', value: { code: 4, reason: 'DEADLINE_EXCEEDED' } })
      release()
      stream.end()
      await stream.ended
    })

    it('says nothing more of an item that was cancelled', async () => {
      const { service: slow, release } = await openStuck()
      const stream = new TestStream(slow.client)
      stream.send({ items: [check(1, 'user:a read file:/x', { tenant: 'stuck' })], cancelIds: [] })
      const [after] = stream.ask(check(2, 'user:a read file:/x'))
      await after
      stream.send({ items: [], cancelIds: [1, 99] })
      await stream.ask(check(3, 'user:a read file:/x'))[0]
      release()
      await stream.ask(check(4, 'user:a read file:/x', { tenant: 'stuck' }))[0]
      expect(stream.messages.flat()).toEqual([2, 3, 4])
      stream.end()
    })

    it('refuses an id that is still in use', async () => {
      const { service: slow, release } = await openStuck()
      const stream = new TestStream(slow.client)
      const [answer] = stream.ask(check(1, 'user:a read file:/x', { tenant: 'stuck' }), check(1, 'user:a read file:/x'))
      await expect(answer).resolves.toMatchObject({ $case: 'error', value: { reason: 'INVALID_REQUEST' } })
      release()
      stream.cancel()
    })
  })
})
