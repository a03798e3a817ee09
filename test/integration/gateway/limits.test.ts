import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const MIB = 1_048_576
const settings = {
  NEXUS_MAX_PATH_BYTES: '256',
  NEXUS_MAX_PATH_DEPTH: '8',
  NEXUS_MAX_FILE_MB: '1',
  NEXUS_MAX_BODY_MB: '2',
  NEXUS_MAX_BATCH: '3',
  NEXUS_MAX_LIST_PAGE: '4',
  NEXUS_MAX_GREP_RESULTS: '5',
  NEXUS_MAX_GLOB_PATTERNS: '2',
  NEXUS_MAX_GLOB_RESULTS: '6',
  NEXUS_KEPT_VERSIONS: '2',
  NEXUS_TENANT_MAX_FILES: '12',
  NEXUS_TENANT_MAX_BYTES: String(2 * MIB),
}
const LONG = `/${'x'.repeat(127)}/${'y'.repeat(128)}`
const DEEP = '/1/2/3/4/5/6/7/8/9'

describe.each(ENGINES)('each limit is a setting with an error of its own, on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings })
    admin = await system.as('root', { isAdmin: true })
    for (let n = 0; n < 7; n++) await admin.ok('write', { path: `/d/${n}`, content: 'line\n' })
  })
  afterAll(() => system.close())

  it.each([
    ['write', { path: LONG, content: 'x' }, -32002, 'The path has 257 bytes; at most 256 are allowed.'],
    ['mkdir', { path: LONG, parents: true }, -32002, 'The path has 257 bytes; at most 256 are allowed.'],
    ['rename', { old_path: '/d/0', new_path: LONG }, -32002, 'The path has 257 bytes; at most 256 are allowed.'],
    [
      'rename',
      { old_path: '/d', new_path: LONG.slice(0, -2) },
      -32002,
      "'/d' cannot be renamed: a path below it would have 257 bytes; at most 256 are allowed.",
    ],
    ['write', { path: DEEP, content: 'x' }, -32002, 'The path has 9 components; at most 8 are allowed.'],
    [
      'write',
      { path: '/large', content: 'x'.repeat(MIB + 1) },
      -32013,
      'A file has at most 1048576 bytes; nothing was changed.',
    ],
    ['write', { path: '/large', content: 'x'.repeat(2 * MIB) }, -32013, 'The request body is larger than 2 MiB.'],
    ['exists_batch', { paths: ['/1', '/2', '/3', '/4'] }, -32602, /'paths' must have at most 3 elements$/],
    ['delete_bulk', { paths: ['/1', '/2', '/3', '/4'] }, -32602, /'paths' must have at most 3 elements$/],
    [
      'write_batch',
      { files: [1, 2, 3, 4].map((n) => [`/${n}`, 'x']) },
      -32602,
      /'files' must have at most 3 elements$/,
    ],
    ['list', { path: '/d', limit: 5 }, -32602, /'limit' must be at most 4$/],
    ['grep', { pattern: 'line', path: '/d', max_results: 6 }, -32602, /'max_results' must be at most 5$/],
    ['glob_batch', { patterns: ['a', 'b', 'c'] }, -32602, /'patterns' must have at most 2 elements$/],
    ['glob', { pattern: '*', path: '/d' }, -32602, /the pattern '\*' finds 7 paths; at most 6 are answered/],
    ['glob_batch', { patterns: ['1', '*'], path: '/d' }, -32602, /the pattern '\*' finds 7 paths; at most 6/],
  ])('%s %j', async (method, params, code, message) => {
    const answer = await admin.call(method, params)
    expect(answer.error).toEqual({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
    expect((await admin.ok<{ files: string[] }>('list', { path: '/' })).files).toHaveLength(7)
  })

  it('bodies of very many values are refused, and of many problems twenty are told', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `p${index}`)
    const quoted = names.slice(0, 20).map((name) => `'${name}'`)
    const chunks = Array<string>(10_001).fill('')
    expect((await admin.call('list', { of: Array<number>(200_000).fill(0) })).error).toEqual({
      code: -32013,
      message: 'The request body has more than 200000 JSON values.',
    })
    expect((await admin.call('write_stream', { path: '/chunks', chunks })).error?.message).toMatch(
      /'chunks' must have at most 10000 elements$/,
    )
    const unknown = await admin.call('list', Object.fromEntries(names.map((name) => [name, 0])))
    expect(unknown.error?.message).toMatch(new RegExp(`unknown parameter ${quoted.join(', ')}, and 3 more$`))
  })

  it('what is within the limits is done', async () => {
    await admin.ok('write', { path: LONG.slice(0, -1), content: 'x' })
    await admin.ok('write', { path: DEEP.slice(0, -2), content: 'x' })
    expect(await admin.ok('glob', { pattern: '[0-5]', path: '/d' })).toMatchObject({ matches: { length: 6 } })
    const found = await admin.ok<{ results: object[]; truncated: boolean }>('grep', {
      pattern: 'line',
      path: '/d',
      max_results: 5,
    })
    expect([found.results.length, found.truncated]).toEqual([5, true])
    for (const content of ['2', '3']) await admin.ok('write', { path: '/d/0', content })
    const versions = await admin.ok<{ version: number }[]>('list_versions', { path: '/d/0' })
    expect(versions.map(({ version }) => version)).toEqual([3, 2])
    expect(await admin.code('get_version', { path: '/d/0', version: 1 })).toBe(-32000)
  })

  it('a tenant has its bytes and its files', async () => {
    await admin.ok('write', { path: '/b1', content: 'x'.repeat(MIB) })
    const bytes = await admin.call('write', { path: '/b2', content: 'x'.repeat(MIB) })
    expect([bytes.status, bytes.error?.code, bytes.error?.message]).toEqual([
      507,
      -32012,
      'The tenant may hold 2097152 bytes, the trash included, and this would be more; nothing was changed.',
    ])
    for (const path of ['/f1', '/f2']) await admin.ok('write', { path, content: 'x' })
    const files = await admin.call('write', { path: '/f3', content: 'x' })
    expect([files.status, files.error?.code, files.error?.message]).toEqual([
      507,
      -32012,
      'The tenant may hold 12 files, the trash included, and this would be more; nothing was changed.',
    ])
  })
})
