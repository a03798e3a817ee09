import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const RUNS = 3
/** More than are asked about one by one. */
const FILES = 120
/** Names on both sides of '/', by the bytes of paths. */
const NAMES = ['a', 'a-b', 'b', 'b.c']

const directory = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const tree = fc.array(directory, { minLength: FILES, maxLength: FILES })
const grant = fc.record({
  place: fc.oneof(
    { weight: 2, arbitrary: directory },
    { weight: 3, arbitrary: fc.nat({ max: FILES - 1 }) },
    { weight: 1, arbitrary: fc.constant('nowhere/yet') },
  ),
  subject: fc.constantFrom(['user', 'ann'], ['group', 'eng', 'member'], ['agent', 'ann,bare'], ['user', '*']),
  relation: fc.constantFrom('direct_viewer', 'direct_editor'),
})
/** Few, so that most of the tree cannot be seen. */
const grants = fc.array(grant, { maxLength: 4 })

/** By their keys, with the subjects as whom they may ask. */
const CALLERS = {
  ann: ['user', 'ann'],
  max: ['user', 'max'],
  heir: ['agent', 'ann,heir'],
  bare: ['agent', 'ann,bare'],
  sam: ['user', 'sam'],
} as const

/** A rule of a tenant's own, by which what lies below a directory may be read where the directory may not. */
const CLOSED = {
  relations: {
    parent: {},
    direct_viewer: {},
    direct_editor: {},
    direct_owner: {},
    blocked: {},
    unblocked: { exclusion: 'blocked' },
    parent_viewer: { tupleToUserset: { tupleset: 'parent', computedUserset: 'viewer' } },
    viewer: { union: ['direct_viewer', 'direct_editor', 'direct_owner', 'parent_viewer'] },
  },
  permissions: {
    read: { intersection: ['viewer', 'unblocked'] },
    write: ['direct_editor', 'direct_owner'],
    execute: ['direct_owner'],
  },
}

describe.each(ENGINES)('what lists leave out on %s', (engine) => {
  let system: TestSystem
  let tenants = 0

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
  })
  afterAll(() => system.close())

  /** A new tenant's administrator and callers. */
  async function tenant() {
    const name = `t${++tenants}`
    const admin = await system.as('root', { tenant: name, isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'max'], relation: 'member', object: ['group', 'eng'] })
    await system.makeAgent('ann,heir', { inherits: true, tenant: name })
    await system.makeAgent('ann,bare', { tenant: name })
    const clients = await Promise.all(
      Object.entries(CALLERS).map(async ([caller, [subjectType, subjectId]]) => {
        const user = subjectId.split(',')[0] ?? ''
        return [caller, await system.as(user, { tenant: name, subjectType, subjectId })] as const
      }),
    )
    return { name, admin, clients: new Map<string, GatewayClient>(clients) }
  }

  /** Every list that there is of a directory must be what asking about each path says. */
  async function compare(admin: GatewayClient, client: GatewayClient, subject: readonly string[], home: string) {
    const { files: shown } = await admin.ok<{ files: string[] }>('list', { path: home })
    const nodes = new Set(shown.flatMap((path) => [path, ...above(path, home)]))
    const paths = [...nodes].sort(byBytes)
    const checks = paths.map((path) => [subject, 'read', ['file', path]])
    const answers = await admin.ok<boolean[]>('rebac_check_batch', { checks })
    const readable = paths.filter((_, index) => answers[index])
    const seen = new Set(readable.flatMap((path) => [path, ...above(path, home)]))
    const deep = shown.filter((path) => seen.has(path))

    expect((await client.ok<{ files: string[] }>('list', { path: home })).files).toEqual(deep)
    expect((await client.ok<{ files: string[] }>('list', { path: '/' })).files.filter(isIn(home))).toEqual(deep)
    expect((await client.ok<{ matches: string[] }>('glob', { path: home, pattern: '**' })).matches).toEqual(deep)
    const children = paths.filter((path) => seen.has(path) && !path.slice(home.length + 1).includes('/'))
    expect((await client.ok<{ files: string[] }>('list', { path: home, recursive: false })).files).toEqual(children)
    expect(await pages(client, { path: home, recursive: true, limit: 7 })).toEqual(deep)
    expect(await pages(client, { path: home, recursive: false, limit: 1 })).toEqual(children)
    const exists = await client.ok<Record<string, boolean>>('exists_batch', { paths })
    expect(paths.filter((path) => exists[path])).toEqual(paths.filter((path) => seen.has(path)))
    expect(await client.ok('exists', { path: home })).toEqual({ exists: seen.size > 0 })
    return deep.length
  }

  it('is what may not be read, for everybody', { timeout: 120_000 }, async () => {
    let found = 0
    const property = fc.asyncProperty(tree, grants, async (directories, given) => {
      const { name, admin, clients } = await tenant()
      const home = `/tenant:${name}/home`
      const files = directories.map((at, index) => `${home}/${at}/${index}.txt`)
      await admin.ok('write_batch', { files: files.map((path) => [path, '']) })
      for (const { place, subject, relation } of given) {
        const path = typeof place === 'number' ? files[place] : `${home}/${place}`
        await admin.ok('rebac_create', { subject, relation, object: ['file', path] })
      }
      for (const [caller, client] of clients) {
        found += await compare(admin, client, CALLERS[caller as keyof typeof CALLERS], home)
      }
    })
    await fc.assert(property, { seed: 7, numRuns: RUNS })
    expect(found).toBeGreaterThan(0)
  })

  it('is what may not be read where rules of the tenant deny above what they grant below', async () => {
    const { name, admin, clients } = await tenant()
    await admin.ok('namespace_create', { object_type: 'file', config: CLOSED })
    const home = `/tenant:${name}/home`
    const files = Array.from({ length: FILES }, (_, index) => `${home}/${NAMES[index % 3]}/${index}.txt`)
    await admin.ok('write_batch', { files: files.map((path) => [path, '']) })
    const give = (relation: string, path: string) =>
      admin.ok('rebac_create', { subject: ['user', 'ann'], relation, object: ['file', path] })
    await give('direct_viewer', `${home}/a`)
    await give('blocked', `${home}/a`)
    await give('blocked', files[3] ?? '')
    await give('direct_viewer', files[4] ?? '')
    const ann = clients.get('ann')
    if (ann === undefined) throw new Error('nobody')
    expect(await compare(admin, ann, CALLERS.ann, home)).toBeGreaterThan(FILES / 4)
  })

  it('is nothing of what another tenant shares, however it is listed', async () => {
    const { name, admin } = await tenant()
    const home = `/tenant:${name}/home`
    const files = Array.from({ length: FILES }, (_, index) => `${home}/${NAMES[index % 4]}/${index}.txt`)
    await admin.ok('write_batch', { files: files.map((path) => [path, '']) })
    const guest = await system.as('gus', { tenant: 'abroad' })
    const shared = [`${home}/a`, files[1], files[2], `${home}/nowhere`]
    for (const path of shared) {
      await admin.ok('share_with_user', { resource: ['file', path], user_id: 'gus', user_tenant_id: 'abroad' })
    }
    await admin.ok('make_public', { resource: ['file', files[3]] })
    const named = files.filter((path) => path.startsWith(`${home}/a/`) || shared.includes(path)).sort(byBytes)
    const whole = async (params: object) => (await guest.ok<{ files: string[] }>('list', params)).files
    expect(await whole({ path: '/' })).toEqual(named)
    for (const limit of [1, 4, 1_000]) expect(await pages(guest, { path: '/', limit })).toEqual(named)
    expect(await whole({ path: '/', recursive: false })).toEqual([`/tenant:${name}`])
    expect(await pages(guest, { path: '/', recursive: false, limit: 1 })).toEqual([`/tenant:${name}`])
    expect(await whole({ path: home })).toEqual([...named, files[3]].sort((a = '', b = '') => byBytes(a, b)))
  })
})

/** All pages of a list, one after the other. */
async function pages(client: GatewayClient, params: object): Promise<readonly string[]> {
  const found: string[] = []
  let more: object = {}
  for (let pageCount = 0; pageCount <= FILES; pageCount++) {
    const page = await client.ok<{ files: string[]; next_cursor: string | null }>('list', { ...params, ...more })
    found.push(...page.files)
    if (page.next_cursor === null) return found
    more = { cursor: page.next_cursor }
  }
  throw new Error(`more pages than there are files: ${found.slice(0, 5).join(', ')}`)
}

/** The directories above a path, up to below another one. */
function above(path: string, top: string): readonly string[] {
  const parts = path.slice(top.length + 1).split('/')
  return parts.slice(1).map((_, index) => `${top}/${parts.slice(0, index + 1).join('/')}`)
}

function isIn(home: string): (path: string) => boolean {
  return (path) => path.startsWith(`${home}/`)
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
