import { describe, expect, it } from 'vitest'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { postgresForSuite } from '../../support/postgres-for-suite.ts'
import { failureOf } from './support/client.ts'
import { servicesForSuite } from './support/service.ts'
import { withMethods } from './support/store.ts'
import { checkRequest, operation } from './support/wire.ts'

const MODEL = (relation: string) =>
  `model\n  schema 1.1\ntype user\ntype doc\n  relations\n    define ${relation}: [user]\n`

describe('two services over one PostgreSQL', () => {
  const makeDatabase = postgresForSuite()
  const { start } = servicesForSuite()
  const startTwo = async () => {
    const REBAC_DATABASE_URL = (await makeDatabase()).url
    return [await start({ REBAC_DATABASE_URL }), await start({ REBAC_DATABASE_URL })] as const
  }

  it('see grants and revocations of each other at once', async () => {
    const [one, two] = await startTwo()
    for (let round = 0; round < 30; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [one, two] : [two, one]
      const question = `user:u${round} write file:/docs/x`
      await expect(reader.client.allows(question)).resolves.toBe(false)
      await writer.client.grant(`file:/docs#direct_owner@user:u${round}`)
      await expect(reader.client.allows(question)).resolves.toBe(true)
      await writer.client.revoke(`file:/docs#direct_owner@user:u${round}`)
      await expect(reader.client.allows(question)).resolves.toBe(false)
    }
  })

  it('agree under load, with and without tokens', async () => {
    const [one, two] = await startTwo()
    const work = async (index: number) => {
      const [writer, reader] = index % 2 === 0 ? [one, two] : [two, one]
      const text = `file:/load/${index}#direct_viewer@user:u${index}`
      const question = `user:u${index} read file:/load/${index}`
      const { token } = await writer.client.grant(text)
      const consistency = { requirement: { $case: 'atLeastAsFresh', value: token } } as const
      const seen = [await reader.client.allows(question, { consistency }), await reader.client.allows(question)]
      await writer.client.revoke(text)
      return [...seen, await reader.client.allows(question)]
    }
    const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => work(index)))
    for (const answer of answers) expect(answer).toEqual([true, true, false])
  })

  it("follow each other's schemas, and validate writes against the newest", async () => {
    const [one, two] = await startTwo()
    await one.client.writeSchema({ model: MODEL('reader') })
    const grant = { operations: [operation('touch', 'doc:1#reader@user:alice')] }
    await two.client.write(grant)
    await expect(one.client.allows('user:alice reader doc:1')).resolves.toBe(true)
    await one.client.delete({ allowFull: true })
    await one.client.writeSchema({ model: MODEL('viewer') })
    expect(await failureOf(two.client.write(grant))).toMatchObject({ reason: 'UNKNOWN_RELATION' })
    await two.client.write({ operations: [operation('touch', 'doc:1#viewer@user:alice')] })
    await expect(one.client.allows('user:alice viewer doc:1')).resolves.toBe(true)
  })

  it('load anew what was trimmed from the log', async () => {
    const [one, two] = await startTwo()
    await one.client.grant('file:/a#direct_owner@user:alice')
    await expect(two.client.allows('user:alice read file:/a')).resolves.toBe(true)
    const REBAC_DATABASE_URL = (await makeDatabase()).url
    const store = await openRelationshipStore({ url: REBAC_DATABASE_URL })
    const third = await start({}, { store })
    const fourth = await start({ REBAC_DATABASE_URL })
    await third.client.grant('file:/a#direct_owner@user:alice')
    await expect(fourth.client.allows('user:alice read file:/a')).resolves.toBe(true)
    for (let index = 0; index < 10; index += 1) await third.client.grant(`file:/b${index}#direct_owner@user:alice`)
    await third.client.revoke('file:/a#direct_owner@user:alice')
    await store.trim({ logBefore: Date.now() + 1_000, keysBefore: 0 })
    await expect(fourth.client.allows('user:alice read file:/a')).resolves.toBe(false)
    await expect(fourth.client.allows('user:alice read file:/b9')).resolves.toBe(true)
  })

  it('answer all checks of a wave with few questions to the database', async () => {
    const url = (await makeDatabase()).url
    const store = await openRelationshipStore({ url })
    let queries = 0
    const counting = withMethods(store, {
      heads: (tenants) => {
        queries += 1
        return store.heads(tenants)
      },
    })
    const service = await start({}, { store: counting })
    await service.client.grant('file:/docs#direct_owner@user:alice')
    queries = 0
    const wave = Array.from({ length: 200 }, () => service.client.allows('user:alice read file:/docs'))
    expect((await Promise.all(wave)).every(Boolean)).toBe(true)
    expect(queries).toBeLessThan(60)
  })

  it('are unavailable, not wrong, when the database is gone', async () => {
    const url = (await makeDatabase()).url
    const store = await openRelationshipStore({ url })
    let gone = false
    const failing = withMethods(store, {
      heads: (tenants) => (gone ? Promise.reject(new Error('connection refused')) : store.heads(tenants)),
    })
    const service = await start({}, { store: failing })
    await service.client.grant('file:/docs#direct_owner@user:alice')
    gone = true
    const failure = await failureOf(service.client.check(checkRequest('user:alice read file:/docs')))
    expect(failure).toMatchObject({ code: 13, reason: 'INTERNAL' })
    expect(failure.message).not.toContain('connection refused')
    const minimizeLatency = { requirement: { $case: 'minimizeLatency', value: true } } as const
    await expect(service.client.allows('user:alice read file:/docs', { consistency: minimizeLatency })).resolves.toBe(
      true,
    )
  })
})
