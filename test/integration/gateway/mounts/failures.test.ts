import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { localStores } from '../../../support/mounts/stores.ts'

const UNAVAILABLE = -32010
const s3 = (endpoint: string) => ({
  backend_type: 's3_connector',
  backend_config: { bucket: 'bucket', endpoint, access_key_id: 'key', secret_access_key: 'secret' },
})

describe.each(ENGINES)('mounts whose back ends fail on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let silent: Server
  let local: Awaited<ReturnType<typeof localStores>>

  beforeAll(async () => {
    // Takes connections, and says nothing.
    silent = createServer(() => undefined)
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
    local = await localStores()
    const settings = { ...local.settings, NEXUS_MOUNT_TIMEOUT_MS: '300', NEXUS_MOUNT_PAUSE_MS: '3600000' }
    system = await TestSystem.start({ engine, settings })
    admin = await system.as('root', { isAdmin: true })
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    await admin.ok('write', { path: '/plain/file', content: 'here' })
    await admin.ok('add_mount', { mount_point: '/closed', ...s3('http://127.0.0.1:1') })
    await admin.ok('add_mount', { mount_point: '/silent', ...s3(`http://127.0.0.1:${port}`) })
  })
  afterAll(async () => {
    await system.close()
    silent.close()
    await local.close()
  })

  it.each(['/closed', '/silent'])('%s fails by itself, and is then left alone', async (point) => {
    const calls = [
      ['read', { path: `${point}/file` }],
      ['list', { path: point }],
      ['write', { path: `${point}/file`, content: 'x' }],
      ['exists', { path: `${point}/file` }],
      ['sync_mount', { mount_point: point }],
      ['grep', { path: point, pattern: 'x' }],
    ] as const
    for (const [method, params] of calls) {
      const { status, error } = await admin.call(method, params)
      expect([status, error?.code, error?.message], method).toEqual([
        503,
        UNAVAILABLE,
        expect.stringMatching(new RegExp(`back end of the mount '${point}'`)) as string,
      ])
      // What does not ask the back end works meanwhile.
      expect(await admin.ok('list', { path: '/' })).toMatchObject({
        files: expect.arrayContaining(['/plain/file']) as string[],
      })
      expect(await admin.ok('is_directory', { path: point })).toEqual({ is_directory: true })
    }
    expect((await admin.call('read', { path: `${point}/file` })).error?.message).toMatch(/left alone|given up/)
    expect((await admin.raw(`/api/files${point}/file`)).status).toBe(503)
    expect(await admin.ok('sync_mount', {})).toMatchObject({ mounts_synced: 0, mounts_skipped: 2 })
  })

  it('tells a stranger nothing of it', async () => {
    const stranger = await system.as('stranger')
    expect(await stranger.code('read', { path: '/silent/file' })).toBe(-32004)
    expect(await stranger.ok('exists', { path: '/silent/file' })).toEqual({ exists: false })
    expect(await stranger.ok('list', { path: '/silent' })).toEqual({ files: [] })
  })

  it('does not take a directory that is away for an empty one', async () => {
    const store = await local.make()
    await store.put('file', 'x')
    const directory = String(store.spec.backend_config['data_dir'])
    await admin.ok('add_mount', { mount_point: '/away', ...store.spec })
    await admin.ok('sync_mount', { mount_point: '/away' })
    await rename(directory, `${directory}-away`)
    expect(await admin.code('list', { path: '/away' })).toBe(UNAVAILABLE)
    expect(await admin.code('sync_mount', { mount_point: '/away' })).toBe(UNAVAILABLE)
    expect(await admin.ok('list', { path: '/' })).toMatchObject({
      files: expect.arrayContaining(['/away/file']) as string[],
    })
  })

  it('follows no link out of a local mount, nor any other', async () => {
    const store = await local.make()
    const directory = String(store.spec.backend_config['data_dir'])
    const outside = join(local.root, 'outside')
    await mkdir(outside, { recursive: true })
    await writeFile(join(outside, 'secret'), 'secret')
    await mkdir(join(directory, 'd'))
    await symlink(join(outside, 'secret'), join(directory, 'file-link'))
    await symlink(outside, join(directory, 'directory-link'))
    await symlink('..', join(directory, 'd', 'up'))
    await symlink('/etc/passwd', join(directory, 'd', 'absolute'))
    await admin.ok('add_mount', { mount_point: '/links', ...store.spec })
    for (const path of ['file-link', 'directory-link/secret', 'd/up/file', 'd/absolute', 'directory-link']) {
      expect(await admin.code('read', { path: `/links/${path}` }), path).toBe(-32000)
      expect(await admin.ok('exists', { path: `/links/${path}` }), path).toEqual({ exists: false })
    }
    expect(await admin.ok('list', { path: '/links', recursive: false })).toEqual({ files: ['/links/d'] })
    for (const path of ['file-link', 'directory-link/new', 'directory-link/secret', 'd/up/new']) {
      expect(await admin.code('write', { path: `/links/${path}`, content: 'x' }), path).toBe(-32001)
    }
    expect(await store.get('../outside/secret')).toBe('secret')
    // A directory that becomes a link after it was seen is a link.
    await store.put('turn/secret', 'mine')
    await admin.ok('read', { path: '/links/turn/secret' })
    await store.remove('turn')
    await symlink(outside, join(directory, 'turn'))
    expect(await admin.code('read', { path: '/links/turn/secret' })).toBe(-32000)
    expect(await admin.code('write', { path: '/links/turn/secret', content: 'x' })).toBe(-32001)
    // A root that is a link itself is none.
    await symlink(outside, join(local.root, 'root-link'))
    const spec = { backend_type: 'local', backend_config: { data_dir: join(local.root, 'root-link') } }
    await admin.ok('add_mount', { mount_point: '/root-link', ...spec })
    expect(await admin.code('list', { path: '/root-link' })).toBe(UNAVAILABLE)
    // Removing a directory removes links in it, and not what they lead to.
    await admin.ok('rmdir', { path: '/links/d', recursive: true })
    expect(await store.get('../outside/secret')).toBe('secret')
  })
})
