import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { holdNext, letPass } from '../../../support/mounts/held-call.ts'
import { type Store, STORES, type Stores } from '../../../support/mounts/stores.ts'

const CASES = ENGINES.flatMap((engine) => STORES.map(([name, make]) => ({ engine, name, make })))
const DONE = { status: 200, error: undefined }

describe.each(CASES)('looks at $name while something in it changes, on $engine', ({ engine, make }) => {
  let stores: Stores
  let system: TestSystem
  let admin: GatewayClient
  /** Of another gateway, where there can be two. */
  let other: GatewayClient
  let bob: GatewayClient
  let store: Store
  let at: string
  let count = 0

  beforeAll(async () => {
    stores = await make()
    const settings = { ...stores.settings, NEXUS_MOUNT_TIMEOUT_MS: '60000' }
    system = await TestSystem.start({ engine, settings, twoGateways: engine === 'postgres' })
    const { key } = await system.makeKey('root', { isAdmin: true })
    admin = system.client(key)
    other = engine === 'postgres' ? system.secondClient(key) : admin
    bob = await system.as('bob')
  })
  afterAll(async () => {
    await system.close()
    await stores.close()
  })

  beforeEach(async () => {
    store = await stores.make()
    at = `/m${++count}`
    await admin.ok('add_mount', { mount_point: at, ...store.spec })
    for (const content of ['one', 'two']) await admin.ok('write', { path: `${at}/a/file`, content })
    for (const object of [`${at}/a`, `${at}/a/file`]) {
      await admin.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', object] })
    }
  })

  const list = async (client = other): Promise<readonly string[]> =>
    (await client.ok<{ readonly files: readonly string[] }>('list', { path: at })).files
  const metadata = (path: string) => admin.ok('stat', { path: `${at}/${path}` })
  const move = (from: string, to: string) =>
    admin.call('rename', { old_path: `${at}/${from}`, new_path: `${at}/${to}` })
  const look = async (): Promise<void> => {
    await list()
    await other.ok('list', { path: at, recursive: false })
    await other.ok('sync_mount', { mount_point: at })
    await other.ok('exists', { path: `${at}/a/file` })
    await other.ok('exists', { path: `${at}/b/file` })
  }
  const expectHistory = async (path: string, versions = 2): Promise<void> => {
    expect(await list()).toContain(`${at}/${path}`)
    expect(await list(admin)).toContain(`${at}/${path}`)
    expect(await admin.ok('list_versions', { path: `${at}/${path}` })).toHaveLength(versions)
    expect(await metadata(path)).toMatchObject({ version: versions })
    expect(await bob.code('read', { path: `${at}/${path}` })).toBe(0)
  }

  it.each(['before', 'after'] as const)('%s the back end has renamed', async (when) => {
    for (const [from, to] of [
      ['a/file', 'a/moved'],
      ['a', 'b'],
    ] as const) {
      const held = holdNext('rename')
      if (when === 'after') held.before.letGo()
      const renamed = move(from, to)
      await held[when].reached
      await look()
      letPass(held)
      expect(await renamed).toMatchObject(DONE)
    }
    await expectHistory('b/moved')
    expect((await list()).filter((path) => path.endsWith('/file'))).toEqual([])
  })

  it('while a back end has part of a directory at both places', async () => {
    const held = holdNext('rename')
    const renamed = move('a', 'b')
    await held.before.reached
    // As a bucket is renamed, object by object; a directory is renamed as one.
    const isBucket = store.spec.backend_type !== 'local'
    if (isBucket) await store.put('b/file', 'two')
    await look()
    letPass(held)
    expect(await renamed).toMatchObject(DONE)
    await expectHistory('b/file')
  })

  it('that was asked before something was renamed, and answers after it was', async () => {
    for (const [method, params] of [
      ['list', { path: at }],
      ['sync_mount', { mount_point: at }],
    ] as const) {
      const held = holdNext('list')
      const looked = other.call(method, params)
      await held.before.reached
      expect(await move('a', 'b')).toMatchObject(DONE)
      letPass(held)
      expect(await looked).toMatchObject(DONE)
      await expectHistory('b/file')
      expect(await move('b', 'a')).toMatchObject(DONE)
    }
  })

  it('that saw it elsewhere, after it has come back', async () => {
    for (const [from, to] of [
      ['a/file', 'a/moved'],
      ['a', 'b'],
    ] as const) {
      const held = holdNext('list')
      // What is known is read before the back end is asked.
      const looked = other.call('sync_mount', { mount_point: at })
      await held.before.reached
      expect(await move(from, to)).toMatchObject(DONE)
      held.before.letGo()
      await held.after.reached
      expect(await move(to, from)).toMatchObject(DONE)
      held.after.letGo()
      expect(await looked).toMatchObject(DONE)
      await expectHistory('a/file')
    }
  })

  it('renames beside somebody who makes the same directory', async () => {
    const held = holdNext('rename')
    held.before.letGo()
    const renamed = move('a', 'new/b')
    await held.after.reached
    await other.ok('write', { path: `${at}/new/file`, content: 'beside' })
    letPass(held)
    expect(await renamed).toMatchObject(DONE)
    await expectHistory('new/b/file')
  })

  it('while a file is written that must be new', async () => {
    const held = holdNext('write')
    held.before.letGo()
    const written = admin.call('write', { path: `${at}/new/file`, content: 'new', if_none_match: true })
    await held.after.reached
    await look()
    expect(await other.ok('exists', { path: `${at}/new/file` })).toEqual({ exists: false })
    await other.ok('write', { path: `${at}/new/other`, content: 'beside' })
    letPass(held)
    expect(await written).toMatchObject(DONE)
    expect(await list()).toEqual(expect.arrayContaining([`${at}/new/file`, `${at}/new/other`]))
    expect(await metadata('new/file')).toMatchObject({ version: 1 })
    expect(await admin.ok('list_versions', { path: `${at}/new/file` })).toHaveLength(1)
  })

  it('while something is deleted', async () => {
    const held = holdNext('remove')
    held.before.letGo()
    const deleted = admin.call('delete', { path: `${at}/a/file` })
    await held.after.reached
    await look()
    letPass(held)
    expect(await deleted).toMatchObject(DONE)
    expect(await list()).not.toContain(`${at}/a/file`)
  })
})
