import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/
const TIME = expect.stringMatching(ISO) as string
const versionOf = (content: string, version: number) => ({
  etag: sha256(content),
  version,
  modified_at: { __type__: 'datetime', data: TIME },
  size: content.length,
})
const writtenOf = (content: string, version: number) => {
  const written = versionOf(content, version)
  return { ...written, bytes_written: written }
}

describe.each(ENGINES)('moving, copying and many files at once on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let bob: GatewayClient
  const home = '/tenant:acme/user:alice'
  const closed = '/tenant:acme/closed'
  const write = (path: string, content = path) => alice.ok('write', { path, content })
  const share = (path: string, user: string, relation = 'direct_viewer') =>
    alice.ok('rebac_create', { subject: ['user', user], relation, object: ['file', path] })

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    await admin.ok('write', { path: `${closed}/secret`, content: 'secret' })
    alice = await system.as('alice')
    bob = await system.as('bob')
  })
  afterAll(() => system.close())

  it('rename takes a tree along with its versions and grants', async () => {
    const top = `${home}/move`
    await write(`${top}/from/a`, '1')
    await write(`${top}/from/a`, '2')
    await write(`${top}/from/b`)
    await share(`${top}/from`, 'bob')
    const id = await share(`${top}/from/a`, 'carl', 'direct_editor')
    expect(await alice.ok('rename', { old_path: `${top}/from/`, new_path: `${top}/deep/to` })).toEqual({
      renamed: true,
      success: true,
    })
    expect(await bob.ok('list', { path: '/' })).toEqual({ files: [`${top}/deep/to/a`, `${top}/deep/to/b`] })
    expect(await bob.code('read', { path: `${top}/from/a` })).toBe(-32004)
    const [tuple] = await alice.ok<object[]>('rebac_list_tuples', { subject: ['user', 'carl'] })
    expect(tuple).toMatchObject({ tuple_id: id, object_id: `${top}/deep/to/a`, relation: 'direct_editor' })
    expect(await write(`${top}/deep/to/a`, '3')).toMatchObject({ version: 3 })
    // What was said of the old path is not said of what comes to stand there.
    await write(`${top}/from/a`, 'new')
    expect(await bob.code('read', { path: `${top}/from/a` })).toBe(-32004)
    await alice.ok('rmdir', { path: top, recursive: true })
  })

  it('rename refuses what cannot be, and needs write at both ends', async () => {
    const top = `${home}/ends`
    await write(`${top}/a`)
    await write(`${top}/b/c`)
    await share(`${top}/a`, 'bob', 'direct_editor')
    const code = (client: GatewayClient, from: string, to: string) =>
      client.code('rename', { old_path: from, new_path: to })
    expect(await code(alice, `${top}/a`, `${top}/b`)).toBe(-32001)
    expect(await code(alice, `${top}/none`, `${top}/x`)).toBe(-32000)
    expect(await code(alice, `${top}/b`, `${top}/b/c/d`)).toBe(-32002)
    expect(await code(alice, `${top}/a`, `${top}/../x`)).toBe(-32002)
    expect(await code(alice, `${top}/a`, `${closed}/a`)).toBe(-32004)
    expect(await code(alice, `${closed}/secret`, `${top}/x`)).toBe(-32004)
    expect(await code(alice, `${closed}/none`, `${top}/x`)).toBe(-32004)
    expect(await code(bob, `${top}/a`, `${top}/x`)).toBe(-32004)
    expect(await alice.code('rename', { old_path: `${top}/a` })).toBe(-32602)
    expect(await alice.ok('list', { path: top })).toEqual({ files: [`${top}/a`, `${top}/b/c`] })
  })

  it('copy makes a file of its own, without grants and versions', async () => {
    await write(`${home}/orig`, '1')
    await write(`${home}/orig`, '22')
    await share(`${home}/orig`, 'bob')
    expect(await alice.ok('copy', { src_path: `${home}/orig`, dst_path: `${home}/copies/one` })).toEqual({
      copied: true,
      success: true,
      path: `${home}/copies/one`,
      ...versionOf('22', 1),
    })
    await write(`${home}/orig`, '333')
    expect(await alice.ok('read', { path: `${home}/copies/one` })).toEqual(bytes('22'))
    const code = (client: GatewayClient, from: string, to: string) =>
      client.code('copy', { src_path: from, dst_path: to })
    expect(await bob.code('read', { path: `${home}/copies/one` })).toBe(-32004)
    expect(await code(bob, `${home}/orig`, `${home}/stolen`)).toBe(-32004)
    expect(await code(alice, `${closed}/secret`, `${home}/stolen`)).toBe(-32004)
    expect(await code(alice, `${closed}/none`, `${home}/stolen`)).toBe(-32004)
    expect(await code(alice, `${home}/none`, `${home}/x`)).toBe(-32000)
    expect(await code(alice, `${home}/orig`, `${home}/copies/one`)).toBe(-32001)
    expect(await code(alice, `${home}/copies`, `${home}/x`)).toBe(-32002)
    expect(await alice.ok('exists', { path: `${home}/stolen` })).toEqual({ exists: false })
  })

  it('edit replaces pieces of a text, all or none, and none of those who do it at once is lost', async () => {
    const path = `${home}/edited.ts`
    await write(path, 'const a = 1\nconst b = 2\n')
    const edits = [{ old_str: 'a = 1', new_str: 'a = 10' }]
    const preview = await alice.ok<{ diff: string }>('edit', { path, edits, preview: true })
    expect(preview).toMatchObject({ success: true, preview: true, new_content: 'const a = 10\nconst b = 2\n' })
    expect(preview.diff).toContain('-const a = 1\n+const a = 10\n')
    const made = await alice.ok<{ etag: string }>('edit', { path, edits })
    const written = 'const a = 10\nconst b = 2\n'
    expect(made).toMatchObject({ success: true, applied_count: 1, etag: sha256(written), version: 2 })
    expect(await alice.ok('read', { path })).toEqual(bytes(written))

    const halfGood = [...edits, { old_str: 'nowhere to be found', new_str: '' }]
    expect(await alice.ok('edit', { path, edits: halfGood })).toMatchObject({
      success: false,
      applied_count: 0,
      errors: [expect.stringContaining('Edit 1')],
    })
    expect(await alice.code('edit', { path, edits, if_match: sha256('else') })).toBe(-32006)
    expect(await alice.code('edit', { path, edits: [] })).toBe(-32602)
    expect(await alice.code('edit', { path: `${home}/none`, edits })).toBe(-32000)
    expect(await bob.code('edit', { path, edits })).toBe(-32004)
    await share(path, 'bob')
    expect(await bob.code('edit', { path, edits: [{ old_str: 'b = 2', new_str: 'b = 3' }] })).toBe(-32004)
    await alice.ok('write', { path: `${home}/binary`, content: bytes(new Uint8Array([0, 255])) })
    expect(await alice.code('edit', { path: `${home}/binary`, edits })).toBe(-32602)

    await write(path, 'x'.repeat(500_000))
    const growing = [{ old_str: 'x', new_str: 'x'.repeat(10), allow_multiple: true }]
    expect(await alice.ok('edit', { path, edits: growing, preview: true })).toMatchObject({
      success: false,
      errors: ['Edit 0: the text would have more than 4 MiB, which are not edited.'],
    })

    const numbers = Array.from({ length: 30 }, (_, index) => `line ${index};`)
    await write(path, numbers.join('\n'))
    await Promise.all(
      numbers.map((old_str, index) =>
        alice.ok('edit', { path, edits: [{ old_str, new_str: `done ${index};` }], fuzzy_threshold: 1 }),
      ),
    )
    expect(await alice.ok('read', { path })).toEqual(bytes(numbers.map((_, index) => `done ${index};`).join('\n')))
  })

  it('append adds to the end, and creates', async () => {
    const path = `${home}/log`
    expect(await alice.ok('append', { path, content: 'a' })).toEqual(versionOf('a', 1))
    expect(await alice.ok('append', { path, content: bytes('b') })).toEqual(versionOf('ab', 2))
    expect((await alice.call('append', { path, content: 'c', if_match: 'bad' })).error).toMatchObject({
      code: -32006,
      data: { path, expected_etag: 'bad', current_etag: sha256('ab') },
    })
    expect(await alice.code('append', { path: `${home}/nolog`, content: 'c', if_match: 'bad' })).toBe(-32006)
    expect(await alice.ok('append', { path, content: 'c', if_match: `"${sha256('ab')}"` })).toEqual(versionOf('abc', 3))
    expect(await alice.ok('append', { path, content: 'd', if_match: 'bad', force: true })).toEqual(versionOf('abcd', 4))
    expect(await alice.code('append', { path: `${path}/below`, content: 'x' })).toBe(-32001)
    expect(await alice.code('append', { path: home, content: 'x' })).toBe(-32002)
    expect(await alice.code('append', { path: `${closed}/secret`, content: 'x' })).toBe(-32004)
    expect(await alice.code('append', { path: `${closed}/none`, content: 'x' })).toBe(-32004)
    await share(path, 'bob')
    expect(await bob.code('append', { path, content: 'x' })).toBe(-32004)
  })

  it('none of those who append at once is lost', async () => {
    const path = `${home}/racing`
    await Promise.all(Array.from({ length: 12 }, (_, index) => alice.ok('append', { path, content: `<${index}>` })))
    const { data } = await alice.ok<{ data: string }>('read', { path })
    const parts = Buffer.from(data, 'base64').toString().match(/\d+/g) ?? []
    expect(parts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index))
  })

  it('get_etag and stat tell of what may be read only', async () => {
    await write(`${home}/known/f`, 'abc')
    expect(await alice.ok('get_etag', { path: `${home}/known/f` })).toEqual({ etag: sha256('abc') })
    for (const path of [`${home}/known`, `${home}/nothing`, `${closed}/secret`, `${closed}/none`]) {
      expect(await alice.ok('get_etag', { path })).toEqual({ etag: null })
    }
    expect(await alice.ok('stat', { path: `${home}/known/f` })).toEqual({
      size: 3,
      etag: sha256('abc'),
      version: 1,
      modified_at: TIME,
      is_directory: false,
    })
    const directory = { size: 0, etag: null, version: 0, modified_at: null, is_directory: true }
    expect(await alice.ok('stat', { path: `${home}/known` })).toEqual(directory)
    expect(await alice.code('stat', { path: `${home}/nothing` })).toBe(-32000)
    expect(await alice.code('stat', { path: `${closed}/secret` })).toBe(-32004)
    expect(await alice.code('stat', { path: `${closed}/none` })).toBe(-32004)
    // A directory shows when something below it is readable.
    await share(`${home}/known/f`, 'dora')
    expect(await (await system.as('dora')).ok('stat', { path: `${home}/known` })).toEqual(directory)
  })

  it('the many forms answer each path by itself', async () => {
    await write(`${home}/many/f`, 'abc')
    const [file, directory, missing, secret, bad] = [
      `${home}/many/f`,
      `${home}/many/`,
      `${home}/many/no`,
      `${closed}/secret`,
      '../x',
    ]
    const paths = [file, directory, missing, secret, bad, '__proto__']
    const of = (...values: readonly unknown[]) =>
      JSON.stringify(Object.fromEntries(paths.map((p, i) => [p, values[i]])))
    const text = async (method: string, more: object = {}) => JSON.stringify(await alice.ok(method, { paths, ...more }))
    expect(await text('exists_batch')).toBe(of(true, true, false, false, false, false))
    expect(await text('batch_get_content_ids')).toBe(of(sha256('abc'), null, null, null, null, null))
    expect(await text('read_bulk')).toBe(of(bytes('abc'), null, null, null, null, null))
    const stats = await alice.ok<Record<string, unknown>>('stat_bulk', { paths })
    expect(stats[file]).toEqual(await alice.ok('stat', { path: file }))
    expect([stats[missing], stats[secret]]).toEqual([null, null])
    const metadata = await alice.ok<Record<string, unknown>>('metadata_batch', { paths })
    expect({ metadata: metadata[directory] }).toEqual(await alice.ok('get_metadata', { path: directory }))
    expect([metadata[missing], metadata[secret]]).toEqual([null, null])
    expect(await alice.ok('read_bulk', { paths: [file], return_metadata: true })).toEqual({
      [file]: { content: bytes('abc'), ...versionOf('abc', 1) },
    })
    for (const method of ['read_bulk', 'stat_bulk']) {
      expect(await alice.code(method, { paths: [file, missing], skip_errors: false })).toBe(-32000)
      expect(await alice.code(method, { paths: [file, secret], skip_errors: false })).toBe(-32004)
    }
    for (const method of ['exists_batch', 'stat_bulk', 'read_bulk', 'metadata_batch', 'batch_get_content_ids']) {
      expect(await alice.ok(method, { paths: [] })).toEqual({})
      expect(await alice.code(method, { paths: file })).toBe(-32602)
      expect(await alice.code(method, { paths: Array.from({ length: 1_001 }, () => file) })).toBe(-32602)
    }
  })

  it('read_range and stream give parts, write_stream takes them', async () => {
    const path = `${home}/parts`
    expect(await alice.ok('write_stream', { path, chunks: [bytes('01'), '234', bytes('56789')] })).toEqual(
      writtenOf('0123456789', 1),
    )
    const range = (start: number, end: number) => alice.ok('read_range', { path, start, end })
    expect(await range(2, 5)).toEqual(bytes('234'))
    expect(await range(8, 100)).toEqual(bytes('89'))
    expect([await range(3, 3), await range(50, 60)]).toEqual([bytes(''), bytes('')])
    expect(await alice.code('read_range', { path, start: 5, end: 2 })).toBe(-32602)
    expect(await alice.code('read_range', { path, start: -1, end: 2 })).toBe(-32602)
    expect(await alice.ok('stream', { path, chunk_size: 4 })).toEqual(['0123', '4567', '89'].map(bytes))
    await write(`${home}/chunky`, 'x'.repeat(10_001))
    expect(await alice.code('stream', { path: `${home}/chunky`, chunk_size: 1 })).toBe(-32602)
    expect(await alice.code('write_stream', { path, chunks: ['x'], if_none_match: true })).toBe(-32001)
    for (const target of [`${closed}/secret`, `${closed}/none`]) {
      expect(await alice.code('read_range', { path: target, start: 0, end: 1 })).toBe(-32004)
      expect(await alice.code('stream', { path: target })).toBe(-32004)
      expect(await alice.code('write_stream', { path: target, chunks: ['x'] })).toBe(-32004)
    }
    expect(await alice.code('read_range', { path: `${home}/none`, start: 0, end: 1 })).toBe(-32000)
  })

  it('parts of a large file are read without the rest', async () => {
    const path = `${home}/large`
    const large = Buffer.alloc(3_000_000, 'abcdefg')
    await alice.ok('write', { path, content: bytes(large) })
    const part = await alice.ok('read_range', { path, start: 2_500_001, end: 2_500_050 })
    expect(part).toEqual(bytes(large.subarray(2_500_001, 2_500_050)))
    expect(await alice.ok('read_range', { path, start: 2_999_999, end: 4_000_000 })).toEqual(
      bytes(large.subarray(2_999_999)),
    )
  })

  it('write_batch writes all files, or none', async () => {
    const top = `${home}/batch`
    await write(`${top}/b`, 'old')
    const files = [
      [`${top}/a/1`, 'one'],
      [`${top}/a/2`, bytes('two')],
      [`${top}/b`, 'new'],
    ]
    expect(await alice.ok('write_batch', { files })).toEqual([
      writtenOf('one', 1),
      writtenOf('two', 1),
      writtenOf('new', 2),
    ])
    expect(await alice.ok('write_batch', { files: [] })).toEqual([])
    const before = await alice.ok('list', { path: home, details: true })
    const code = (more: readonly unknown[][]) => alice.code('write_batch', { files: [[`${top}/x`, 'x'], ...more] })
    expect(await code([[`${closed}/x`, 'x']])).toBe(-32004)
    expect(await code([[`${top}/a`, 'a directory']])).toBe(-32001)
    expect(await code([[`${top}/x/y`, 'below a file']])).toBe(-32001)
    expect(await code([[`${top}/x/`, 'twice']])).toBe(-32602)
    expect(await code([['/tenant:other/x', 'x']])).toBe(-32602)
    expect(await code([[`${top}/../x`, 'x']])).toBe(-32002)
    expect(await code([['x']])).toBe(-32602)
    expect(await alice.ok('list', { path: home, details: true })).toEqual(before)
  })

  it('delete_bulk and rename_bulk do what they can and say what they could not', async () => {
    const top = `${home}/bulk`
    for (const name of ['a', 'b', 'c/1', 'c/2', 'd/1']) await write(`${top}/${name}`)
    const denied = (path: string) => `Access denied: User 'alice' does not have WRITE permission for '${path}'`
    const renames = [
      [`${top}/a`, `${top}/a2`],
      [`${top}/a2`, `${top}/a3`],
      [`${top}/b`, `${top}/c`],
      [`${closed}/secret`, `${top}/x`],
      [`${top}/none`, `${top}/y`],
    ]
    expect(await alice.ok('rename_bulk', { renames })).toEqual({
      [`${top}/a`]: { success: true, new_path: `${top}/a2` },
      [`${top}/a2`]: { success: true, new_path: `${top}/a3` },
      [`${top}/b`]: { success: false, error: `File already exists: ${top}/c` },
      [`${closed}/secret`]: { success: false, error: denied(`${closed}/secret`) },
      [`${top}/none`]: { success: false, error: 'File not found' },
    })
    const twice = [
      [`${top}/b`, `${top}/e`],
      [`${top}/b`, `${top}/f`],
    ]
    expect(await alice.code('rename_bulk', { renames: twice })).toBe(-32602)
    const paths = [`${top}/a3`, `${top}/a3`, `${top}/c`, `${top}/none`, `${closed}/secret`, '/']
    const deleted = await alice.ok<Record<string, { success: boolean; error?: string }>>('delete_bulk', { paths })
    expect(Object.entries(deleted).map(([path, { success }]) => [path, success])).toEqual([
      [`${top}/a3`, true],
      [`${top}/c`, false],
      [`${top}/none`, false],
      [`${closed}/secret`, false],
      ['/', false],
    ])
    expect(deleted[`${closed}/secret`]?.error).toBe(denied(`${closed}/secret`))
    expect(await alice.ok('delete_bulk', { paths: [`${top}/c/1`, `${top}/c`], recursive: true })).toEqual({
      [`${top}/c/1`]: { success: true },
      [`${top}/c`]: { success: true },
    })
    expect(await alice.ok('list', { path: top })).toEqual({ files: [`${top}/b`, `${top}/d/1`] })
  })

  it('get_available_namespaces shows the system to administrators', async () => {
    const names = ['archives', 'external', 'shared', 'workspace']
    expect(await alice.ok('get_available_namespaces')).toEqual({ namespaces: names })
    const admin = await system.as('root', { isAdmin: true })
    expect(await admin.ok('get_available_namespaces')).toEqual({ namespaces: [...names, 'system'].sort() })
  })
})
