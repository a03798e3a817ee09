import { beforeAll, describe, expect, it } from 'vitest'
import { failureOf } from './support/client.ts'
import { servicesForSuite, type TestService } from './support/service.ts'
import { bulkRequest, checkRequest, question, relationship, subject } from './support/wire.ts'

const ALLOWED = 2
const DENIED = 1

const GUARDED = `model
  schema 1.1
type user
type doc
  relations
    define parent: [doc]
    define viewer: [user] or viewer from parent
    define blocked: [user]
    define reader: viewer but not blocked
`

describe('checks', () => {
  const { start } = servicesForSuite()
  let service: TestService
  beforeAll(async () => {
    service = await start()
    await service.client.grant(
      'file:/docs#direct_owner@user:alice',
      'file:/docs/plan#direct_viewer@group:eng',
      'group:eng#member@user:bob',
      'agent:alice,helper#inherits_from@user:alice',
    )
  })

  it('answers from the relationships and their rewrites', async () => {
    const { client } = service
    await expect(client.allows('user:alice write file:/docs/deep/down')).resolves.toBe(true)
    await expect(client.allows('user:bob read file:/docs/plan')).resolves.toBe(true)
    await expect(client.allows('user:bob write file:/docs/plan')).resolves.toBe(false)
    await expect(client.allows('user:bob read file:/docs')).resolves.toBe(false)
  })

  it('takes ids of hierarchical types with a trailing separator', async () => {
    await expect(service.client.allows('user:alice write file:/docs/')).resolves.toBe(true)
  })

  it('sees default schema and no relationships in an unknown tenant', async () => {
    await expect(service.client.allows('user:alice write file:/docs', { tenant: 'nobody' })).resolves.toBe(false)
  })

  it('allows if any of the further subjects is allowed', async () => {
    const { client } = service
    await expect(client.allows('user:bob write file:/docs', { alsoAs: [subject('user:alice')] })).resolves.toBe(true)
    await expect(client.allows('user:bob write file:/docs', { alsoAs: [subject('user:carol')] })).resolves.toBe(false)
  })

  it('fills in those whom the subject inherits from, if asked to', async () => {
    const { client } = service
    await expect(client.allows('agent:alice,helper write file:/docs')).resolves.toBe(false)
    await expect(client.allows('agent:alice,helper write file:/docs', { resolveInheritance: true })).resolves.toBe(true)
    await expect(client.allows('agent:alice,other write file:/docs', { resolveInheritance: true })).resolves.toBe(false)
  })

  it('counts contextual relationships for the one request', async () => {
    const contextualRelationships = [relationship('file:/other#direct_viewer@user:dora')]
    await expect(service.client.allows('user:dora read file:/other', { contextualRelationships })).resolves.toBe(true)
    await expect(service.client.allows('user:dora read file:/other')).resolves.toBe(false)
  })

  it('answers a bulk request item by item, in order, at one revision', async () => {
    const { results, token } = await service.client.checkBulk({
      ...bulkRequest(['user:alice read file:/docs', 'user:bob read file:/docs', 'user:bob read file:/docs/plan']),
    })
    expect(results.map(({ outcome }) => outcome?.value)).toEqual([ALLOWED, DENIED, ALLOWED])
    expect(token).not.toBe('')
  })

  it('says of what is allowed whether it is allowed for everything below, where that follows from the rewrite', async () => {
    const { client } = service
    const covers = async (texts: readonly string[], tenant?: string) => {
      const { results } = await client.checkBulk(bulkRequest(texts, tenant === undefined ? {} : { tenant }))
      return results.map(({ outcome, coversSubtree }) => [outcome?.value, coversSubtree])
    }
    expect(
      await covers(['user:alice read file:/docs/deep', 'user:bob read file:/docs', 'user:bob viewer group:eng']),
    ).toEqual([
      [ALLOWED, true],
      [DENIED, false],
      [ALLOWED, false],
    ])
    const tenant = 'guarded'
    const hierarchies = [{ type: 'doc', relation: 'parent', separator: '/' }]
    await client.writeSchema({ tenant, model: GUARDED, hierarchies })
    const relationships = ['doc:/a#viewer@user:ann', 'doc:/a/b#blocked@user:ann'].map((text) => relationship(text))
    await client.write({
      tenant,
      operations: relationships.map((value) => ({ operation: { $case: 'touch' as const, value } })),
    })
    const asked = ['user:ann viewer doc:/a', 'user:ann reader doc:/a', 'user:ann reader doc:/a/b']
    expect(await covers(asked, tenant)).toEqual([
      [ALLOWED, true],
      [ALLOWED, false],
      [DENIED, false],
    ])
  })

  it('lets one item of a bulk request fail alone', async () => {
    const items = [
      question('user:alice read file:/docs'),
      { ...question('user:alice read file:/docs'), object: undefined },
    ]
    const { results } = await service.client.checkBulk(bulkRequest([], { items }))
    expect(results[0]?.outcome).toEqual({ $case: 'decision', value: ALLOWED })
    expect(results[1]?.outcome).toMatchObject({ $case: 'error', value: { code: 3, reason: 'INVALID_OBJECT' } })
  })

  it('answers ten thousand questions of one request while others are served', async () => {
    const texts = Array.from({ length: 10_000 }, (_, index) => `user:alice read file:/docs/${index % 100}/${index}`)
    const bulk = service.client.checkBulk(bulkRequest(texts))
    await expect(service.client.allows('user:bob read file:/docs/plan')).resolves.toBe(true)
    const { results } = await bulk
    expect(results.every(({ outcome }) => outcome?.value === ALLOWED)).toBe(true)
    expect(results).toHaveLength(10_000)
  })

  it('fails where a bound is exceeded, and does not deny', async () => {
    const limits = { maxDepth: 0, nodeBudget: 1 }
    const failure = await failureOf(service.client.check(checkRequest('user:zoe read file:/docs/a/b/c/d', { limits })))
    expect(failure).toMatchObject({ code: 8, reason: 'NODE_BUDGET_EXCEEDED' })
  })
})
