import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inParallel } from '../../../../gateway/in-parallel.ts'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { s3Stores, type Store } from '../../../support/mounts/stores.ts'

/** More than S3 tells of in one page, which is 1,000. */
const MANY = 1_030

describe.each(ENGINES)('a bucket with more than one page of keys, on %s', (engine) => {
  let stores: Awaited<ReturnType<typeof s3Stores>>
  let system: TestSystem
  let admin: GatewayClient
  let store: Store
  const flat = Array.from({ length: MANY }, (_, n) => `flat/${String(n).padStart(4, '0')}`)
  // s3rver overlooks a directory that holds nothing but directories.
  const deep = ['deep/0', 'deep/a/1', 'flat/0500.d/x', 'flat/zz/y']

  beforeAll(async () => {
    stores = await s3Stores()
    const patience = { NEXUS_REQUEST_TIMEOUT_MS: '300000', NEXUS_MOUNT_TIMEOUT_MS: '120000' }
    system = await TestSystem.start({ engine, settings: { ...stores.settings, ...patience } })
    admin = await system.as('root', { isAdmin: true })
    store = await stores.make()
    await inParallel([...flat, ...deep].map((key) => () => store.put(key, key)))
    await admin.ok('add_mount', { mount_point: '/m', ...store.spec })
  })
  afterAll(async () => {
    await system.close()
    await stores.close()
  })

  const list = async (path: string, recursive: boolean): Promise<readonly string[]> =>
    (await admin.ok<{ readonly files: readonly string[] }>('list', { path, recursive })).files
  const below = (keys: readonly string[]) => keys.map((key) => `/m/${key}`)

  it('lists all of it, a directory, and what is found by name', async () => {
    expect(await list('/m', false)).toEqual(['/m/deep', '/m/flat'])
    expect(await list('/m/flat', false)).toEqual(below([...flat, 'flat/0500.d', 'flat/zz']).sort())
    expect(await list('/m', true)).toEqual(below([...flat, ...deep]).sort())
    const found = await admin.ok<{ matches: string[] }>('glob', { pattern: '*', path: '/m/flat' })
    expect(found.matches).toEqual(below(flat))
  })

  it('synchronises all of it, and what changes on a later page', async () => {
    const sync = () => admin.ok('sync_mount', { mount_point: '/m', sync_content: false })
    expect(await sync()).toMatchObject({ files_scanned: MANY + deep.length, files_created: 0, files_deleted: 0 })
    await store.remove('flat/1025')
    await store.put('flat/1026', 'another')
    await store.put('flat/9999', 'new')
    expect(await sync()).toMatchObject({ files_created: 1, files_updated: 1, files_deleted: 1 })
    await store.put('flat/1025', 'again')
    await store.remove('flat/9999')
  })

  it('renames and removes a directory of more than a page', async () => {
    await admin.ok('rename', { old_path: '/m/flat', new_path: '/m/moved' })
    const moved = [...flat, 'flat/0500.d/x', 'flat/zz/y'].map((key) => key.replace('flat', 'moved'))
    expect(await list('/m', true)).toEqual(below(['deep/0', 'deep/a/1', ...moved]).sort())
    await admin.ok('rmdir', { path: '/m/moved', recursive: true })
    expect(await store.keys()).toEqual(['deep/0', 'deep/a/1'])
    expect(await list('/m', true)).toEqual(below(['deep/0', 'deep/a/1']))
  })
})
