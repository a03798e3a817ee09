import { loadAll } from '../../support/load-all.ts'
import { expect, it } from 'vitest'
import { create, find, head, put, type Suite, texts, touch, writing, logOf } from './harness.ts'

export function concurrencyTests(suite: Suite): void {
  it('50 writers of one tenant get revisions without gaps, in the order of the log', async () => {
    const tenant = suite.tenant()
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, writer) => {
        const own: { revision: number; id: string | undefined }[] = []
        for (let index = 0; index < 10; index++) {
          const { revision, written } = await put(suite.store, tenant, `file:/${writer}/${index}#viewer@user:u`)
          own.push({ revision, id: written[0]?.id })
        }
        return own
      }),
    )
    for (const own of answers)
      expect(own.map(({ revision }) => revision)).toEqual(own.map(({ revision }) => revision).toSorted((a, b) => a - b))
    const byRevision = answers.flat().toSorted((a, b) => a.revision - b.revision)
    expect(byRevision.map(({ revision }) => revision)).toEqual(byRevision.map((_, index) => index + 1))
    const log = await logOf(suite.store, tenant, 0, 1_000)
    expect(log.map(({ revision, changes }) => ({ revision, id: changes[0]?.after?.id }))).toEqual(byRevision)
    expect(await head(suite.store, tenant)).toBe(500)
    expect(await find(suite.store, tenant)).toHaveLength(500)
  })

  it('writes of one tenant commit in the order of their calls', async () => {
    const tenant = suite.tenant()
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        suite.store.write(writing(tenant, [touch('a:a#r@u:u', { attributes: { index } })])),
      ),
    )
    expect(answers.map(({ revision }) => revision)).toEqual(answers.map((_, index) => index + 1))
    expect(await find(suite.store, tenant)).toMatchObject([{ attributes: { index: 99 } }])
  })

  it('a failing write leaves its neighbours alone and takes no revision', async () => {
    const tenant = suite.tenant()
    const settled = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        put(
          suite.store,
          tenant,
          `file:/${index}#viewer@user:u`,
          `file:/${index % 2 === 0 ? index : 'same'}#editor@user:u`,
        ),
      ),
    )
    // The first with an odd number creates "same"; the other nineteen cannot.
    const failed = settled.filter(({ status }) => status === 'rejected')
    expect(failed).toHaveLength(19)
    expect(await head(suite.store, tenant)).toBe(21)
    expect(await find(suite.store, tenant)).toHaveLength(42)
    expect((await logOf(suite.store, tenant, 0, 100)).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 21 }, (_, index) => index + 1),
    )
  })

  it('many tenants are written at once, each for itself', async () => {
    const tenants = Array.from({ length: 30 }, () => suite.tenant())
    await Promise.all(
      tenants.flatMap((tenant) =>
        Array.from({ length: 5 }, (_, index) => put(suite.store, tenant, `file:/${index}#viewer@user:u`)),
      ),
    )
    expect(await suite.store.heads(tenants)).toEqual(new Map(tenants.map((tenant) => [tenant, 5])))
  })

  it('what was acknowledged is read at once', async () => {
    const tenant = suite.tenant()
    for (let index = 0; index < 30; index++) {
      const { revision } = await put(suite.store, tenant, `file:/${index}#viewer@user:u`)
      const [heads, page, loaded] = await Promise.all([
        head(suite.store, tenant),
        find(suite.store, tenant, { objectId: `/${index}` }),
        loadAll(suite.store, tenant),
      ])
      expect([heads, page.length, loaded.relationships.length]).toEqual([revision, 1, revision])
    }
  })

  it('a second request for the same new tenant waits for the first', async () => {
    const tenant = suite.tenant()
    await Promise.all([
      put(suite.store, tenant, 'a:1#r@u:u'),
      suite.store.write(writing(tenant, [create('a:2#r@u:u')])),
    ])
    expect(texts(await find(suite.store, tenant))).toEqual(['a:1#r@u:u', 'a:2#r@u:u'])
  })
}
