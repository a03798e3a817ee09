import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ListObjectsRequest, type ListObjectsResponse } from '../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import type { Consistency, Relationship } from '../../../services/common/gen/nexus/rebac/v1/relationship.ts'
import {
  ExportRelationshipsRequest,
  type ExportRelationshipsResponse,
  MoveObjectsRequest,
  type ReadRelationshipsRequest,
} from '../../../services/common/gen/nexus/rebac/v1/write.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { failureOf, type TestClient } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { collect } from './support/stream.ts'
import { checkRequest, filter, message, operation, relationship, subject } from './support/wire.ts'

const exactly = (value: string): Consistency => ({ requirement: { $case: 'atExactSnapshot', value } })
const byId = (rows: readonly Relationship[]) => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))

async function listFiles(client: TestClient, fields: Partial<ListObjectsRequest>): Promise<string[]> {
  const base = { tenant: 'acme', objectType: 'file', relation: 'read', subject: subject('user:alice') }
  const stream = client.raw.listObjects(message(ListObjectsRequest, { ...base, ...fields }), client.metadata)
  const messages = await collect<ListObjectsResponse>(stream)
  return messages.flatMap(({ objects }) => objects.map(({ id }) => id)).toSorted()
}

// No tenant fits in a memory budget of one byte.
const places = [
  ['in memory', {}],
  ['from the store', { memoryBudgetBytes: 1 }],
] as const

describe.each(places)('%s', (_place, overrides) =>
  describeOnEachEngine('at_exact_snapshot', ({ start, makeUrl }) => {
    it('answers every verb as it was, whatever was done since', async () => {
      const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() }, overrides)
      const steps: (() => Promise<{ token: string }>)[] = [
        () => client.grant('file:/a/b#direct_viewer@user:alice', 'file:/c#direct_viewer@group:g#member'),
        () => client.grant('group:g#member@user:alice', 'file:/q#direct_viewer@user:alice'),
        () =>
          client.write({
            operations: [operation('touch', 'file:/c#direct_viewer@group:g#member', { attributes: { a: 1 } })],
          }),
        () => {
          const move = message(MoveObjectsRequest, { tenant: 'acme', objectType: 'file', fromId: '/a', toId: '/q' })
          return client.unary((...call) => client.raw.moveObjects(...call), move)
        },
        () => client.revoke('group:g#member@user:alice'),
        () => client.delete({ allowFull: true }),
        () => client.grant('file:/a/b#direct_owner@user:alice'),
      ]
      const questions = ['/a/b', '/c', '/q', '/q/b'].map((file) => `user:alice read file:${file}`)
      const decisions = (consistency?: Consistency) =>
        Promise.all(questions.map((question) => client.check(checkRequest(question, { consistency }))))
      const states = []
      for (const step of steps) {
        const { token } = await step()
        const { relationships } = await client.read()
        states.push({ token, relationships, files: await listFiles(client, {}), decided: await decisions() })
      }
      for (const { token, relationships, files, decided } of states.toReversed()) {
        const consistency = exactly(token)
        expect(await client.read({ consistency })).toMatchObject({ token, relationships })
        expect(await listFiles(client, { consistency })).toEqual(files)
        expect(await decisions(consistency)).toEqual(decided)
      }
      const first = states[0]?.token ?? ''
      const given = {
        consistency: exactly(first),
        contextualRelationships: [relationship('group:g#member@user:alice')],
      }
      expect(await client.allows('user:alice read file:/c/deep', given)).toBe(true)
    })

    it('reads page by page what there was, without building it in memory', async () => {
      const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() }, overrides)
      const texts = Array.from({ length: 60 }, (_, index) => `file:/f${index}#direct_viewer@user:u${index % 3}`)
      const { written } = await client.grant(...texts)
      const every = (step: number) => texts.filter((_, index) => index % step === 0)
      const steps: (() => Promise<unknown>)[] = [
        () => client.revoke(...every(4)),
        () => client.grant(...every(8)),
        () => client.write({ operations: every(7).map((text) => operation('touch', text, { attributes: { a: 1 } })) }),
        () => {
          const move = message(MoveObjectsRequest, { tenant: 'acme', objectType: 'file', fromId: '/f3', toId: '/f60' })
          return client.unary((...call) => client.raw.moveObjects(...call), move)
        },
        () => client.delete({ allowFull: true }),
        () => client.grant(...every(2), ...every(2).map((text) => text.replace('direct_viewer', 'direct_owner'))),
      ]
      const filters = [
        filter(),
        filter({ relations: ['direct_viewer'], objectIdPrefix: '/f1' }),
        filter({ objectType: 'file', objectId: '/f8' }),
        filter({ subject: { type: 'user', id: 'u0', idPrefix: '' } }),
      ]
      const readAll = async (fields: Partial<ReadRelationshipsRequest>) => {
        const pages: Relationship[][] = []
        for (let cursor = ''; pages.length === 0 || cursor !== ''; ) {
          const { relationships, nextCursor } = await client.read({ ...fields, cursor })
          pages.push(relationships)
          cursor = nextCursor
        }
        return pages
      }
      const states = []
      for (const step of [() => Promise.resolve(), ...steps]) {
        await step()
        const rows = await Promise.all(filters.map((one) => client.read({ filter: one })))
        states.push({ token: rows[0]?.token ?? '', rows: rows.map(({ relationships }) => relationships) })
      }
      expect(states[0]?.rows[0]).toEqual(byId(written))
      const built = vi.spyOn(TenantGraph.prototype, 'relationship')
      onTestFinished(() => built.mockRestore())
      for (const { token, rows } of states) {
        for (const [index, expected] of rows.entries()) {
          const pages = await readAll({ filter: filters[index], consistency: exactly(token), pageSize: 7 })
          expect(pages.flat()).toEqual(expected)
          expect(pages.slice(0, -1).every((page) => page.length === 7)).toBe(true)
        }
      }
      expect(built).not.toHaveBeenCalled()
    }, 60_000)

    it('uses the schema of then', async () => {
      const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() }, overrides)
      const model = (rewrite: string) =>
        `model\n  schema 1.1\ntype user\ntype doc\n  relations\n    define owner: [user]\n    define viewer: ${rewrite}\n`
      const { token: builtIn } = await client.grant('doc:1#owner@user:alice')
      const { token: wide } = await client.writeSchema({ model: model('[user] or owner') })
      const { token: between } = await client.grant('doc:2#owner@user:alice')
      const { token: narrow } = await client.writeSchema({ model: model('[user]') })
      const allowed = (token: string, doc: number) =>
        client.allows(`user:alice viewer doc:${doc}`, { consistency: exactly(token) })
      expect(await allowed(wide, 1)).toBe(true)
      expect(await allowed(wide, 2)).toBe(false)
      expect(await allowed(between, 2)).toBe(true)
      expect(await allowed(narrow, 2)).toBe(false)
      // The built-in schema is open: what it does not declare is a relation that nobody has.
      expect(await allowed(builtIn, 1)).toBe(false)
      expect(await client.readSchema({ consistency: exactly(builtIn) })).toMatchObject({
        isDefault: true,
        token: builtIn,
      })
      expect(await client.readSchema({ consistency: exactly(between) })).toMatchObject({
        model: model('[user] or owner'),
      })
    })

    it('keeps an export whole while others write', async () => {
      const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() }, overrides)
      const texts = Array.from({ length: 6_000 }, (_, index) => `file:/f${index}#direct_viewer@user:alice`)
      const { token, written } = await client.grant(...texts)
      await client.delete({ filter: filter({ objectIdPrefix: '/f1' }) })
      const exporting = (cursor: string) => {
        const request = { tenant: 'acme', filter: filter(), consistency: exactly(token), cursor }
        return collect<ExportRelationshipsResponse>(
          client.raw.exportRelationships(message(ExportRelationshipsRequest, request), client.metadata),
        )
      }
      const [first, ...rest] = await exporting('')
      await client.delete({ allowFull: true })
      expect(await exporting(first?.cursor ?? '')).toEqual(rest)
      expect(first?.token).toBe(token)
      expect(byId([first, ...rest].flatMap((part) => part?.relationships ?? []))).toEqual(byId(written))
    }, 30_000)

    it('says so when it is not kept any more', async () => {
      const store = await openRelationshipStore({ url: await makeUrl() })
      const { client } = await start({}, { store, ...overrides })
      const { token: old } = await client.grant('file:/a#direct_viewer@user:alice')
      const { token: newest } = await client.grant('file:/b#direct_viewer@user:alice')
      await store.trim({ logBefore: Date.now() + 1_000, keysBefore: 0 })
      const check = (token: string) =>
        client.check(checkRequest('user:alice read file:/a', { consistency: exactly(token) }))
      expect(await failureOf(check(old))).toMatchObject({ code: 11, reason: 'REVISION_TRIMMED' })
      expect(await check(newest)).toEqual({ decision: 2, token: newest })
    })
  }),
)
