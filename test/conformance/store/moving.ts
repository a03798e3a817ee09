import { describe, expect, it } from 'vitest'
import { relationshipKeyText } from '../../../services/rebac/model/relationship.ts'
import type { MoveRequest } from '../../../services/rebac/store/contract.ts'
import {
  create,
  expectReason,
  find,
  head,
  history,
  NOW,
  put,
  type Suite,
  texts,
  touch,
  writing,
  logOf,
} from './harness.ts'

function moving(tenant: string, fromId: string, toId: string, more: Partial<MoveRequest> = {}): MoveRequest {
  const deadline = Date.now() + 30_000
  const base = { tenant, fromId, toId, idempotency: null, schemaVersion: '', maxChanges: 500_000, now: NOW, deadline }
  return { ...base, objectType: 'file', separator: '/', ...more }
}

export function movingTests(suite: Suite): void {
  it('follows an object and all below it, as object, subject and userset', async () => {
    const tenant = suite.tenant()
    const stays = [
      'file:/a%#viewer@user:x',
      'file:/ab#viewer@user:x',
      'file:/A/b#viewer@user:x',
      'folder:/a/b#viewer@user:x',
      'file:/z#viewer@folder:/a',
    ]
    await put(
      suite.store,
      tenant,
      ...stays,
      'file:/a#viewer@other/file:/a/b',
      'file:/a#viewer@user:alice',
      'file:/a/b/c#viewer@file:/a/d#owner',
      'file:/a/_%#viewer@user:*',
      'doc:1#attached@file:/a/b',
      'doc:2#attached@file:/a#viewer',
      'file:/a/\u{1F600}#viewer@user:alice',
    )
    const result = await suite.store.move(moving(tenant, '/a', '/new/place'))
    expect(result).toMatchObject({ revision: 2, movedCount: 7, deletedCount: 0, written: [] })
    expect(texts(await find(suite.store, tenant))).toEqual(
      [
        ...stays,
        'file:/new/place#viewer@other/file:/a/b',
        'file:/new/place#viewer@user:alice',
        'file:/new/place/b/c#viewer@file:/new/place/d#owner',
        'file:/new/place/_%#viewer@user:*',
        'doc:1#attached@file:/new/place/b',
        'doc:2#attached@file:/new/place#viewer',
        'file:/new/place/\u{1F600}#viewer@user:alice',
      ].toSorted(),
    )
  })

  it('counts code points, as names with characters beyond the BMP need', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, 'file:/\u{1F600}\u00e9/x#viewer@file:/\u{1F600}\u00e9')
    await suite.store.move(moving(tenant, '/\u{1F600}\u00e9', '/\u{1F680}'))
    expect(texts(await find(suite.store, tenant))).toEqual(['file:/\u{1F680}/x#viewer@file:/\u{1F680}'])
  })

  it('keeps ids, times, expiry, conditions and attributes, and logs both images', async () => {
    const tenant = suite.tenant()
    const more = { expiresAt: NOW + 1_000, conditionName: 'c', conditionContext: { n: 1 }, attributes: { raw: '/a/' } }
    await suite.store.write(writing(tenant, [touch('file:/a/b#viewer@user:alice', more)], { now: NOW - 5 }))
    const [before] = await find(suite.store, tenant)
    const { changes } = await suite.store.move(moving(tenant, '/a', '/q'))
    const [after] = await find(suite.store, tenant)
    expect(after).toEqual({ ...before, objectId: '/q/b' })
    expect(changes).toEqual([{ before, after }])
    const [, entry] = await logOf(suite.store, tenant, 0, 10)
    expect(entry).toEqual({ revision: 2, kind: 'move', changes, schemaVersion: '', committedAt: NOW })
  })

  it('deletes first what stands at the target, wherever it stands', async () => {
    const tenant = suite.tenant()
    await put(
      suite.store,
      tenant,
      'file:/a#viewer@user:alice',
      'file:/q#viewer@user:alice',
      'file:/q/x#viewer@user:bob',
      'doc:1#attached@file:/q/y#viewer',
      'file:/a/z#viewer@file:/q/z',
      'file:/qq#viewer@user:bob',
    )
    const result = await suite.store.move(moving(tenant, '/a', '/q'))
    expect(result).toMatchObject({ revision: 2, movedCount: 1, deletedCount: 4 })
    expect(texts(await find(suite.store, tenant))).toEqual(['file:/q#viewer@user:alice', 'file:/qq#viewer@user:bob'])
    expect(result.changes.filter(({ after }) => after === null)).toHaveLength(4)
    expect(await history(suite.store, tenant)).toHaveLength(6 + 5)
  })

  it('takes what has expired at the target away, and leaves what has expired at the origin', async () => {
    const tenant = suite.tenant()
    await suite.store.write(
      writing(tenant, [
        create('file:/q#viewer@user:alice', { expiresAt: NOW + 10 }),
        create('file:/a#viewer@user:alice'),
        create('file:/a#viewer@user:bob', { expiresAt: NOW + 10 }),
      ]),
    )
    const result = await suite.store.move(moving(tenant, '/a', '/q', { now: NOW + 10 }))
    expect(result).toMatchObject({ revision: 2, movedCount: 1, deletedCount: 0 })
    expect(texts(await find(suite.store, tenant, {}, { now: NOW + 10 }))).toEqual(['file:/q#viewer@user:alice'])
    const collected = await suite.store.collectExpired(NOW + 10)
    const ofTenant = collected.filter((step) => step.tenant === tenant).flatMap(({ changes }) => changes)
    expect(texts(ofTenant.flatMap(({ before }) => before ?? []))).toEqual(['file:/a#viewer@user:bob'])
  })

  it('makes no revision where there is nothing', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, 'file:/b#viewer@user:alice')
    expect(await suite.store.move(moving(tenant, '/a', '/q'))).toMatchObject({
      revision: 1,
      movedCount: 0,
      changes: [],
    })
    expect(await head(suite.store, tenant)).toBe(1)
  })

  it('has idempotency keys', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, 'file:/a#viewer@user:alice', 'file:/q#viewer@user:bob')
    const request = moving(tenant, '/a', '/q', { idempotency: { key: 'k', requestHash: 'h' } })
    const first = await suite.store.move(request)
    await put(suite.store, tenant, 'file:/a#viewer@user:carol')
    expect(await suite.store.move(request)).toEqual({ ...first, changes: [] })
    expect(first).toMatchObject({ movedCount: 1, deletedCount: 1 })
    const other = { ...request, idempotency: { key: 'k', requestHash: 'other' } }
    await expectReason(suite.store.move(other), 'IDEMPOTENCY_KEY_REUSED')
    expect(await head(suite.store, tenant)).toBe(3)
  })

  it('is all or nothing: under another schema, and where an id becomes too long', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, 'file:/a#viewer@user:alice', `file:/a/${'x'.repeat(1_000)}#viewer@user:alice`)
    await expectReason(suite.store.move(moving(tenant, '/a', '/q', { schemaVersion: 'v1' })), 'SCHEMA_CHANGED')
    await expectReason(suite.store.move(moving(tenant, '/a', `/${'q'.repeat(100)}`)), 'INVALID_OBJECT')
    expect(await head(suite.store, tenant)).toBe(1)
    expect((await find(suite.store, tenant)).map(({ objectId }) => objectId.slice(0, 3)).toSorted()).toEqual([
      '/a',
      '/a/',
    ])
  })

  it('refuses more than it may change, what is replaced included, and has done nothing then', async () => {
    const tenant = suite.tenant()
    // The first three are found as object and as subject, and count once.
    const moved = ['1', '2', '3'].map((name) => `file:/a/${name}#parent@file:/a`)
    const all = [...moved, 'file:/b#viewer@user:x', 'file:/ab#viewer@user:x']
    await put(suite.store, tenant, ...all)
    const idempotency = { key: 'k', requestHash: 'h' }
    const request = (maxChanges: number) => suite.store.move(moving(tenant, '/a', '/b', { maxChanges, idempotency }))
    const error = await expectReason(request(3), 'TOO_MANY_CHANGES')
    expect(error.message).toBe(
      'This concerns more than 3 relationships; at most 3 (200 MB) are moved at once: move what lies below in parts.',
    )
    expect(await head(suite.store, tenant)).toBe(1)
    expect(texts(await find(suite.store, tenant))).toEqual(all.toSorted())
    expect(await request(4)).toMatchObject({ movedCount: 3, deletedCount: 1, revision: 2 })
  })

  describe('a large tree', () => {
    it('moves in well under a second, and back', async () => {
      const tenant = suite.tenant()
      for (let part = 0; part < 10; part++) {
        const operations = Array.from({ length: 1_000 }, (_, at) =>
          create(`file:/big/${part}/${at}#viewer@user:u${at}`),
        )
        await suite.store.write(writing(tenant, operations))
      }
      const before = await find(suite.store, tenant)
      const startedAt = performance.now()
      const result = await suite.store.move(moving(tenant, '/big', '/archive/big'))
      const tookMs = performance.now() - startedAt
      expect(result).toMatchObject({ movedCount: 10_000, deletedCount: 0 })
      // A bound against scans that grow with the tree's square; what it takes on an idle machine is in the docs.
      expect(tookMs).toBeLessThan(5_000)
      await suite.store.move(moving(tenant, '/archive/big', '/big'))
      const keyed = (rows: typeof before) => rows.map((row) => `${row.id} ${relationshipKeyText(row)}`)
      expect(keyed(await find(suite.store, tenant))).toEqual(keyed(before))
      if (process.env['SHOW_FIGURES'] === '1') console.log(`moving 10,000 relationships: ${Math.round(tookMs)} ms`)
    }, 60_000)
  })
}
