import { expect, it } from 'vitest'
import {
  create,
  deleting,
  expectReason,
  find,
  head,
  put,
  remove,
  type Suite,
  texts,
  touch,
  writing,
} from './harness.ts'

const ALICE = 'file:/a#viewer@user:alice'
const BOB = 'file:/a#viewer@user:bob'

export function idempotencyTests(suite: Suite): void {
  const once = (key: string, requestHash = 'hash') => ({ idempotency: { key, requestHash } })

  it('a repeated write gets the first answer, without changes, and does nothing', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, BOB)
    const request = writing(tenant, [create(ALICE, { attributes: { a: [1, 'x'] } }), remove(BOB)], once('k'))
    const first = await suite.store.write(request)
    await suite.store.write(writing(tenant, [remove(ALICE)]))
    expect(await suite.store.write(request)).toEqual({ ...first, changes: [] })
    expect(first).toMatchObject({ revision: 2, deletedCount: 1 })
    expect(await find(suite.store, tenant)).toEqual([])
    expect(await head(suite.store, tenant)).toBe(3)
  })

  it('a repeated deletion gets the first answer', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE, BOB)
    const request = deleting(tenant, { subjectId: 'alice' }, once('k'))
    expect(await suite.store.deleteMatching(request)).toMatchObject({ revision: 2, deletedCount: 1 })
    await put(suite.store, tenant, ALICE)
    expect(await suite.store.deleteMatching(request)).toEqual({
      revision: 2,
      changes: [],
      written: [],
      deletedCount: 1,
    })
    expect(texts(await find(suite.store, tenant))).toEqual([ALICE, BOB])
  })

  it('a write that changed nothing is remembered too', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    const request = writing(tenant, [touch(ALICE)], once('k'))
    const first = await suite.store.write(request)
    await suite.store.write(writing(tenant, [remove(ALICE)]))
    expect(await suite.store.write(request)).toEqual(first)
    expect(await find(suite.store, tenant)).toEqual([])
  })

  it('refuses the key for another request', async () => {
    const tenant = suite.tenant()
    await suite.store.write(writing(tenant, [create(ALICE)], once('k', 'one')))
    const error = await expectReason(
      suite.store.write(writing(tenant, [create(BOB)], once('k', 'two'))),
      'IDEMPOTENCY_KEY_REUSED',
    )
    expect(error.message).toContain('"k"')
    await expectReason(suite.store.deleteMatching(deleting(tenant, {}, once('k', 'three'))), 'IDEMPOTENCY_KEY_REUSED')
    expect(texts(await find(suite.store, tenant))).toEqual([ALICE])
  })

  it('a failed write leaves its key unused', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    await expectReason(suite.store.write(writing(tenant, [create(ALICE)], once('k', 'one'))), 'RELATIONSHIP_EXISTS')
    expect(await suite.store.write(writing(tenant, [create(BOB)], once('k', 'two')))).toMatchObject({ revision: 2 })
  })

  it('answers before it looks at schema, preconditions and operations', async () => {
    const tenant = suite.tenant()
    const more = { preconditions: [{ kind: 'mustNotMatch', filter: { objectId: '/a' } }], ...once('k') } as const
    const request = writing(tenant, [create(ALICE)], more)
    const first = await suite.store.write(request)
    expect(await suite.store.write({ ...request, schemaVersion: 'gone' })).toEqual({ ...first, changes: [] })
  })

  it('recalls what was answered under a key, and nothing else', async () => {
    const tenant = suite.tenant()
    const idempotency = { key: 'k', requestHash: 'hash' }
    expect(await suite.store.recall(tenant, idempotency)).toBeNull()
    const first = await suite.store.write(writing(tenant, [create(ALICE)], { idempotency }))
    expect(await suite.store.recall(tenant, idempotency)).toEqual({ ...first, changes: [], movedCount: 0 })
    expect(await suite.store.recall(suite.tenant(), idempotency)).toBeNull()
    await expectReason(suite.store.recall(tenant, { key: 'k', requestHash: 'other' }), 'IDEMPOTENCY_KEY_REUSED')
    expect(await head(suite.store, tenant)).toBe(1)
  })

  it('keys of tenants are their own', async () => {
    const [one, two] = [suite.tenant(), suite.tenant()]
    await suite.store.write(writing(one, [create(ALICE)], once('k', 'one')))
    expect(await suite.store.write(writing(two, [create(BOB)], once('k', 'two')))).toMatchObject({ revision: 1 })
  })

  it('the same request sent many times at once is applied once', async () => {
    const tenant = suite.tenant()
    const request = writing(tenant, [create(ALICE)], once('k'))
    const answers = await Promise.all(Array.from({ length: 20 }, () => suite.store.write(request)))
    expect(answers.filter(({ changes }) => changes.length === 1)).toHaveLength(1)
    expect(new Set(answers.map(({ written }) => written[0]?.id)).size).toBe(1)
    expect(await head(suite.store, tenant)).toBe(1)
  })
}
