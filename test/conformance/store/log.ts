import { expect, it } from 'vitest'
import type { LogPage } from '../../../services/rebac/store/contract.ts'
import {
  create,
  deleting,
  expectReason,
  find,
  head,
  NOW,
  put,
  remove,
  type Suite,
  touch,
  writing,
  logOf,
  putLarge,
} from './harness.ts'

const ALICE = 'file:/a#viewer@user:alice'
const BOB = 'file:/a#viewer@user:bob'

export function logTests(suite: Suite): void {
  it('has one entry for each revision, with full images of what changed', async () => {
    const tenant = suite.tenant()
    const results = [
      await put(suite.store, tenant, ALICE),
      await suite.store.write(writing(tenant, [touch(ALICE, { attributes: { a: 1 } }), create(BOB)], { now: NOW + 1 })),
      await suite.store.write(writing(tenant, [remove(ALICE)], { now: NOW + 2 })),
      await suite.store.deleteMatching(deleting(tenant, {}, { now: NOW + 3 })),
    ]
    expect(await logOf(suite.store, tenant, 0, 100)).toEqual(
      results.map(({ changes }, index) => ({
        revision: index + 1,
        kind: 'write',
        changes,
        schemaVersion: '',
        committedAt: NOW + index,
      })),
    )
  })

  it('is read from a revision on, at most so many entries', async () => {
    const tenant = suite.tenant()
    for (let index = 0; index < 7; index++) await put(suite.store, tenant, `file:/${index}#viewer@user:a`)
    const revisions = async (after: number, limit: number) =>
      (await logOf(suite.store, tenant, after, limit)).map(({ revision }) => revision)
    expect(await revisions(0, 3)).toEqual([1, 2, 3])
    expect(await revisions(3, 3)).toEqual([4, 5, 6])
    expect(await revisions(6, 3)).toEqual([7])
    expect(await revisions(7, 3)).toEqual([])
    expect(await logOf(suite.store, 'unknown', 0, 10)).toEqual([])
  })

  it('comes in pages that take some megabytes, and one entry at least, and says whether there may be more', async () => {
    const tenant = suite.tenant()
    const sizes = [0, 0, 2_000, 2_000, 2_000, 7_000, 2_000, 0, 0]
    for (const [index, kilobytes] of sizes.entries()) await putLarge(suite.store, tenant, `${index}`, kilobytes)
    const pages: LogPage[] = []
    do {
      const after = pages.at(-1)?.entries.at(-1)?.revision ?? 0
      pages.push(await suite.store.readLog(tenant, after, 100))
    } while (pages.at(-1)?.mayHaveMore === true)
    const revisions = pages.map(({ entries }) => entries.map(({ revision }) => revision))
    expect(revisions).toEqual([[1, 2, 3, 4, 5], [6], [7, 8, 9]])
    expect(await suite.store.readLog(tenant, 9, 100)).toEqual({ entries: [], mayHaveMore: false })
    expect(await suite.store.readLog(tenant, 7, 2)).toMatchObject({ entries: { length: 2 }, mayHaveMore: true })
    expect(await suite.store.readLog(tenant, 7, 3)).toMatchObject({ entries: { length: 2 }, mayHaveMore: false })
  })

  it('leads from nothing to what is stored', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE, BOB)
    await suite.store.write(writing(tenant, [touch(ALICE, { expiresAt: NOW + 9 }), remove(BOB)]))
    await put(suite.store, tenant, BOB)
    const replayed = new Map<string, unknown>()
    for (const { changes } of await logOf(suite.store, tenant, 0, 100)) {
      for (const { before, after } of changes) {
        expect(before === null ? null : replayed.get(before.id)).toEqual(before)
        if (before !== null) replayed.delete(before.id)
        if (after !== null) replayed.set(after.id, after)
      }
    }
    const stored = await find(suite.store, tenant)
    expect([...replayed.keys()].toSorted()).toEqual(stored.map(({ id }) => id))
    for (const row of stored) expect(replayed.get(row.id)).toEqual(row)
  })

  it('knows which schema was the newest at a revision', async () => {
    const tenant = suite.tenant()
    const source = { format: 'dsl', model: 'm', hierarchies: [] } as const
    const install = (version: string) => {
      const deadline = Date.now() + 30_000
      return suite.store.writeSchema({
        tenant,
        version,
        source,
        expectedVersion: null,
        checked: null,
        now: NOW,
        deadline,
      })
    }
    await put(suite.store, tenant, ALICE)
    await install('one')
    await install('two')
    await install('one')
    await suite.store.write(writing(tenant, [create(BOB)], { schemaVersion: 'one' }))
    const at = (revision: number) => suite.store.schemaVersionAt(tenant, revision)
    expect(await Promise.all([0, 1, 2, 3, 4, 5].map(at))).toEqual(['', '', 'one', 'two', 'one', 'one'])
  })

  it('trims what is old, and says so to who asks for it', async () => {
    const tenant = suite.tenant()
    for (let index = 1; index <= 450; index++) {
      await suite.store.write(writing(tenant, [touch(ALICE, { attributes: { index } })], { now: NOW + index }))
    }
    await suite.store.trim({ logBefore: NOW + 441, keysBefore: 0 })
    const error = await expectReason(logOf(suite.store, tenant, 0, 10), 'REVISION_TRIMMED')
    expect(error.data).toEqual({ oldest: 440 })
    await expectReason(logOf(suite.store, tenant, 439, 10), 'REVISION_TRIMMED')
    expect((await logOf(suite.store, tenant, 440, 100)).map(({ revision }) => revision)).toEqual([
      441, 442, 443, 444, 445, 446, 447, 448, 449, 450,
    ])
    expect(await head(suite.store, tenant)).toBe(450)
    expect(await find(suite.store, tenant)).toMatchObject([{ attributes: { index: 450 } }])
    await suite.store.trim({ logBefore: NOW + 1_000, keysBefore: 0 })
    expect(await logOf(suite.store, tenant, 450, 10)).toEqual([])
    await expectReason(logOf(suite.store, tenant, 449, 10), 'REVISION_TRIMMED')
    expect(await put(suite.store, tenant, BOB)).toMatchObject({ revision: 451 })
    expect(await logOf(suite.store, tenant, 450, 10)).toHaveLength(1)
  })

  it('trims no entry that comes after a young one', async () => {
    // The clock of the second writer is behind.
    const tenant = suite.tenant()
    const times = [NOW, NOW + 100, NOW + 1, NOW + 100]
    for (const [index, now] of times.entries())
      await suite.store.write(writing(tenant, [touch(ALICE, { attributes: { index } })], { now }))
    await suite.store.trim({ logBefore: NOW + 50, keysBefore: 0 })
    expect(await logOf(suite.store, tenant, 1, 10)).toHaveLength(3)
    await expectReason(logOf(suite.store, tenant, 0, 10), 'REVISION_TRIMMED')
  })

  it('trims idempotency keys that are old', async () => {
    const tenant = suite.tenant()
    const request = (index: number) =>
      writing(tenant, [touch(ALICE, { attributes: { index } })], {
        now: NOW + index,
        idempotency: { key: `k${index}`, requestHash: 'h' },
      })
    await Promise.all(Array.from({ length: 450 }, (_, index) => suite.store.write(request(index))))
    await suite.store.trim({ logBefore: 0, keysBefore: NOW + 449 })
    const other = (index: number) => ({ ...request(index), idempotency: { key: `k${index}`, requestHash: 'other' } })
    await suite.store.write(other(0))
    await suite.store.write(other(448))
    await expectReason(suite.store.write(other(449)), 'IDEMPOTENCY_KEY_REUSED')
  })
}
