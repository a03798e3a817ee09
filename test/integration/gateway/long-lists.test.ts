import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comparePaths } from '../../../gateway/files/paths.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

/** So many that a list of them is a large answer, and asks about them in more than one piece. */
const IN_ONE = 4_600
const BATCH = 900
/** A busy machine takes minutes to write them. */
const SETUP_MS = 600_000
/** On both sides of '/', and one above the basic plane. */
const DIRECTORIES = ['a', 'a-b', 'a/a', 'a0', '\uffee', '\u{1f600}/x']

describe.each(ENGINES)('lists of many files on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let reader: GatewayClient
  let visitor: GatewayClient
  const home = '/tenant:acme/many'
  const big = `${home}/b`
  const names = Array.from({ length: IN_ONE }, (_, index) => `${big}/${index % 2 === 0 ? 'even' : 'odd'}-${index}.txt`)
  const others = DIRECTORIES.flatMap((directory) => ['x', 'x-y'].map((name) => `${home}/${directory}/${name}`))
  const files = [...names, ...others].sort(comparePaths)

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_REQUEST_TIMEOUT_MS: '60000' } })
    admin = await system.as('root', { isAdmin: true })
    reader = await system.as('reader')
    visitor = await system.as('visitor')
    for (let from = 0; from < files.length; from += BATCH) {
      await admin.ok('write_batch', { files: files.slice(from, from + BATCH).map((path) => [path, '']) })
    }
    const grants = [
      ['reader', home],
      ['visitor', big],
      ['visitor', `${home}/a/x`],
    ] as const
    for (const [user, path] of grants) {
      await admin.ok('rebac_create', { subject: ['user', user], relation: 'direct_viewer', object: ['file', path] })
    }
  }, SETUP_MS)
  afterAll(() => system.close())

  const list = (client: GatewayClient, path: string, params: object = {}) =>
    client.ok<{ files: unknown[] }>('list', { path, ...params })

  it('have all that is there, in order', async () => {
    expect(await list(admin, home)).toEqual({ files })
    expect(await list(reader, home)).toEqual({ files })
    expect((await list(reader, '/')).files.filter((path) => String(path).startsWith(home))).toEqual(files)
    const sorted = names.toSorted(comparePaths)
    expect(await list(admin, big, { recursive: false })).toEqual({ files: sorted })
    expect(await list(visitor, big, { recursive: false })).toEqual({ files: sorted })
    expect(await list(admin, '/', { prefix: `${big}/even-` })).toEqual({
      files: sorted.filter((path) => path.startsWith(`${big}/even-`)),
    })
  })

  it('have what may be read there', async () => {
    const seen = files.filter((path) => path.startsWith(`${big}/`) || path === `${home}/a/x`)
    expect(await list(visitor, home)).toEqual({ files: seen })
  })

  it('with details are the same as their pages', async () => {
    const whole = await list(reader, home, { details: true })
    expect(whole.files).toHaveLength(files.length)
    const page = await list(reader, home, { details: true, limit: files.length })
    expect(page).toEqual({ ...whole, next_cursor: null, has_more: false })
  })

  it('are found in by patterns', async () => {
    const odd = files.filter((path) => path.startsWith(`${big}/odd`))
    expect(await reader.ok('glob', { pattern: '**/odd-*', path: home })).toEqual({ matches: odd })
    const patterns = ['**/odd-*', '**/*', 'none']
    const found = { '**/odd-*': odd, '**/*': files, none: [] }
    expect(await admin.ok('glob_batch', { patterns, path: home })).toEqual(found)
  })

  it('are the same whether packed or not, and say how long they are', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, params: { path: home, details: true } })
    const ask = async (encoding: string) => {
      const headers = { 'content-type': 'application/json', 'accept-encoding': encoding }
      const answer = await admin.raw('/api/nfs/list', { method: 'POST', body, headers })
      return { headers: answer.headers, text: await answer.text() }
    }
    const [plain, packed] = [await ask('identity'), await ask('gzip')]
    expect(plain.headers.get('content-length')).toBe(`${Buffer.byteLength(plain.text)}`)
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.text).toBe(plain.text)
  })

  it('leave no place taken by callers who went away', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, params: { path: home, details: true } })
    const headers = { ...admin.headers, 'content-type': 'application/json' }
    const leave = async (wait: number) => {
      const gone = new AbortController()
      const call = fetch(`${admin.url}/api/nfs/list`, { method: 'POST', body, headers, signal: gone.signal })
      setTimeout(() => gone.abort(), wait)
      await call.then((answer) => answer.text()).catch(() => undefined)
    }
    // At all stages: while it is read, while it is written, while it is sent.
    await Promise.all(Array.from({ length: 24 }, (_, index) => leave(index * 20)))
    const lists = await Promise.all([1, 2, 3, 4, 5, 6].map(() => list(admin, home)))
    for (const one of lists) expect(one.files).toHaveLength(files.length)
  })
})
