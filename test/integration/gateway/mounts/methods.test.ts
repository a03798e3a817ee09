import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { localStores, S3_SECRET, s3Stores } from '../../../support/mounts/stores.ts'

const MEMORY = { backend_type: 'memory', backend_config: {} }
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/) as string

describe.each(ENGINES)('the methods of mounts on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let local: Awaited<ReturnType<typeof localStores>>
  const home = '/tenant:acme/user:alice'

  beforeAll(async () => {
    local = await localStores()
    system = await TestSystem.start({ engine, settings: local.settings })
    admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    alice = await system.as('alice')
  })
  afterAll(async () => {
    await system.close()
    await local.close()
  })

  const list = async (path: string): Promise<readonly string[]> =>
    (await alice.ok<{ readonly files: readonly string[] }>('list', { path })).files

  it('add, get, has, list and remove', async () => {
    const at = `${home}/m`
    const shown = { mount_point: at, priority: 3, readonly: false, backend_type: 'memory' }
    expect(await alice.ok('has_mount', { mount_point: at })).toBe(false)
    expect(await alice.ok('get_mount', { mount_point: at })).toBeNull()
    expect(await alice.ok('add_mount', { mount_point: `${at}/`, ...MEMORY, priority: 3 })).toBe(at)
    expect(await alice.ok('get_mount', { mount_point: at })).toEqual(shown)
    expect(await alice.ok('has_mount', { mount_point: at })).toBe(true)
    expect(await alice.ok('list_mounts')).toEqual([
      { mount_point: '/', priority: 0, readonly: false, backend_type: 'LocalBackend' },
      shown,
    ])
    expect(await alice.ok('is_directory', { path: at })).toEqual({ is_directory: true })
    expect(await alice.ok('rebac_list_tuples', { object: ['file', at] })).toEqual([
      expect.objectContaining({ relation: 'direct_owner', subject_id: 'alice' }),
    ])
    await alice.ok('write', { path: `${at}/a/b`, content: 'x' })
    await alice.ok('rebac_create', {
      subject: ['user', 'bob'],
      relation: 'direct_viewer',
      object: ['file', `${at}/a/b`],
    })
    expect(await alice.ok('remove_mount', { mount_point: at })).toEqual({
      removed: true,
      directory_deleted: true,
      permissions_cleaned: 2,
      errors: [],
    })
    expect(await alice.ok('exists', { path: at })).toEqual({ exists: false })
    expect(await alice.ok('rebac_list_tuples', { object: ['file', `${at}/a/b`] })).toEqual([])
    expect(await alice.ok('remove_mount', { mount_point: at })).toMatchObject({ removed: false })
  })

  it('keeps a directory that was there before, with its rights', async () => {
    const at = `${home}/kept`
    await alice.ok('mkdir', { path: at, parents: true })
    await alice.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', at] })
    await alice.ok('add_mount', { mount_point: at, ...MEMORY })
    await alice.ok('write', { path: `${at}/file`, content: 'x' })
    const bob = await system.as('bob')
    expect(await bob.ok('exists', { path: `${at}/file` })).toEqual({ exists: true })
    expect(await alice.ok('remove_mount', { mount_point: at })).toMatchObject({ directory_deleted: false })
    expect(await bob.ok('list', { path: at })).toEqual({ files: [] })
    expect(await alice.ok('is_directory', { path: at })).toEqual({ is_directory: true })
    await alice.ok('write', { path: `${at}/file`, content: 'in the content store' })
    expect(await list(at)).toEqual([`${at}/file`])
  })

  it('says what is wrong, and changes nothing', async () => {
    const at = `${home}/wrong`
    await alice.ok('write', { path: `${home}/full/file`, content: 'x' })
    const cases: readonly (readonly [object, number, RegExp])[] = [
      [{ mount_point: at, backend_type: 'floppy', backend_config: {} }, -32602, /one of: local, s3_connector, memory/],
      [{ mount_point: at, backend_type: 'local', backend_config: {} }, -32602, /data_dir.* is missing/],
      [{ mount_point: at, backend_type: 'local', backend_config: { data_dir: '/etc' } }, -32602, /MOUNT_ROOTS/],
      [{ mount_point: at, backend_type: 'local', backend_config: { data_dir: `${local.root}/../` } }, -32602, /ROOTS/],
      [{ mount_point: at, backend_type: 'local', backend_config: { data_dir: `${local.root}x` } }, -32602, /ROOTS/],
      [{ mount_point: at, backend_type: 's3', backend_config: { bucket: 'b' } }, -32602, /access_key_id' is missing/],
      [{ mount_point: at, backend_type: 'memory', backend_config: { x: 1 } }, -32602, /unknown names: x/],
      [{ mount_point: `${home}/full`, ...MEMORY }, -32005, /not empty/],
      [{ mount_point: `${home}/full/file`, ...MEMORY }, -32001, /is a file/],
      [{ mount_point: '/skill/x', ...MEMORY }, -32602, /\/skill/],
      [{ mount_point: '/', ...MEMORY }, -32002, /Root path/],
    ]
    for (const [params, code, message] of cases) {
      expect((await admin.call('add_mount', params)).error, JSON.stringify(params)).toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
      })
    }
    expect(await alice.ok('exists', { path: at })).toEqual({ exists: false })
    expect(await alice.ok('list_mounts')).toHaveLength(1)
  })

  it('lets the longest mount point win, and of several at one point the highest priority', async () => {
    const at = `${home}/outer`
    const [low, high, inner] = [await local.make(), await local.make(), await local.make()]
    await low.put('which', 'low')
    await low.put('inner/which', 'hidden')
    await high.put('which', 'high')
    await inner.put('which', 'inner')
    await alice.ok('add_mount', { mount_point: at, ...low.spec })
    await alice.ok('add_mount', { mount_point: `${at}/nested/inner`, ...inner.spec, priority: -5 })
    expect(await alice.code('add_mount', { mount_point: at, ...high.spec })).toBe(-32602)
    const read = async (path: string) => {
      const { data } = await alice.ok<{ data: string }>('read', { path })
      return Buffer.from(data, 'base64').toString()
    }
    expect([await read(`${at}/which`), await read(`${at}/nested/inner/which`)]).toEqual(['low', 'inner'])
    expect(await alice.code('add_mount', { mount_point: at, ...high.spec, priority: 9 })).toBe(-32005)
    expect(await list(at)).toContain(`${at}/nested/inner/which`)
    await alice.ok('sync_mount', { mount_point: at })
    expect(await read(`${at}/nested/inner/which`)).toBe('inner')
    for (const path of [at, `${at}/nested`, `${at}/nested/inner`]) {
      expect(await alice.code('rmdir', { path, recursive: true })).toBe(-32005)
      expect(await alice.code('rename', { old_path: path, new_path: `${at}/moved` })).not.toBe(0)
    }
    expect(await alice.code('remove_mount', { mount_point: at })).toBe(-32005)
    await alice.ok('remove_mount', { mount_point: `${at}/nested/inner` })
    await alice.ok('add_mount', { mount_point: at, ...high.spec, priority: 9 })
    expect(await read(`${at}/which`)).toBe('high')
    expect(await list(at)).toEqual([`${at}/which`])
    await alice.ok('remove_mount', { mount_point: at })
    expect(await read(`${at}/which`)).toBe('low')
    await alice.ok('remove_mount', { mount_point: at })
    expect(await alice.ok('exists', { path: at })).toEqual({ exists: false })
    expect(await low.get('which')).toBe('low')
  })

  it('moves nothing between mounts, but copies', async () => {
    const [one, other] = [await local.make(), await local.make()]
    await one.put('file', 'content')
    await alice.ok('add_mount', { mount_point: `${home}/one`, ...one.spec })
    await alice.ok('add_mount', { mount_point: `${home}/other`, ...other.spec })
    for (const target of [`${home}/other/file`, `${home}/file`]) {
      expect((await alice.call('rename', { old_path: `${home}/one/file`, new_path: target })).error).toMatchObject({
        code: -32002,
        message: expect.stringMatching(/different mounts; copy it/) as string,
      })
      await alice.ok('copy', { src_path: `${home}/one/file`, dst_path: target })
    }
    expect(await other.get('file')).toBe('content')
    await alice.ok('copy', { src_path: `${home}/file`, dst_path: `${home}/one/back` })
    expect(await one.get('back')).toBe('content')
    await alice.ok('delete', { path: `${home}/file` })
    const { items } = await alice.ok<{ items: readonly { trash_id: string }[] }>('trash_list', { path: home })
    const restored = { trash_id: items[0]?.trash_id, new_path: `${home}/one/restored` }
    expect(await alice.code('trash_restore', restored)).toBe(-32005)
  })

  it('saves, lists, loads at once and at every start, and forgets', async () => {
    const at = `${home}/saved`
    const store = await local.make()
    await store.put('file', 'x')
    const facts = { ...store.spec, priority: 2, readonly: true }
    const id = await alice.ok('save_mount', { mount_point: at, ...facts, description: 'mine' })
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await alice.code('save_mount', { mount_point: at, ...facts })).toBe(-32602)
    expect(await alice.ok('list_saved_mounts')).toEqual([
      {
        mount_id: id,
        mount_point: at,
        ...facts,
        owner_user_id: 'alice',
        tenant_id: 'acme',
        description: 'mine',
        created_at: TIME,
        updated_at: TIME,
      },
    ])
    expect(await alice.ok('list_saved_mounts', { owner_user_id: 'bob' })).toEqual([])
    expect(await alice.code('list_saved_mounts', { tenant_id: 'other' })).toBe(-32004)
    expect(await alice.code('load_mount', { mount_point: `${home}/none` })).toBe(-32602)
    expect(await alice.ok('has_mount', { mount_point: at })).toBe(false)
    expect(await alice.ok('load_mount', { mount_point: at })).toBe(at)
    expect(await alice.ok('load_mount', { mount_point: at })).toBe(at)
    expect(await list(at)).toEqual([`${at}/file`])
    await alice.ok('remove_mount', { mount_point: at })
    await system.restartGateway()
    const again = new (alice.constructor as typeof GatewayClient)(system.url, null, alice.headers)
    expect(await again.ok('get_mount', { mount_point: at })).toMatchObject({ readonly: true, priority: 2 })
    expect(await again.ok('list', { path: at })).toEqual({ files: [`${at}/file`] })
    expect(await again.ok('delete_connector', { mount_point: at, revoke_oauth: true })).toEqual({
      removed: true,
      directory_deleted: true,
      config_deleted: true,
      permissions_cleaned: 0,
      oauth_revoked: false,
      errors: [],
    })
    expect(await again.ok('delete_saved_mount', { mount_point: at })).toBe(false)
    expect(await again.ok('list_saved_mounts')).toEqual([])
  })
})

describe.each(ENGINES)('secrets of mounts on %s', (engine) => {
  it('are in no answer', async () => {
    const stores = await s3Stores()
    const system = await TestSystem.start({ engine })
    try {
      const admin = await system.as('root', { isAdmin: true })
      const { spec } = await stores.make()
      const answers: string[] = []
      const call = async (method: string, params: object) => answers.push((await admin.call(method, params)).text)
      await call('save_mount', { mount_point: '/s3', ...spec })
      await call('load_mount', { mount_point: '/s3' })
      const wrong = { ...spec, backend_config: { ...spec.backend_config, endpoint: 'http://127.0.0.1:1' } }
      await call('add_mount', { mount_point: '/down', ...wrong })
      await call('add_mount', { mount_point: '/bad', ...wrong, backend_type: 'local' })
      await call('read', { path: '/down/file' })
      await call('sync_mount', {})
      await call('list_mounts', {})
      await call('list_saved_mounts', {})
      await call('get_mount', { mount_point: '/s3' })
      for (const text of answers) expect(text).not.toMatch(new RegExp(`${S3_SECRET}|"S3RVER"`))
      expect(answers.at(-2)).toContain('"secret_access_key":"********"')
      expect(answers.at(-2)).toContain('"bucket":"mounted"')
    } finally {
      await system.close()
      await stores.close()
    }
  })
})
