import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { type Store, STORES, type Stores } from '../../../support/mounts/stores.ts'

const CASES = ENGINES.flatMap((engine) => STORES.map(([name, make]) => ({ engine, name, make })))
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

describe.each(CASES)('files of a mount of $name on $engine', ({ engine, make }) => {
  let stores: Stores
  let system: TestSystem
  let admin: GatewayClient
  let store: Store
  let at: string
  let count = 0

  beforeAll(async () => {
    stores = await make()
    system = await TestSystem.start({ engine, settings: stores.settings })
    admin = await system.as('root', { isAdmin: true })
  })
  afterAll(async () => {
    await system.close()
    await stores.close()
  })

  /** Mounts a new store at a new place. */
  async function mount(facts: object = {}): Promise<void> {
    store = await stores.make()
    at = `/mnt/m${++count}`
    expect(await admin.ok('add_mount', { mount_point: at, ...store.spec, ...facts })).toBe(at)
  }

  const read = async (path: string): Promise<string> => {
    const { data } = await admin.ok<{ readonly data: string }>('read', { path })
    return Buffer.from(data, 'base64').toString()
  }
  const list = async (path: string, recursive = true): Promise<readonly string[]> =>
    (await admin.ok<{ readonly files: readonly string[] }>('list', { path, recursive })).files

  it('shows what is there, and what comes and goes behind its back', async () => {
    await mount()
    await store.put('a.txt', 'one')
    await store.put('d/b.txt', 'two')
    expect(await list(at, false)).toEqual([`${at}/a.txt`, `${at}/d`])
    expect((await list(at)).filter((path) => !path.endsWith('/d'))).toEqual([`${at}/a.txt`, `${at}/d/b.txt`])
    expect(await read(`${at}/d/b.txt`)).toBe('two')
    await store.put('d/b.txt', 'two, changed')
    expect(await read(`${at}/d/b.txt`)).toBe('two, changed')
    expect(await admin.ok('stat', { path: `${at}/d/b.txt` })).toMatchObject({
      size: 12,
      etag: sha('two, changed'),
      version: 2,
      is_directory: false,
    })
    await store.put('e/f/g.txt', 'deep')
    expect(await admin.ok('exists', { path: `${at}/e/f/g.txt` })).toEqual({ exists: true })
    expect(await admin.ok('is_directory', { path: `${at}/e` })).toEqual({ is_directory: true })
    expect(await read(`${at}/e/f/g.txt`)).toBe('deep')
    await store.remove('a.txt')
    expect(await admin.ok('exists', { path: `${at}/a.txt` })).toEqual({ exists: false })
    expect(await admin.code('read', { path: `${at}/a.txt` })).toBe(-32000)
    expect(await admin.ok('glob', { pattern: '**/*.txt', path: at })).toEqual({
      matches: [`${at}/d/b.txt`, `${at}/e/f/g.txt`],
    })
    expect(await list('/mnt')).toContain(`${at}/e/f/g.txt`)
  })

  it('writes through, with versions, conditions and ranges', async () => {
    await mount()
    const path = `${at}/sub/file.txt`
    expect(await admin.ok('write', { path, content: 'first' })).toMatchObject({ etag: sha('first'), version: 1 })
    expect(await store.get('sub/file.txt')).toBe('first')
    expect(await admin.code('write', { path, content: 'x', if_none_match: true })).toBe(-32001)
    expect(await admin.code('write', { path, content: 'x', if_match: sha('other') })).toBe(-32006)
    expect(await store.get('sub/file.txt')).toBe('first')
    expect(await admin.ok('write', { path, content: 'second', if_match: sha('first') })).toMatchObject({ version: 2 })
    await admin.ok('append', { path, content: ' and more' })
    expect(await store.get('sub/file.txt')).toBe('second and more')
    await admin.ok('edit', { path, edits: [{ old_str: 'more', new_str: 'less' }] })
    expect(await store.get('sub/file.txt')).toBe('second and less')
    expect(await admin.ok('read_range', { path, start: 7, end: 10 })).toEqual(bytes('and'))
    await admin.ok('rollback', { path, version: 1 })
    expect(await store.get('sub/file.txt')).toBe('first')
    const versions = await admin.ok<readonly { version: number }[]>('list_versions', { path })
    expect(versions.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1])
    // A condition is about what the back end has, not about what was known of it.
    await store.put('sub/file.txt', 'from elsewhere')
    expect(await admin.code('write', { path, content: 'x', if_match: sha('first') })).toBe(-32006)
    await admin.ok('write', { path, content: 'x', if_match: sha('from elsewhere') })
    expect(await store.get('sub/file.txt')).toBe('x')
    await admin.ok('write_batch', {
      files: [
        [`${at}/batch/1`, 'one'],
        [`${at}/batch/2`, 'two'],
      ],
    })
    expect(await store.keys()).toEqual(['batch/1', 'batch/2', 'sub/file.txt'])
  })

  it('renames, copies, deletes and makes directories there', async () => {
    await mount()
    await store.put('old/a', 'A')
    await store.put('old/deep/b', 'B')
    await admin.ok('rename', { old_path: `${at}/old`, new_path: `${at}/new/place` })
    expect(await store.keys()).toEqual(['new/place/a', 'new/place/deep/b'])
    expect(await read(`${at}/new/place/deep/b`)).toBe('B')
    await admin.ok('rename', { old_path: `${at}/new/place/a`, new_path: `${at}/c` })
    expect(await read(`${at}/c`)).toBe('A')
    await admin.ok('copy', { src_path: `${at}/c`, dst_path: '/plain-copy' }).catch(() => undefined)
    await admin.ok('mkdir', { path: `${at}/empty/dir`, parents: true })
    expect(await list(`${at}/empty`, false)).toEqual([`${at}/empty/dir`])
    expect(await admin.code('rmdir', { path: `${at}/new` })).toBe(-32005)
    expect(await store.keys()).toEqual(['c', 'new/place/deep/b'])
    await admin.ok('rmdir', { path: `${at}/new`, recursive: true })
    await admin.ok('rmdir', { path: `${at}/empty/dir` })
    await admin.ok('delete', { path: `${at}/c` })
    expect(await store.keys()).toEqual([])
    expect(await admin.code('delete', { path: `${at}/c` })).toBe(-32000)
    expect((await list(at)).filter((path) => path !== `${at}/empty`)).toEqual([])
  })

  it('streams', async () => {
    await mount()
    const large = Buffer.alloc(3_000_000, 'stream ')
    const put = await admin.raw(`/api/files${at}/large.bin`, { method: 'PUT', body: large })
    expect(put.status).toBe(201)
    expect(Buffer.from((await store.get('large.bin')) ?? '').equals(large)).toBe(true)
    await store.put('other.bin', large.toString())
    const got = await admin.raw(`/api/files${at}/other.bin`, { headers: { range: 'bytes=7-13' } })
    expect([got.status, got.headers.get('etag'), await got.text()]).toEqual([
      206,
      `"${sha(large.toString())}"`,
      'stream ',
    ])
    expect((await admin.raw(`/api/files${at}/none`)).status).toBe(404)
    await store.put('unread', 'old')
    expect(await list(at)).toContain(`${at}/unread`)
    expect((await admin.raw(`/api/files${at}/unread`, { method: 'PUT', body: 'new' })).status).toBe(200)
    expect(await store.get('unread')).toBe('new')
  })

  it('searches contents that nobody has read yet', async () => {
    await mount()
    await store.put('x/1.txt', 'hay\nneedle here\n')
    await store.put('x/2.txt', 'hay only')
    const { results } = await admin.ok<{ results: readonly object[] }>('grep', { pattern: 'needle', path: at })
    expect(results).toEqual([expect.objectContaining({ file: `${at}/x/1.txt`, line: 2 })])
  })

  it('finds words of what was synchronised, as it is found, changed, renamed and lost behind its back', async () => {
    await mount()
    await store.put('notes/first.txt', 'a pelican on the roof')
    await store.put('notes/second.txt', 'nothing to see')
    type Found = { readonly results: readonly { readonly path: string }[] }
    const search = async (query: string, path = '/'): Promise<readonly string[]> =>
      (await admin.ok<Found>('search', { query, path })).results.map((hit) => hit.path)
    expect(await search('pelican')).toEqual([])
    await admin.ok('sync_mount', { mount_point: at })
    expect(await search('pelican')).toEqual([`${at}/notes/first.txt`])
    expect(await search('pelican', at)).toEqual([`${at}/notes/first.txt`])
    expect(await search('second', at)).toEqual([`${at}/notes/second.txt`])
    await store.put('notes/second.txt', 'two pelicans, or one pelican')
    await store.put('notes/first.txt', 'it flew away')
    expect(await read(`${at}/notes/second.txt`)).toContain('pelican')
    await admin.ok('sync_mount', { mount_point: at })
    expect(await search('pelican')).toEqual([`${at}/notes/second.txt`])
    await admin.ok('rename', { old_path: `${at}/notes`, new_path: `${at}/birds` })
    expect(await search('pelican')).toEqual([`${at}/birds/second.txt`])
    await admin.ok('write', { path: `${at}/birds/third.txt`, content: 'a pelican that was written here' })
    expect((await search('pelican', `${at}/birds`)).toSorted()).toEqual([
      `${at}/birds/second.txt`,
      `${at}/birds/third.txt`,
    ])
    const bob = await system.as(`searcher of ${at.slice(1)}`.replaceAll(/\W/g, '-'))
    expect(await bob.ok('search', { query: 'pelican' })).toMatchObject({ results: [] })
    await store.remove('birds/second.txt')
    await admin.ok('sync_mount', { mount_point: at })
    await admin.ok('remove_mount', { mount_point: at })
    expect(await search('pelican')).toEqual([])
  })

  it('takes uploads that are resumed: the back end has the file when the last piece was answered', async () => {
    await mount()
    const content = Buffer.alloc(200_000, 'resumed ')
    const upload = async (path: string): Promise<number> => {
      const encoded = Buffer.from(path).toString('base64')
      const tus = { 'tus-resumable': '1.0.0' }
      const begun = await admin.raw('/api/uploads', {
        method: 'POST',
        headers: { ...tus, 'upload-length': String(content.length), 'upload-metadata': `path ${encoded}` },
      })
      if (begun.status !== 201) return begun.status
      const url = new URL(begun.headers.get('location') ?? '', admin.url).pathname
      let status = 0
      for (let offset = 0; offset < content.length; offset += 100_000) {
        const piece = await admin.raw(url, {
          method: 'PATCH',
          headers: { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
          body: content.subarray(offset, offset + 100_000),
        })
        status = piece.status
      }
      return status
    }
    expect(await upload(`${at}/d/resumed.bin`)).toBe(204)
    expect(await store.get('d/resumed.bin')).toBe(content.toString())
    expect(await admin.ok('stat', { path: `${at}/d/resumed.bin` })).toMatchObject({
      etag: sha(content.toString()),
      size: content.length,
    })
    await mount({ readonly: true })
    expect(await upload(`${at}/refused.bin`)).toBe(403)
    expect(await store.keys()).toEqual([])
  })

  it('refuses changes of a read-only mount, in one sentence', async () => {
    await mount({ readonly: true })
    await store.put('file', 'stays')
    const changes = [
      ['write', { path: `${at}/file`, content: 'x' }],
      ['write', { path: `${at}/new`, content: 'x' }],
      ['append', { path: `${at}/file`, content: 'x' }],
      ['delete', { path: `${at}/file` }],
      ['rename', { old_path: `${at}/file`, new_path: `${at}/other` }],
      ['mkdir', { path: `${at}/directory` }],
      ['rmdir', { path: `${at}/directory`, recursive: true }],
    ] as const
    for (const [method, params] of changes) {
      expect((await admin.call(method, params)).error).toMatchObject({
        code: -32004,
        message: expect.stringMatching(/mounted read-only/) as string,
      })
    }
    expect((await admin.raw(`/api/files${at}/new`, { method: 'PUT', body: 'x' })).status).toBe(403)
    expect(await read(`${at}/file`)).toBe('stays')
    expect(await store.keys()).toEqual(['file'])
  })

  it('lets one of many writers win each version', async () => {
    await mount()
    const path = `${at}/counter`
    await admin.ok('write', { path, content: '0' })
    const round = async (writer: number): Promise<boolean> => {
      const answer = await admin.call('write', { path, content: `by ${writer}`, if_match: sha('0') })
      return answer.error === undefined
    }
    const won = await Promise.all(Array.from({ length: 12 }, (_, writer) => round(writer)))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await store.get('counter')).toBe(`by ${won.indexOf(true)}`)
    await Promise.all(Array.from({ length: 8 }, () => admin.ok('append', { path, content: '+' })))
    expect(await store.get('counter')).toMatch(/^by \d+\+{8}$/)
  })
})
