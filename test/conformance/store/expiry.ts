import { loadAll } from '../../support/load-all.ts'
import { expect, it } from 'vitest'
import {
  create,
  deleting,
  expectReason,
  find,
  head,
  history,
  NOW,
  remove,
  removeIfExists,
  type Suite,
  touch,
  writing,
  logOf,
} from './harness.ts'

const ALICE = 'file:/a#viewer@user:alice'

export function expiryTests(suite: Suite): void {
  /** A tenant with one relationship that ends at NOW + 100. */
  async function withOne(): Promise<string> {
    const tenant = suite.tenant()
    await suite.store.write(writing(tenant, [create(ALICE, { expiresAt: NOW + 100 })]))
    return tenant
  }

  it('a relationship is there strictly before its end', async () => {
    const tenant = await withOne()
    expect(await find(suite.store, tenant, {}, { now: NOW + 99 })).toHaveLength(1)
    expect(await find(suite.store, tenant, {}, { now: NOW + 100 })).toEqual([])
    expect((await loadAll(suite.store, tenant, NOW + 99)).relationships).toHaveLength(1)
    expect((await loadAll(suite.store, tenant, NOW + 100)).relationships).toEqual([])
  })

  it('loadTenant goes by the clock unless told otherwise', async () => {
    const tenant = suite.tenant()
    const ended = create('file:/ended#viewer@user:a', { expiresAt: 1_000 })
    await suite.store.write(writing(tenant, [ended, create(ALICE)], { now: 10 }))
    expect((await loadAll(suite.store, tenant)).relationships).toMatchObject([{ objectId: '/a' }])
  })

  it('an expired one is replaced by create and by touch, as something new', async () => {
    for (const make of [create, touch]) {
      const tenant = await withOne()
      const [old] = await find(suite.store, tenant)
      const now = NOW + 100
      const { written, changes } = await suite.store.write(
        writing(tenant, [make(ALICE, { attributes: { n: 2 } })], { now }),
      )
      expect(written[0]).toMatchObject({ expiresAt: null, createdAt: now, attributes: { n: 2 } })
      expect(written[0]?.id).not.toBe(old?.id)
      expect(changes).toEqual([{ before: null, after: written[0] }])
      expect(await find(suite.store, tenant, {}, { now })).toEqual(written)
      expect(await find(suite.store, tenant, { ids: [old?.id ?? ''] }, { now: NOW })).toEqual([])
    }
  })

  it('a live one is not replaced by create', async () => {
    const tenant = await withOne()
    await expectReason(suite.store.write(writing(tenant, [create(ALICE)], { now: NOW + 99 })), 'RELATIONSHIP_EXISTS')
  })

  it('an expired one is absent for delete, deleteIfExists and deleteMatching', async () => {
    const tenant = await withOne()
    const late = { now: NOW + 100 }
    await expectReason(suite.store.write(writing(tenant, [remove(ALICE)], late)), 'RELATIONSHIP_NOT_FOUND')
    expect(await suite.store.write(writing(tenant, [removeIfExists(ALICE)], late))).toMatchObject({
      revision: 1,
      deletedCount: 0,
    })
    expect(await suite.store.deleteMatching(deleting(tenant, {}, late))).toMatchObject({ revision: 1, deletedCount: 0 })
  })

  it('an expired one is absent for preconditions', async () => {
    const tenant = await withOne()
    const mustMatch = { kind: 'mustMatch', filter: { objectId: '/a' } } as const
    const mustNotMatch = { kind: 'mustNotMatch', filter: { objectId: '/a' } } as const
    const request = (precondition: typeof mustMatch | typeof mustNotMatch, now: number) =>
      writing(tenant, [touch('file:/b#viewer@user:b')], { preconditions: [precondition], now })
    await suite.store.write(request(mustMatch, NOW + 99))
    await expectReason(suite.store.write(request(mustMatch, NOW + 100)), 'PRECONDITION_FAILED')
    await suite.store.write(request(mustNotMatch, NOW + 100))
    await expectReason(suite.store.write(request(mustNotMatch, NOW + 99)), 'PRECONDITION_FAILED')
  })

  it('collects what has expired, as revisions of their own', async () => {
    const tenant = suite.tenant()
    const many = Array.from({ length: 450 }, (_, index) =>
      create(`file:/${index}#viewer@user:a`, { expiresAt: NOW + index }),
    )
    await suite.store.write(writing(tenant, [...many, create(ALICE)]))
    expect((await suite.store.collectExpired(NOW - 1)).filter((step) => step.tenant === tenant)).toEqual([])
    const steps = (await suite.store.collectExpired(NOW + 448)).filter((step) => step.tenant === tenant)
    expect(steps.flatMap(({ changes }) => changes)).toHaveLength(449)
    expect(steps.map(({ revision }) => revision)).toEqual(steps.map((_, index) => index + 2))
    expect(await find(suite.store, tenant, {}, { now: NOW - 1 })).toHaveLength(2)
    const entries = await logOf(suite.store, tenant, 1, 100)
    expect(entries.map(({ kind }) => kind)).toEqual(steps.map(() => 'expiry'))
    expect(entries.flatMap(({ changes }) => changes)).toEqual(steps.flatMap(({ changes }) => changes))
    expect(await head(suite.store, tenant)).toBe(steps.length + 1)
    expect((await history(suite.store, tenant)).filter(({ after }) => after === null)).toHaveLength(449)
  })
}
