import { rename } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { localStores, type Store } from '../../../support/mounts/stores.ts'

const UNAVAILABLE = -32010
const NOTHING = -32000
const DENIED = -32004

interface Link {
  readonly link_id: string
}

describe.each(ENGINES)('share links to files of mounts, and views of them, on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let nobody: GatewayClient
  let stores: Awaited<ReturnType<typeof localStores>>
  let store: Store
  let at: string
  let count = 0

  beforeAll(async () => {
    stores = await localStores()
    system = await TestSystem.start({ engine, settings: { ...stores.settings, NEXUS_MOUNT_PAUSE_MS: '200' } })
    admin = await system.as('root', { isAdmin: true })
    nobody = system.client(null)
  })
  afterAll(async () => {
    await system.close()
    await stores.close()
  })

  async function mount(): Promise<void> {
    store = await stores.make()
    at = `/mnt/m${++count}`
    await admin.ok('add_mount', { mount_point: at, ...store.spec })
  }
  /** As somebody sees them who was there before: without their contents. */
  const seen = () => admin.ok('list', { path: at, recursive: true })
  const link = async (path: string) => (await admin.ok<Link>('create_share_link', { path })).link_id
  const download = async (id: string) => await nobody.raw(`/api/share/${id}/download`)
  const take = (away: boolean): Promise<void> => {
    const directory = String(store.spec.backend_config['data_dir'])
    return away ? rename(directory, `${directory}-away`) : rename(`${directory}-away`, directory)
  }

  it('a link opens a file that nobody has read or listed', async () => {
    await mount()
    await store.put('unlisted.txt', 'unlisted')
    await store.put('listed.txt', 'listed')
    expect(await (await download(await link(`${at}/unlisted.txt`))).text()).toBe('unlisted')
    await seen()
    const id = await link(`${at}/listed.txt`)
    expect(await (await nobody.raw(`/api/share/${id}`)).json()).toMatchObject({ name: 'listed.txt', size: 6 })
    expect((await nobody.raw(`/api/share/${id}/download`, { method: 'HEAD' })).status).toBe(200)
    expect(await (await download(id)).text()).toBe('listed')
    expect(await admin.code('create_share_link', { path: `${at}/none.txt` })).toBe(NOTHING)
  })

  it('a link opens what the back end has now, and ends with its file', async () => {
    await mount()
    await store.put('a.txt', 'old')
    const id = await link(`${at}/a.txt`)
    expect(await (await download(id)).text()).toBe('old')
    await store.put('a.txt', 'new, and longer')
    expect(await (await download(id)).text()).toBe('new, and longer')
    await store.put('a.txt', 'changed again')
    await seen()
    const opened = await admin.ok<{ readonly download_url: string }>('access_share_link', { link_id: id })
    expect(await (await nobody.raw(opened.download_url)).text()).toBe('changed again')
    await store.remove('a.txt')
    expect((await download(id)).status).toBe(404)
  })

  it('a link of a back end that is away can be tried again, and says nothing of where its file is', async () => {
    await mount()
    await store.put('a.txt', 'here')
    const id = await link(`${at}/a.txt`)
    await take(true)
    for (const [path, method] of [
      [id, 'GET'],
      [`${id}/access`, 'POST'],
      [`${id}/download`, 'GET'],
    ] as const) {
      const answer = await nobody.raw(`/api/share/${path}`, { method })
      const text = await answer.text()
      expect([answer.status, text]).toEqual([503, expect.stringContaining('storage that holds the file')])
      expect(text).not.toContain(at)
    }
    expect(await admin.code('access_share_link', { link_id: id })).toBe(UNAVAILABLE)
    expect(await admin.code('create_share_link', { path: `${at}/a.txt` })).toBe(UNAVAILABLE)
    await take(false)
    await expect.poll(async () => (await download(id)).status, { timeout: 30_000 }).toBe(200)
  })

  it('a view shows what the back end has now', async () => {
    await mount()
    const path = `${at}/staff.csv`
    await store.put('staff.csv', 'name,salary\nAda,1\n')
    await seen()
    const bob = await system.as('bob')
    const subject = ['user', 'bob']
    const given = { subject, relation: 'dynamic_viewer', object: ['file', path] }
    const view = async () => {
      const { content } = await bob.ok<{ readonly content: { readonly data: string } }>('read_with_dynamic_viewer', {
        subject,
        file_path: path,
      })
      return Buffer.from(content.data, 'base64').toString()
    }
    expect(await bob.code('read_with_dynamic_viewer', { subject, file_path: path })).toBe(DENIED)
    await admin.ok('rebac_create', { ...given, column_config: { hidden_columns: ['salary'] } })
    expect(await view()).toBe('name\nAda\n')
    await store.put('staff.csv', 'name,salary\nGrace,12345\n')
    expect(await view()).toBe('name\nGrace\n')
    await store.put('staff.csv', 'name,salary\nAnother,1\n')
    await seen()
    expect(await view()).toBe('name\nAnother\n')
    await take(true)
    expect(await bob.code('read_with_dynamic_viewer', { subject, file_path: path })).toBe(UNAVAILABLE)
  })

  it('an administrator finds a file that was only listed', async () => {
    await mount()
    await store.put('needle-of-hay.txt', 'x')
    await seen()
    const answer = await admin.call('search', { query: 'needle', path: at })
    expect(answer.error).toBeUndefined()
    expect(answer.text).toContain('needle-of-hay.txt')
  })
})
