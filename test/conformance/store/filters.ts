import { beforeAll, expect, it } from 'vitest'
import type { Relationship } from '../../../services/rebac/model/relationship.ts'
import type { Filter } from '../../../services/rebac/store/contract.ts'
import { deleting, expectReason, find, head, history, put, type Suite, texts, writing } from './harness.ts'

const ROWS = [
  'file:/a#viewer@user:alice',
  'file:/a#viewer@user:Alice',
  'file:/a#viewer@user:alice ',
  'file:/a#editor@group:g#member',
  'file:/a#viewer@group:g',
  'file:/a#shared-viewer@other/user:alice',
  'file:/a#viewer@user:*',
  'file:/a%#viewer@user:u',
  'file:/a_b#viewer@user:u',
  'file:/aXb#viewer@user:u',
  'file:/a/b#viewer@user:u',
  'file:/A/b#viewer@user:u',
  'file:/a #viewer@user:u',
  'file:/é/ü#viewer@user:ü',
  'file:/日本/語#viewer@user:日本',
  'file:/\u{1F600}/x#viewer@user:u',
  'file:/\uD7FF/x#viewer@user:u',
  'file:/\uFFFD/x#viewer@user:u',
  'file:/\u{10FFFF}/x#viewer@user:u',
  'group:g#member@user:alice',
]

export function filterTests(suite: Suite): void {
  let tenant = ''
  let rows: readonly Relationship[] = []
  beforeAll(async () => {
    tenant = suite.tenant()
    rows = (await put(suite.store, tenant, ...ROWS)).written
  })

  it('deletes at most so many at once, and nothing at all where more match', async () => {
    const other = suite.tenant()
    await put(suite.store, other, 'file:/a#viewer@user:a', 'file:/a#viewer@user:b', 'file:/c#viewer@user:a')
    const error = await expectReason(
      suite.store.deleteMatching(deleting(other, {}, { maxChanges: 2 })),
      'TOO_MANY_CHANGES',
    )
    expect(error.message).toBe(
      'This concerns more than 2 relationships; at most 2 (200 MB) are deleted at once: delete by narrower filters, one after the other.',
    )
    expect(await head(suite.store, other)).toBe(1)
    expect(await find(suite.store, other)).toHaveLength(3)
    const narrower = deleting(other, { objectId: '/a' }, { maxChanges: 2 })
    expect(await suite.store.deleteMatching(narrower)).toMatchObject({ deletedCount: 2, revision: 2 })
    expect(await suite.store.deleteMatching(narrower)).toMatchObject({ deletedCount: 0, revision: 2 })
  })

  /** What a filter must find, said in TypeScript. */
  function expected(filter: Filter): readonly string[] {
    const same = (field: keyof Relationship & keyof Filter) => (row: Relationship) =>
      filter[field] === undefined || filter[field] === row[field]
    return texts(
      rows
        .filter(same('objectType'))
        .filter(same('objectId'))
        .filter(same('subjectTenant'))
        .filter(same('subjectType'))
        .filter(same('subjectId'))
        .filter(same('subjectRelation'))
        .filter(({ id }) => filter.ids?.includes(id) ?? true)
        .filter(({ relation }) => filter.relations?.includes(relation) ?? true)
        .filter(({ objectId }) => objectId.startsWith(filter.objectIdPrefix ?? ''))
        .filter(({ subjectId }) => subjectId.startsWith(filter.subjectIdPrefix ?? '')),
    )
  }

  const cases: readonly Filter[] = [
    {},
    { objectType: 'group' },
    { objectType: 'fil' },
    { objectId: '/a' },
    { objectId: '/a ' },
    { objectId: '/A' },
    { objectId: '/a%' },
    { objectId: '/a_b' },
    { objectIdPrefix: '' },
    { objectIdPrefix: '/' },
    { objectIdPrefix: '/a' },
    { objectIdPrefix: '/a/' },
    { objectIdPrefix: '/a%' },
    { objectIdPrefix: '/a_' },
    { objectIdPrefix: '%' },
    { objectIdPrefix: '/é' },
    { objectIdPrefix: '/日' },
    { objectIdPrefix: '/\u{1F600}' },
    { objectIdPrefix: '/\uD7FF' },
    { objectIdPrefix: '/\uFFFD' },
    { objectIdPrefix: '/\u{10FFFF}' },
    { objectIdPrefix: '\u{10FFFF}' },
    { objectIdPrefix: '/a', objectId: '/a/b' },
    { objectIdPrefix: '/b', objectId: '/a/b' },
    { relations: ['viewer'] },
    { relations: ['editor', 'shared-viewer', 'nothing'] },
    { relations: [] },
    { subjectTenant: '' },
    { subjectTenant: 'other' },
    { subjectType: 'group' },
    { subjectId: 'alice' },
    { subjectId: 'Alice' },
    { subjectId: 'alice ' },
    { subjectId: '*' },
    { subjectId: 'ü' },
    { subjectIdPrefix: '' },
    { subjectIdPrefix: 'al' },
    { subjectIdPrefix: 'alice ' },
    { subjectIdPrefix: 'A' },
    { subjectIdPrefix: '%' },
    { subjectIdPrefix: '_' },
    { subjectIdPrefix: '*' },
    { subjectIdPrefix: '日' },
    { subjectIdPrefix: '\u{10FFFF}' },
    { subjectIdPrefix: 'al', subjectId: 'alice' },
    { subjectIdPrefix: 'b', subjectId: 'alice' },
    { objectIdPrefix: '/a', subjectType: 'user', subjectIdPrefix: 'u' },
    { subjectRelation: '' },
    { subjectRelation: 'member' },
    { ids: [] },
    { ids: ['nothing'] },
    {
      objectType: 'file',
      objectId: '/a',
      relations: ['viewer'],
      subjectTenant: '',
      subjectType: 'user',
      subjectId: 'alice',
      subjectRelation: '',
    },
  ]
  it.each(cases)('finds exactly what matches %j', async (filter) => {
    expect(texts(await find(suite.store, tenant, filter))).toEqual(expected(filter))
  })

  it('finds by id, together with other fields', async () => {
    const ids = rows.slice(0, 4).map(({ id }) => id)
    for (const filter of [{ ids }, { ids, subjectType: 'user' }, { ids: [...ids, ...ids] }]) {
      expect(texts(await find(suite.store, tenant, filter))).toEqual(expected(filter))
    }
  })

  it('pages in the order of ids, whatever the size of a page', async () => {
    const all = await find(suite.store, tenant)
    expect(all.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted())
    for (const limit of [1, 3, ROWS.length, ROWS.length + 1])
      expect(await find(suite.store, tenant, {}, { limit })).toEqual(all)
    for (const limit of [1, 2, 5]) {
      const filter = { objectId: '/a' }
      expect(texts(await find(suite.store, tenant, filter, { limit }))).toEqual(expected(filter))
    }
  })

  it('says at which revision it read, also when it found nothing', async () => {
    const page = { filter: { objectId: 'nothing' }, afterId: '', limit: 10, now: 1 }
    expect(await suite.store.readRelationships({ tenant, ...page })).toEqual({ relationships: [], revision: 1 })
    expect(await suite.store.readRelationships({ tenant: 'unknown', ...page })).toEqual({
      relationships: [],
      revision: 0,
    })
  })

  it('deletes exactly what matches, in one revision', async () => {
    for (const filter of cases) {
      const own = suite.tenant()
      const { written } = await put(suite.store, own, ...ROWS)
      const gone = expected(filter)
      const result = await suite.store.deleteMatching(deleting(own, filter))
      expect(result.revision).toBe(gone.length === 0 ? 1 : 2)
      expect(result.deletedCount).toBe(gone.length)
      expect(texts(result.changes.map(({ before }) => before).filter((before) => before !== null))).toEqual(gone)
      expect(texts(await find(suite.store, own))).toEqual(texts(written).filter((row) => !gone.includes(row)))
      expect((await history(suite.store, own)).slice(ROWS.length)).toEqual(result.changes)
    }
  })

  it('deletes nothing of another tenant', async () => {
    const [one, two] = [suite.tenant(), suite.tenant()]
    await put(suite.store, one, ...ROWS)
    await put(suite.store, two, ...ROWS)
    await suite.store.deleteMatching(deleting(one, {}))
    expect(await find(suite.store, one)).toEqual([])
    expect(texts(await find(suite.store, two))).toEqual(ROWS.toSorted())
    expect(await head(suite.store, two)).toBe(1)
  })

  it('compares ids by their bytes', async () => {
    // Composed and decomposed, and a ligature: equal to a person, or to a language's rules, but other bytes.
    const own = suite.tenant()
    const names = ['é', 'e\u0301', 'ﬁ', 'fi', 'STRASSE', 'straße', 'ı', 'i', 'a', 'a ', ' a', 'a\u200B']
    await put(suite.store, own, ...names.map((name) => `doc:${name}#viewer@user:u`))
    for (const objectId of names) expect(await find(suite.store, own, { objectId })).toMatchObject([{ objectId }])
    await expectReason(put(suite.store, own, 'doc:é#viewer@user:u'), 'RELATIONSHIP_EXISTS')
    const { written } = await suite.store.write(writing(own, [{ kind: 'delete', key: { ...keyOfDoc('e\u0301') } }]))
    expect(written).toEqual([])
    expect(await find(suite.store, own, { objectId: 'é' })).toHaveLength(1)
  })
}

function keyOfDoc(objectId: string) {
  return {
    objectType: 'doc',
    objectId,
    relation: 'viewer',
    subjectTenant: '',
    subjectType: 'user',
    subjectId: 'u',
    subjectRelation: '',
  }
}
