import { loadAll } from '../../support/load-all.ts'
import { expect, it } from 'vitest'
import {
  create,
  expectReason,
  find,
  head,
  history,
  NOW,
  put,
  remove,
  removeIfExists,
  type Suite,
  texts,
  touch,
  writing,
  logOf,
} from './harness.ts'

const ALICE = 'file:/a#viewer@user:alice'
const BOB = 'file:/a#viewer@user:bob'

export function writingTests(suite: Suite): void {
  it('creates: the answer, what is read and the log agree', async () => {
    const tenant = suite.tenant()
    const more = {
      conditionName: 'c',
      conditionContext: { n: 1, deep: { list: [1, 'é', null] } },
      expiresAt: NOW + 5,
      attributes: { as: 'written' },
    }
    const { revision, changes, written, deletedCount } = await suite.store.write(writing(tenant, [create(ALICE, more)]))
    expect({ revision, deletedCount }).toEqual({ revision: 1, deletedCount: 0 })
    expect(written).toHaveLength(1)
    expect(written[0]).toMatchObject({ ...more, createdAt: NOW, objectId: '/a', subjectId: 'alice' })
    expect(written[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(changes).toEqual([{ before: null, after: written[0] }])
    expect(await find(suite.store, tenant)).toEqual(written)
    expect(await history(suite.store, tenant)).toEqual(changes)
  })

  it('answers created and touched relationships in the order of their operations', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, 'file:/b#viewer@user:x', 'file:/d#viewer@user:x')
    const { written, deletedCount } = await suite.store.write(
      writing(tenant, [
        create('file:/c#viewer@user:x'),
        remove('file:/d#viewer@user:x'),
        touch('file:/b#viewer@user:x'),
        create('file:/a#viewer@user:x'),
      ]),
    )
    expect(written.map(({ objectId }) => objectId)).toEqual(['/c', '/b', '/a'])
    expect(deletedCount).toBe(1)
  })

  it('makes ids that grow with the order of writing', async () => {
    const tenant = suite.tenant()
    for (const name of ['b', 'c', 'a']) await put(suite.store, tenant, `file:/x#viewer@user:${name}`)
    expect((await find(suite.store, tenant)).map(({ subjectId }) => subjectId)).toEqual(['b', 'c', 'a'])
  })

  it('refuses to create what exists, by name, and applies nothing', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    const error = await expectReason(
      suite.store.write(writing(tenant, [create(BOB), create(ALICE)])),
      'RELATIONSHIP_EXISTS',
    )
    expect(error.message).toContain(ALICE)
    expect(error.data).toMatchObject({ operation: 1 })
    expect(texts(await find(suite.store, tenant))).toEqual([ALICE])
    expect(await head(suite.store, tenant)).toBe(1)
  })

  it('counts condition and expiry to no key', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    const other = create(ALICE, { conditionName: 'c', expiresAt: NOW + 9 })
    await expectReason(suite.store.write(writing(tenant, [other])), 'RELATIONSHIP_EXISTS')
  })

  it('touch creates, replaces keeping id and time, and is no change when it says the same', async () => {
    const tenant = suite.tenant()
    const first = await suite.store.write(writing(tenant, [touch(ALICE, { attributes: { a: 1, b: 2 } })]))
    const second = await suite.store.write(writing(tenant, [touch(ALICE, { conditionName: 'c' })], { now: NOW + 10 }))
    expect(second.written).toEqual([{ ...first.written[0], conditionName: 'c', attributes: null }])
    expect(second.changes).toEqual([{ before: first.written[0], after: second.written[0] }])
    const third = await suite.store.write(writing(tenant, [touch(ALICE, { conditionName: 'c' })], { now: NOW + 20 }))
    expect(third).toEqual({ revision: 2, changes: [], written: second.written, deletedCount: 0 })
    expect(await find(suite.store, tenant)).toEqual(second.written)
    expect(await head(suite.store, tenant)).toBe(2)
  })

  it('touch replaces each of condition, context, expiry and attributes', async () => {
    const tenant = suite.tenant()
    let revision = (await put(suite.store, tenant, ALICE)).revision
    const steps = [
      { conditionName: 'c' },
      { conditionContext: { a: 1 } },
      { expiresAt: NOW + 1 },
      { attributes: { b: 2 } },
    ]
    let more = {}
    for (const step of steps) {
      more = { ...more, ...step }
      const result = await suite.store.write(writing(tenant, [touch(ALICE, more)]))
      expect(result.revision).toBe(++revision)
      expect(await find(suite.store, tenant)).toMatchObject([more])
    }
  })

  it('touch does not mind the order of JSON fields', async () => {
    const tenant = suite.tenant()
    await suite.store.write(writing(tenant, [create(ALICE, { attributes: { a: 1, b: { c: 1, d: -0 } } })]))
    const same = await suite.store.write(writing(tenant, [touch(ALICE, { attributes: { b: { d: -0, c: 1 }, a: 1 } })]))
    expect(same).toMatchObject({ revision: 1, changes: [] })
  })

  it('deletes, with the image of what was there', async () => {
    const tenant = suite.tenant()
    const { written } = await put(suite.store, tenant, ALICE, BOB)
    const result = await suite.store.write(writing(tenant, [remove(ALICE)]))
    expect(result).toEqual({
      revision: 2,
      changes: [{ before: written[0], after: null }],
      written: [],
      deletedCount: 1,
    })
    expect(texts(await find(suite.store, tenant))).toEqual([BOB])
  })

  it('refuses to delete what is missing, by name, unless told otherwise', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    const error = await expectReason(
      suite.store.write(writing(tenant, [remove(ALICE), remove(BOB)])),
      'RELATIONSHIP_NOT_FOUND',
    )
    expect(error.message).toContain(BOB)
    expect(texts(await find(suite.store, tenant))).toEqual([ALICE])
    const result = await suite.store.write(writing(tenant, [removeIfExists(BOB), removeIfExists(ALICE)]))
    expect(result).toMatchObject({ revision: 2, deletedCount: 1 })
  })

  it('a deleted relationship that is created again has a new id', async () => {
    const tenant = suite.tenant()
    const first = await put(suite.store, tenant, ALICE)
    await suite.store.write(writing(tenant, [remove(ALICE)]))
    const again = await put(suite.store, tenant, ALICE)
    expect(again.written[0]?.id).not.toBe(first.written[0]?.id)
  })

  it('refuses two operations on one relationship', async () => {
    const tenant = suite.tenant()
    const error = await expectReason(
      suite.store.write(writing(tenant, [create(ALICE), create(BOB), removeIfExists(ALICE)])),
      'DUPLICATE_KEY_IN_REQUEST',
    )
    expect(error.message).toContain(ALICE)
    expect(await head(suite.store, tenant)).toBe(0)
  })

  it('a write of nothing, or that changes nothing, makes no revision', async () => {
    const tenant = suite.tenant()
    expect(await suite.store.write(writing(tenant, []))).toEqual({
      revision: 0,
      changes: [],
      written: [],
      deletedCount: 0,
    })
    await put(suite.store, tenant, ALICE)
    const result = await suite.store.write(writing(tenant, [touch(ALICE), removeIfExists(BOB)]))
    expect(result).toMatchObject({ revision: 1, changes: [], deletedCount: 0 })
    expect(await logOf(suite.store, tenant, 0, 10)).toHaveLength(1)
  })

  it('keeps apart keys that differ in one field only', async () => {
    const tenant = suite.tenant()
    const keys = [
      'file:/a#viewer@user:alice',
      'file:/a#viewer@other/user:alice',
      'file:/a#viewer@user:alice#member',
      'file:/a#viewer@agent:alice',
      'file:/a#editor@user:alice',
      'file:/a/#viewer@user:alice',
      'folder:/a#viewer@user:alice',
      'file:/a#viewer@user:*',
      'file:/a#viewer@*:*',
    ]
    await put(suite.store, tenant, ...keys)
    expect(texts(await find(suite.store, tenant))).toEqual(keys.toSorted())
    await suite.store.write(writing(tenant, [remove('file:/a#viewer@user:alice')]))
    expect(texts(await find(suite.store, tenant))).toEqual(keys.slice(1).toSorted())
  })

  it('applies 10,000 operations in one revision', { timeout: 30_000 }, async () => {
    const tenant = suite.tenant()
    const names = Array.from({ length: 10_000 }, (_, index) => `file:/big/${index}#viewer@user:u${index % 100}`)
    const { revision, written, changes } = await put(suite.store, tenant, ...names)
    expect(revision).toBe(1)
    expect(written.map(({ objectId }) => objectId)).toEqual(names.map((_, index) => `/big/${index}`))
    expect(changes).toHaveLength(10_000)
    const mixed = names.map((name, index) => (index % 2 === 0 ? remove(name) : touch(name, { attributes: { index } })))
    const second = await suite.store.write(writing(tenant, mixed))
    expect(second).toMatchObject({ revision: 2, deletedCount: 5_000 })
    expect(second.changes).toHaveLength(10_000)
    expect((await loadAll(suite.store, tenant, NOW)).relationships).toHaveLength(5_000)
    const [, entry] = await logOf(suite.store, tenant, 0, 10)
    expect(entry?.changes).toEqual(second.changes)
  })

  it('refuses a write whose deadline has passed', async () => {
    const tenant = suite.tenant()
    await expectReason(suite.store.write(writing(tenant, [create(ALICE)], { deadline: Date.now() - 1 })), 'UNAVAILABLE')
    expect(await head(suite.store, tenant)).toBe(0)
  })
}
