import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

/** Names on both sides of '/', of which some are the beginnings of others, and one above the basic plane. */
const NAMES = ['a', 'a ! b', 'a-', 'a-b', 'a.txt', 'a0', 'ab', 'b', '\uffee', '\u{1f600}']

interface Page {
  readonly files: readonly string[]
  readonly next_cursor: string | null
  readonly has_more: boolean
}

describe.each(ENGINES)('pages of lists on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let guest: GatewayClient
  const home = '/tenant:acme/pages'

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    guest = await system.as('guest')
    const files = NAMES.flatMap((top) => [
      ...NAMES.slice(0, 7).map((name) => [`${home}/${top}/${name}`, '']),
      [`${home}/file-${top}`, ''],
    ])
    await admin.ok('write_batch', { files })
    await admin.ok('mkdir', { path: `${home}/a/made` })
    for (const place of ['a-/a', 'ab', 'a/a.txt', 'file-a']) {
      const object = ['file', `${home}/${place}`]
      await admin.ok('rebac_create', { subject: ['user', 'guest'], relation: 'direct_viewer', object })
    }
  })
  afterAll(() => system.close())

  const cursorAt = (path: string) => Buffer.from(path).toString('base64url')

  it.each([true, false])('begin after any place, and end anywhere: recursive %s', async (recursive) => {
    for (const client of [admin, guest]) {
      const { files } = await client.ok<Page>('list', { path: home, recursive })
      expect(files.length).toBeGreaterThan(3)
      const places = [
        ...files,
        '/',
        `${home}/`,
        `${home}/a`,
        `${home}/a/`,
        `${home}/a/zzz`,
        `${home}/a-z`,
        '/zzz',
        `${home}-`,
      ]
      for (const place of places) {
        const rest = files.filter((path) => Buffer.compare(Buffer.from(path), Buffer.from(place)) > 0)
        for (const limit of [1, 5, 1_000]) {
          const page = await client.ok<Page>('list', { path: home, recursive, limit, cursor: cursorAt(place) })
          expect(page.files).toEqual(rest.slice(0, limit))
          expect(page.has_more).toBe(rest.length > limit)
          expect(page.next_cursor).toBe(page.has_more ? cursorAt(rest[limit - 1] ?? '') : null)
        }
      }
    }
  })

  it('of the root have what all trees have', async () => {
    const { files } = await guest.ok<Page>('list', { path: '/' })
    const first = await guest.ok<Page>('list', { path: '/', limit: 4 })
    const second = await guest.ok<Page>('list', { path: '/', limit: 1_000, cursor: first.next_cursor })
    expect([...first.files, ...second.files]).toEqual(files)
  })

  it('of what is a file, or nothing, are empty', async () => {
    for (const path of [`${home}/file-a`, `${home}/missing`]) {
      expect(await admin.ok('list', { path, limit: 3 })).toEqual({ files: [], next_cursor: null, has_more: false })
    }
  })
})
