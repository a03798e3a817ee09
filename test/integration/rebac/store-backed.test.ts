import { expect, it } from 'vitest'
import { Registry } from 'prom-client'
import { CheckStreamItem } from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import {
  ListObjectsRequest,
  type ListObjectsResponse,
  ListPermissionsRequest,
} from '../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { failureOf, type TestClient } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { collect, TestStream } from './support/stream.ts'
import { bulkRequest, checkRequest, message, object, operation, subject } from './support/wire.ts'

const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type doc
  relations
    define left: [user, group#member]
    define right: [user, group#member]
    define either: left or right
    define both: left and right
    define neither: [user:*] but not either
`
/** No tenant fits into it. */
const NOTHING = { memoryBudgetBytes: 1 }

const listDocs = async (client: TestClient, relation: string): Promise<string[]> => {
  const asked = { tenant: 'acme', objectType: 'doc', relation, subject: subject('user:ann') }
  const messages = await collect<ListObjectsResponse>(
    client.raw.listObjects(message(ListObjectsRequest, asked), client.metadata),
  )
  return messages.flatMap(({ objects }) => objects.map(({ id }) => id))
}

describeOnEachEngine('a tenant that does not fit in memory', ({ start, makeUrl }) => {
  it('is answered of one state each time, while writes go on', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() }, NOTHING)
    await client.writeSchema({ model: MODEL })
    // ann is always in exactly one of two groups, three groups away from the document.
    const chain = (side: string) => [
      `doc:d#${side}@group:${side}1#member`,
      `group:${side}1#member@group:${side}2#member`,
      `group:${side}2#member@group:${side}3#member`,
    ]
    await client.grant(...chain('left'), ...chain('right'), 'doc:d#neither@user:*', 'group:left3#member@user:ann')
    let writing = true
    const write = async () => {
      for (let [from, to] = ['left3', 'right3']; writing; [from, to] = [to, from]) {
        const operations = [
          operation('delete', `group:${from}#member@user:ann`),
          operation('create', `group:${to}#member@user:ann`),
        ]
        const { token } = await client.write({ operations })
        // Whoever has the token sees it.
        const consistency = { requirement: { $case: 'atLeastAsFresh' as const, value: token } }
        const side = to === 'left3' ? 'left' : 'right'
        expect(await client.allows(`user:ann ${side} doc:d`, { consistency })).toBe(true)
        expect(await client.allows(`user:ann ${side} doc:d`)).toBe(true)
      }
    }
    const stream = new TestStream(client)
    const questions = ['user:ann either doc:d', 'user:ann both doc:d', 'user:ann neither doc:d']
    const ask = async (index: number) => {
      const [either = '', both = '', neither = ''] = questions
      expect(await client.allows(either)).toBe(true)
      expect(await client.allows(both)).toBe(false)
      expect(await client.allows(neither)).toBe(false)
      const { results } = await client.checkBulk(
        bulkRequest([...questions, 'user:ann left doc:d', 'user:ann right doc:d']),
      )
      const decisions = results.map(({ outcome }) => outcome?.value)
      expect(decisions.slice(0, 3)).toEqual([2, 1, 1])
      expect(decisions.slice(3).toSorted()).toEqual([1, 2])
      const streamed = questions.map((text, at) =>
        message(CheckStreamItem, {
          id: index * 3 + at + 1,
          question: { $case: 'check', value: checkRequest(text) },
        }),
      )
      const outcomes = await Promise.all(stream.ask(...streamed))
      expect(outcomes.map(({ value }) => value)).toMatchObject([{ decision: 2 }, { decision: 1 }, { decision: 1 }])
      expect(await listDocs(client, 'either')).toEqual(['d'])
      expect(await listDocs(client, 'both')).toEqual([])
      const asked = { tenant: 'acme', object: object('doc:d'), subject: subject('user:ann') }
      const { relations } = await client.listPermissions(message(ListPermissionsRequest, asked))
      expect(relations).toHaveLength(2)
      expect(relations).toContain('either')
    }
    const writer = write()
    await Promise.all(Array.from({ length: 40 }, (_, index) => ask(index)))
    writing = false
    await writer
    stream.end()
  }, 60_000)

  it('takes only what a question needs from the database', async () => {
    const registry = new Registry()
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() }, { ...NOTHING, registry })
    const many = Array.from({ length: 1_000 }, (_, index) => index)
    await client.write({ operations: many.map((id) => operation('touch', `group:all#member@user:u${id}`)) })
    await client.write({
      operations: many.map((id) => operation('touch', `file:/f${id}#direct_viewer@group:all#member`)),
    })
    await client.grant('file:/a/b/c#direct_viewer@group:eng#member', 'group:eng#member@group:all#member')

    const fetchedBy = async (work: () => Promise<unknown>): Promise<number> => {
      const value = async () => {
        const metric = await registry.getSingleMetric('nexus_rebac_store_relationships_total')?.get()
        return metric?.values[0]?.value ?? Number.NaN
      }
      const before = await value()
      await work()
      return (await value()) - before
    }
    expect(
      await fetchedBy(async () => expect(await client.allows('user:u999 read file:/a/b/c/d/e')).toBe(true)),
    ).toBeLessThan(20)
    expect(
      await fetchedBy(async () => expect(await client.allows('user:nobody read file:/a/b/c/d/e')).toBe(false)),
    ).toBeLessThan(20)
    expect((await listFiles(client, 'user:u7')).length).toBe(1_001)
  }, 60_000)

  it('has limits that are errors, not denials', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() }, NOTHING)
    const groups = Array.from({ length: 200 }, (_, index) => `group:g${index}#member@group:g${index + 1}#member`)
    await client.grant('file:/a#direct_viewer@group:g0#member', 'group:g200#member@user:ann', ...groups)
    expect(await client.allows('user:ann read file:/a')).toBe(true)
    const limits = (fields: { maxDepth?: number; nodeBudget?: number }) =>
      failureOf(
        client.check(checkRequest('user:ann read file:/a', { limits: { maxDepth: 0, nodeBudget: 0, ...fields } })),
      )
    expect(await limits({ nodeBudget: 50 })).toMatchObject({ reason: 'NODE_BUDGET_EXCEEDED' })
    expect(await limits({ maxDepth: 100 })).toMatchObject({ reason: 'DEPTH_EXCEEDED' })
    const late = failureOf(client.check(checkRequest('user:ann read file:/a'), 1))
    expect(await late).toMatchObject({ code: 4 })
  }, 60_000)
})

async function listFiles(client: TestClient, subjectText: string): Promise<string[]> {
  const asked = { tenant: 'acme', objectType: 'file', relation: 'read', subject: subject(subjectText) }
  const messages = await collect<ListObjectsResponse>(
    client.raw.listObjects(message(ListObjectsRequest, asked), client.metadata),
  )
  return messages.flatMap(({ objects }) => objects.map(({ id }) => id))
}
