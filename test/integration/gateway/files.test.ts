import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/) as string

describe.each(ENGINES)('the file methods on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  const home = '/tenant:acme/user:alice'
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    alice = await system.as('alice')
  })
  afterAll(() => system.close())

  it('write answers in both shapes, read in both', async () => {
    const path = `${home}/both.txt`
    const version = { etag: sha256('one'), version: 1, modified_at: { __type__: 'datetime', data: TIME }, size: 3 }
    expect(await alice.ok('write', { path, content: 'one' })).toEqual({ ...version, bytes_written: version })
    expect(await alice.ok('read', { path })).toEqual(bytes('one'))
    expect(
      await alice.ok('read', { path, return_metadata: true, parsed: false, return_url: false, expires_in: 60 }),
    ).toEqual({
      content: bytes('one'),
      ...version,
    })
    expect(await alice.ok('write', { path, content: bytes('two!') })).toMatchObject({ version: 2, size: 4 })
  })

  it('bytes come back as they went in, empty ones too', async () => {
    const every = Uint8Array.from({ length: 256 }, (_, index) => index)
    for (const content of [every, new Uint8Array()]) {
      await alice.ok('write', { path: `${home}/bytes`, content: bytes(content) })
      expect(await alice.ok('read', { path: `${home}/bytes` })).toEqual(bytes(content))
    }
    await alice.ok('write', { path: `${home}/text`, content: 'grüße 🎉' })
    expect(await alice.ok('read', { path: `${home}/text` })).toEqual(bytes('grüße 🎉'))
  })

  it('if_match and if_none_match guard a write; force does not care', async () => {
    const path = `${home}/guarded.txt`
    const { etag } = await alice.ok<{ etag: string }>('write', { path, content: '1', if_none_match: true })
    expect(await alice.code('write', { path, content: '2', if_none_match: true })).toBe(-32001)
    expect((await alice.call('write', { path, content: '2', if_match: 'bad' })).error).toMatchObject({
      code: -32006,
      data: { path, expected_etag: 'bad', current_etag: etag },
    })
    expect(await alice.ok('read', { path })).toEqual(bytes('1'))
    expect(await alice.ok('write', { path, content: '2', if_match: `"${etag}"` })).toMatchObject({ version: 2 })
    expect(await alice.ok('write', { path, content: '3', if_match: 'bad', force: true })).toMatchObject({ version: 3 })
    expect((await alice.call('write', { path: `${home}/none`, content: '', if_match: 'bad' })).error).toMatchObject({
      code: -32006,
      data: { current_etag: '(file does not exist)' },
    })
  })

  it('lists below a directory, whole or by children, bare or with details', async () => {
    const top = `${home}/tree`
    await alice.ok('mkdir', { path: `${top}/made`, parents: true })
    await alice.ok('write', { path: `${top}/b/implied/2.txt`, content: '22' })
    await alice.ok('write', { path: `${top}/a.txt`, content: '1' })
    const list = async (params: object) => (await alice.ok<{ files: unknown[] }>('list', params)).files
    expect(await list({ path: `${top}/` })).toEqual([`${top}/a.txt`, `${top}/b/implied/2.txt`, `${top}/made`])
    expect(await list({ path: top, recursive: false })).toEqual([`${top}/a.txt`, `${top}/b`, `${top}/made`])
    const nothing = { size: 0, modified_at: null, created_at: null, etag: null, mime_type: null, is_directory: true }
    expect(await list({ path: top, recursive: false, details: true, prefix: null, show_parsed: true })).toEqual([
      {
        path: `${top}/a.txt`,
        size: 1,
        modified_at: TIME,
        created_at: TIME,
        etag: sha256('1'),
        mime_type: null,
        is_directory: false,
      },
      { path: `${top}/b`, ...nothing },
      { path: `${top}/made`, ...nothing },
    ])
    expect(await list({ path: `${top}/nowhere` })).toEqual([])
    expect(await list({ prefix: `${top}/b` })).toEqual([`${top}/b/implied/2.txt`])
    expect(await list({ prefix: `${top}/b/implied/2`, recursive: false })).toEqual([`${top}/b/implied/2.txt`])
  })

  it('lists page by page', async () => {
    const top = `${home}/pages`
    for (const name of ['c', 'a', 'b', 'é', 'z']) await alice.ok('write', { path: `${top}/${name}`, content: '' })
    const whole = await alice.ok<{ files: string[] }>('list', { path: top })
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { files: string[]; next_cursor: string | null; has_more: boolean } = await alice.ok('list', {
        path: top,
        limit: 2,
        ...(cursor === '' ? {} : { cursor }),
      })
      expect(page.has_more).toBe(page.next_cursor !== null)
      found.push(...page.files)
      cursor = page.next_cursor
    }
    expect(found).toEqual(whole.files)
    expect(await alice.code('list', { path: top, limit: 0 })).toBe(-32602)
    expect(await alice.code('list', { path: top, limit: 2, cursor: 'xx' })).toBe(-32602)
  })

  it('exists, is_directory and get_metadata know files, directories and nothing', async () => {
    await alice.ok('write', { path: `${home}/dir/file.txt`, content: 'abc' })
    const look = async (path: string) => [
      (await alice.ok<{ exists: boolean }>('exists', { path })).exists,
      (await alice.ok<{ is_directory: boolean }>('is_directory', { path })).is_directory,
    ]
    expect(await look(`${home}/dir/file.txt`)).toEqual([true, false])
    expect(await look(`${home}/dir/`)).toEqual([true, true])
    expect(await look(`${home}/dir/other`)).toEqual([false, false])
    const common = { owner: 'alice', group: 'alice' }
    expect(await alice.ok('get_metadata', { path: `${home}/dir/file.txt` })).toEqual({
      metadata: {
        ...common,
        path: `${home}/dir/file.txt`,
        size: 3,
        mime_type: null,
        created_at: TIME,
        modified_at: TIME,
        is_directory: false,
        mode: 420,
      },
    })
    expect(await alice.ok('get_metadata', { path: `${home}/dir` })).toMatchObject({
      metadata: { ...common, size: 4096, mime_type: 'inode/directory', is_directory: true, mode: 493 },
    })
    expect(await alice.ok('get_metadata', { path: `${home}/nothing` })).toEqual({ metadata: null })
  })

  it('mkdir, rmdir and delete', async () => {
    const top = `${home}/made`
    expect(await alice.ok('mkdir', { path: top })).toEqual({ created: true })
    expect(await alice.code('mkdir', { path: top })).toBe(-32001)
    expect(await alice.ok('mkdir', { path: top, exist_ok: true })).toEqual({ created: true })
    expect(await alice.code('mkdir', { path: `${top}/x/y` })).not.toBe(0)
    expect(await alice.ok('mkdir', { path: `${top}/x/y`, parents: true, exist_ok: false })).toEqual({ created: true })
    expect(await alice.code('rmdir', { path: top })).toBe(-32005)
    expect(await alice.ok('rmdir', { path: `${top}/`, recursive: true })).toEqual({ removed: true })
    expect(await alice.ok('exists', { path: top })).toEqual({ exists: false })
    await alice.ok('write', { path: `${home}/gone.txt`, content: '' })
    expect(await alice.ok('delete', { path: `${home}/gone.txt` })).toMatchObject({ deleted: true })
    expect(await alice.code('delete', { path: `${home}/gone.txt` })).toBe(-32000)
    expect((await alice.call('read', { path: `${home}/gone.txt` })).error).toMatchObject({
      code: -32000,
      message: `File not found: ${home}/gone.txt`,
    })
  })

  it('mounts, workspaces and sandboxes', async () => {
    const root = { mount_point: '/', priority: 0, readonly: false, backend_type: 'LocalBackend' }
    expect(await alice.ok('list_mounts')).toEqual([root])
    expect(await alice.ok('list_workspaces')).toEqual([])
    expect(
      (await alice.call('sandbox_get_or_create', { name: 'alice,x', ttl_minutes: 10, context: {} })).error,
    ).toMatchObject({
      code: -32602,
      message: expect.stringContaining('No sandbox providers available') as string,
    })
  })
})
