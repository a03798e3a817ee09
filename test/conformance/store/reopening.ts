import { expect, it } from 'vitest'
import { create, expectReason, find, head, put, type StorePlace, writing } from './harness.ts'

/** Tests that close their store; each has a place of its own. */
export function reopeningTests(makePlace: () => Promise<StorePlace>): void {
  it('keeps everything, and its identity, over a restart', async () => {
    const place = await makePlace()
    const first = await place.open()
    const { written } = await put(first, 't', 'file:/a#viewer@user:alice')
    const { identity } = first
    expect(identity.epoch).toMatch(/^[0-9a-f-]{36}$/)
    expect(identity.tokenKey).toHaveLength(32)
    await first.close()
    const second = await place.open()
    expect(second.identity).toEqual(identity)
    expect(await find(second, 't')).toEqual(written)
    expect(await put(second, 't', 'file:/b#viewer@user:alice')).toMatchObject({ revision: 2 })
    await second.close()
    await place.remove()
  })

  it('answers the waiting writes before it closes, and refuses what comes after', async () => {
    const place = await makePlace()
    const store = await place.open()
    const waiting = Array.from({ length: 200 }, (_, index) => put(store, 't', `file:/${index}#viewer@user:u`))
    const closed = store.close()
    await expectReason(store.write(writing('t', [create('file:/late#viewer@user:u')])), 'UNAVAILABLE')
    await expectReason(head(store, 't'), 'UNAVAILABLE')
    expect(await Promise.all(waiting)).toHaveLength(200)
    await closed
    await store.close()
    const again = await place.open()
    expect(await head(again, 't')).toBe(200)
    await again.close()
    await place.remove()
  })
}
