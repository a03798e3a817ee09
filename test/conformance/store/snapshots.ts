import { expect, it } from 'vitest'
import type { Part } from '../../../services/rebac/model/part.ts'
import type { RelationshipStore, TenantSnapshot } from '../../../services/rebac/store/contract.ts'
import { OUTLINE_FROM } from '../../../services/rebac/store/reads/fetch-parts.ts'
import { fetchFromArray } from '../../support/store-backed/fake-parts.ts'
import {
  create,
  expectReason,
  find,
  fresh,
  head,
  key,
  NOW,
  put,
  remove,
  type Suite,
  texts,
  writing,
} from './harness.ts'

const later = (): number => Date.now() + 30_000

async function fetch(store: RelationshipStore, tenant: string, parts: readonly Part[], maxRelationships = 1_000_000) {
  const fetching = (snapshot: TenantSnapshot) => snapshot.parts(parts, { now: NOW, maxRelationships })
  const fetched = await store.readSnapshot(tenant, fetching, later())
  const sorted = fetched.map((one) => ({ ...one, relationships: texts(one.relationships), outline: one.outline }))
  return new Map(sorted.map(({ part, ...found }) => [JSON.stringify(part), found]))
}

/** A thousand relationships a write, as the limits of a request have it. */
async function putMany(store: RelationshipStore, tenant: string, relationships: readonly string[]): Promise<void> {
  for (let from = 0; from < relationships.length; from += 1_000) {
    await put(store, tenant, ...relationships.slice(from, from + 1_000))
  }
}

export function snapshotTests(suite: Suite): void {
  it('have the parts that are asked for, and nothing that has expired', async () => {
    const [tenant, other] = [suite.tenant(), suite.tenant()]
    const relationships = [
      'file:/a#viewer@user:ann',
      'file:/a#viewer@group:g#member',
      'file:/a#owner@user:*',
      'file:/a/b#viewer@user:ann',
      'file:/a/b/c#viewer@*:*',
      'file:/ab#viewer@user:ann',
      'doc:1#parent@file:/a/x',
      'doc:1#parent@file:/a',
      'doc:2#parent@away/file:/a/x',
      'group:g#member@user:ann',
      'group:g#member@away/user:ann',
      'group:h#member@group:g#member',
      'group:h#member@group:g',
    ]
    await put(suite.store, tenant, ...relationships)
    await suite.store.write(writing(tenant, [create('file:/a#viewer@user:late', { expiresAt: NOW })], { now: NOW - 1 }))
    await put(suite.store, other, 'file:/a#viewer@user:eve', 'group:g#member@user:eve')
    const stored = await find(suite.store, tenant)
    const parts: readonly Part[] = [
      { kind: 'object', objectType: 'file', objectId: '/a' },
      { kind: 'object', objectType: 'file', objectId: '/nothing' },
      { kind: 'members', objectType: 'file', objectId: '/a', relation: 'viewer' },
      { kind: 'members', objectType: 'group', objectId: 'h', relation: 'member' },
      { kind: 'key', key: key('file:/a#viewer@group:g#member') },
      { kind: 'key', key: key('file:/a#viewer@user:late') },
      { kind: 'key', key: key('group:g#member@away/user:ann') },
      { kind: 'subject', subjectTenant: '', subjectType: 'user', subjectId: 'ann' },
      { kind: 'subject', subjectTenant: 'away', subjectType: 'user', subjectId: 'ann' },
      { kind: 'subject', subjectTenant: '', subjectType: 'group', subjectId: 'g' },
      { kind: 'subject', subjectTenant: '', subjectType: '*', subjectId: '*' },
      { kind: 'subtree', objectType: 'file', objectId: '/a', separator: '/' },
      { kind: 'subtree', objectType: 'file', objectId: '/', separator: '/' },
    ]
    const fetched = await fetch(suite.store, tenant, parts)
    for (const part of parts) {
      const { relationships: expected, outline } = fetchFromArray(stored, part, { now: NOW, outlineFrom: OUTLINE_FROM })
      expect(fetched.get(JSON.stringify(part)), JSON.stringify(part)).toEqual({
        relationships: texts(expected),
        outline,
      })
    }
    expect(fetched.size).toBe(parts.length)
  })

  it('have large parts whole, and large objects as an outline', async () => {
    const tenant = suite.tenant()
    const many = Array.from({ length: 4_500 }, (_, index) => String(index).padStart(5, '0'))
    await putMany(suite.store, tenant, [
      ...many.map((id) => `file:/big#viewer@user:${id}`),
      ...many.slice(0, 300).map((id) => `file:/big#editor@group:${id}#member`),
      'file:/big#owner@user:ann',
      ...many.map((id) => `file:/tree/${id}#viewer@user:ann`),
    ])
    const object: Part = { kind: 'object', objectType: 'file', objectId: '/big' }
    const members: Part = { kind: 'members', objectType: 'file', objectId: '/big', relation: 'viewer' }
    const subject: Part = { kind: 'subject', subjectTenant: '', subjectType: 'user', subjectId: 'ann' }
    const subtree: Part = { kind: 'subtree', objectType: 'file', objectId: '/tree', separator: '/' }
    const fetched = await fetch(suite.store, tenant, [object, members, subject, subtree])
    const of = (part: Part) => fetched.get(JSON.stringify(part))
    expect(of(object)?.relationships).toEqual(many.slice(0, 300).map((id) => `file:/big#editor@group:${id}#member`))
    expect(of(object)?.outline?.toSorted()).toEqual(['editor', 'owner', 'viewer'])
    expect(of(members)?.relationships).toEqual(many.map((id) => `file:/big#viewer@user:${id}`))
    expect(of(subject)?.relationships).toHaveLength(4_501)
    expect(of(subtree)?.relationships).toEqual(many.map((id) => `file:/tree/${id}#viewer@user:ann`))
    await expectReason(fetch(suite.store, tenant, [members], 4_499), 'NODE_BUDGET_EXCEEDED')
  }, 60_000)

  it('stay what they are while others write', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, 'file:/a#viewer@user:ann')
    const part: Part = { kind: 'object', objectType: 'file', objectId: '/a' }
    const limits = { now: NOW, maxRelationships: 100 }
    let begun: () => void = () => undefined
    const started = new Promise<void>((resolve) => (begun = resolve))
    let written = false
    const reading = suite.store.readSnapshot(
      tenant,
      function* (snapshot) {
        const [before] = yield* snapshot.parts([part], limits)
        begun()
        while (!written) yield* snapshot.pause()
        const [after] = yield* snapshot.parts([part], limits)
        const page = yield* snapshot.relationships({ filter: {}, afterId: '', limit: 10, now: NOW })
        const { entries } = yield* snapshot.log(0, 10)
        return { before, after, page, entries, revision: snapshot.revision }
      },
      later(),
    )
    await started
    await suite.store.write(writing(tenant, [remove('file:/a#viewer@user:ann'), create('file:/a#viewer@user:bob')]))
    written = true
    const { before, after, page, entries, revision } = await reading
    expect(texts(before?.relationships ?? [])).toEqual(['file:/a#viewer@user:ann'])
    expect(after).toEqual(before)
    expect(page).toMatchObject({ revision: 1, relationships: before?.relationships })
    expect(entries).toHaveLength(1)
    expect(revision).toBe(1)
    expect(await head(suite.store, tenant)).toBe(2)
    const [newest] =
      (await suite.store.readSnapshot(tenant, (snapshot) => snapshot.parts([part], limits), later())) ?? []
    expect(texts(newest?.relationships ?? [])).toEqual(['file:/a#viewer@user:bob'])
  })

  it('know the schema', async () => {
    const tenant = suite.tenant()
    const source = { format: 'dsl' as const, model: 'model\n  schema 1.1\ntype user\n', hierarchies: [] }
    const now = NOW
    for (const version of ['v1', 'v2']) {
      await suite.store.writeSchema({
        tenant,
        version,
        source,
        expectedVersion: null,
        checked: null,
        now,
        deadline: later(),
      })
    }
    const read = suite.store.readSnapshot(
      tenant,
      function* (snapshot) {
        const first = yield* snapshot.schemaVersionAt(1)
        return [snapshot.schemaVersion, first, (yield* snapshot.schema(first))?.version, snapshot.revision]
      },
      later(),
    )
    expect(await read).toEqual(['v2', 'v1', 'v1', 2])
    const unknown = suite.store.readSnapshot(
      suite.tenant(),
      // eslint-disable-next-line require-yield -- It reads nothing.
      function* ({ revision, schemaVersion }) {
        return { revision, schemaVersion }
      },
      later(),
    )
    expect(await unknown).toEqual({ revision: 0, schemaVersion: '' })
  })

  it('fail with what their work throws', async () => {
    const work = function* (snapshot: TenantSnapshot) {
      yield* snapshot.pause()
      throw new RangeError('of the work')
    }
    await expectReason(suite.store.readSnapshot(suite.tenant(), work, later()), 'INTERNAL')
  })

  it('a tenant exceeds a number of relationships or not', async () => {
    const tenant = suite.tenant()
    expect(await suite.store.exceeds(tenant, 0)).toBe(false)
    await suite.store.write(
      writing(
        tenant,
        Array.from({ length: 10 }, (_, index) => ({
          kind: 'create',
          relationship: fresh(`file:/${index}#viewer@user:ann`),
        })),
      ),
    )
    const answers = []
    for (const count of [0, 1, 9, 10, 11, 200_000]) answers.push(await suite.store.exceeds(tenant, count))
    expect(answers).toEqual([true, true, true, false, false, false])
  })
}
