import { expect, it } from 'vitest'
import type { Filter, Precondition } from '../../../services/rebac/store/contract.ts'
import { create, deleting, expectReason, find, head, put, type Suite, texts, writing } from './harness.ts'

const ALICE = 'file:/a#viewer@user:alice'
const BOB = 'file:/a#viewer@user:bob'

const mustMatch = (filter: Filter): Precondition => ({ kind: 'mustMatch', filter })
const mustNotMatch = (filter: Filter): Precondition => ({ kind: 'mustNotMatch', filter })

export function preconditionTests(suite: Suite): void {
  it('a write goes through if all hold', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    const preconditions = [mustMatch({ subjectId: 'alice' }), mustNotMatch({ subjectId: 'bob' })]
    expect(await suite.store.write(writing(tenant, [create(BOB)], { preconditions }))).toMatchObject({ revision: 2 })
  })

  it('a write fails whole if one does not hold, and says which', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    for (const broken of [mustMatch({ subjectId: 'carol' }), mustNotMatch({ objectIdPrefix: '/' })]) {
      const preconditions = [mustMatch({}), broken]
      const error = await expectReason(
        suite.store.write(writing(tenant, [create(BOB)], { preconditions })),
        'PRECONDITION_FAILED',
      )
      expect(error.data).toEqual({ precondition: 1 })
    }
    expect(await head(suite.store, tenant)).toBe(1)
  })

  it('they are about the state before the write', async () => {
    const tenant = suite.tenant()
    const preconditions = [mustNotMatch({ subjectId: 'alice' })]
    await suite.store.write(writing(tenant, [create(ALICE)], { preconditions }))
    await expectReason(
      suite.store.write(writing(tenant, [create(BOB)], { preconditions: [mustMatch({ subjectId: 'bob' })] })),
      'PRECONDITION_FAILED',
    )
  })

  it('they guard deletions', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    const preconditions = [mustMatch({ subjectId: 'bob' })]
    await expectReason(suite.store.deleteMatching(deleting(tenant, {}, { preconditions })), 'PRECONDITION_FAILED')
    expect(texts(await find(suite.store, tenant))).toEqual([ALICE])
  })

  it('see no other tenant', async () => {
    const [one, two] = [suite.tenant(), suite.tenant()]
    await put(suite.store, one, ALICE)
    await expectReason(
      suite.store.write(writing(two, [create(BOB)], { preconditions: [mustMatch({})] })),
      'PRECONDITION_FAILED',
    )
  })

  it('of concurrent writers that each want to be the first, one is', async () => {
    const tenant = suite.tenant()
    const attempts = Array.from({ length: 20 }, (_, index) =>
      suite.store.write(
        writing(tenant, [create(`lock:l#holder@user:u${index}`)], {
          preconditions: [mustNotMatch({ objectType: 'lock' })],
        }),
      ),
    )
    const settled = await Promise.allSettled(attempts)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await find(suite.store, tenant)).toHaveLength(1)
  })
}
