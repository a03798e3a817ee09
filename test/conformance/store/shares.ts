import { expect, it } from 'vitest'
import { create, NOW, put, type Suite, text, writing } from './harness.ts'

export function sharesTests(suite: Suite): void {
  it('are found by their subject, over tenants, page by page', async () => {
    const [home, one, two] = [suite.tenant(), suite.tenant(), suite.tenant()]
    const share = (file: string, id = 'bob') => `file:/${file}#shared-viewer@${home}/user:${id}`
    await put(suite.store, one, share('a'), share('b'), share('a', 'bobby'), 'file:/a#shared-viewer@user:bob')
    await put(suite.store, two, share('c'), `file:/d#shared-viewer@${home}/agent:bob`)
    await put(suite.store, home, 'file:/own#viewer@user:bob')
    const expiring = create(share('e'), { expiresAt: NOW + 1 })
    await suite.store.write(writing(two, [expiring]))

    const subject = { tenant: home, type: 'user', id: 'bob' }
    const read = (now: number, limit: number, after: { tenant: string; id: string } | null = null) =>
      suite.store.readShares({ subject, after, limit, now })
    const all = await read(NOW, 10)
    const sorted = [one, one, two, two].toSorted()
    expect(all.map(({ tenant }) => tenant)).toEqual(sorted)
    expect(all.map(({ relationship }) => text(relationship)).toSorted()).toEqual(
      [share('a'), share('b'), share('c'), share('e')].toSorted(),
    )
    expect(await read(NOW + 1, 10)).toHaveLength(3)
    const paged = []
    for (let after: { tenant: string; id: string } | null = null; ; ) {
      const [next] = await read(NOW, 1, after)
      if (next === undefined) break
      paged.push(next)
      after = { tenant: next.tenant, id: next.relationship.id }
    }
    expect(paged).toEqual(all)
    expect(
      await suite.store.readShares({ subject: { ...subject, tenant: one }, after: null, limit: 9, now: NOW }),
    ).toEqual([])
  })
}
