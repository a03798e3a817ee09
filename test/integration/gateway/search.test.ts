import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

describe.each(ENGINES)('looking for files on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  const home = '/tenant:acme/user:alice'
  const under = (...names: readonly string[]) => names.map((name) => `${home}/${name}`)
  const glob = async (client: GatewayClient, pattern: string, path?: string) =>
    (await client.ok<{ matches: string[] }>('glob', { pattern, ...(path === undefined ? {} : { path }) })).matches

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    await admin.ok('write', { path: '/tenant:acme/closed/secret.md', content: 'secret' })
    alice = await system.as('alice')
    for (const name of ['a.md', 'b.txt', '.hidden.md', 'src/x.ts', 'src/lib/y.ts', 'docs/src/z.ts', 'docs/ä.md'])
      await alice.ok('write', { path: `${home}/${name}`, content: name })
    await alice.ok('mkdir', { path: `${home}/made.md` })
    const chief = await system.as('chief', { isAdmin: true, isGlobalAdmin: true })
    await chief.ok('write', { path: '/skill/tool/SKILL.md', content: 'tool' })
  })
  afterAll(() => system.close())

  it('glob finds files and directories that somebody made, sorted', async () => {
    expect(await glob(alice, '*.md', home)).toEqual(under('.hidden.md', 'a.md', 'made.md'))
    expect(await glob(alice, '**/*.ts', home)).toEqual(under('docs/src/z.ts', 'src/lib/y.ts', 'src/x.ts'))
    expect(await glob(alice, '*', home)).toEqual(under('.hidden.md', 'a.md', 'b.txt', 'made.md'))
    expect(await glob(alice, 'src/*.ts', home)).toEqual(under('docs/src/z.ts', 'src/x.ts'))
    expect(await glob(alice, 'src/**', home)).toEqual(under('src/lib/y.ts', 'src/x.ts'))
    expect(await glob(alice, '[ab].*', home)).toEqual(under('a.md', 'b.txt'))
    expect(await glob(alice, 'docs/?.md', `${home}/`)).toEqual(under('docs/ä.md'))
    expect(await glob(alice, 'docs/a\u0308.md', home)).toEqual(under('docs/ä.md'))
    expect(await glob(alice, './*.txt', home)).toEqual(under('b.txt'))
    expect(await glob(alice, 'none/**', home)).toEqual([])
    expect(await glob(alice, '*', `${home}/none`)).toEqual([])
  })

  it('a pattern may be written from the root', async () => {
    expect(await glob(alice, `${home}/src/*.ts`)).toEqual(under('src/x.ts'))
    expect(await glob(alice, `${home}/src/*.ts`, home)).toEqual(under('src/x.ts'))
    expect(await glob(alice, `${home}/src/x.ts`, '/')).toEqual(under('src/x.ts'))
    expect(await glob(alice, '**/SKILL.md')).toEqual(['/skill/tool/SKILL.md'])
    expect(await glob(alice, '/skill/*/SKILL.md')).toEqual(['/skill/tool/SKILL.md'])
  })

  it('glob finds what may be read, and all of it', async () => {
    const bob = await system.as('bob')
    for (const pattern of ['**', '**/*.md', '/tenant:acme/closed/*', '/tenant:acme/closed/secret.md'])
      expect((await glob(bob, pattern)).filter((path) => !path.startsWith('/skill'))).toEqual([])
    const object = ['file', `${home}/src/lib`]
    await alice.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object })
    expect(await glob(bob, '**/*.ts')).toEqual(under('src/lib/y.ts'))
    expect(await glob(bob, `${home}/*/*/*.ts`)).toEqual(under('src/lib/y.ts'))
    expect(await glob(bob, '*', `${home}/src/lib`)).toEqual(under('src/lib/y.ts'))
    expect(await glob(await system.as('eve', { tenant: 'other' }), `${home}/**`)).toEqual([])
  })

  it('glob_batch answers each pattern as glob does', async () => {
    const patterns = ['*.md', '**/*.ts', 'src/*.ts', `${home}/a.md`, 'none', '__proto__']
    const found = await alice.ok<Record<string, string[]>>('glob_batch', { patterns, path: home })
    expect(Object.keys(found)).toEqual(patterns)
    for (const pattern of patterns) expect(found[pattern], pattern).toEqual(await glob(alice, pattern, home))
    expect(await alice.ok('glob_batch', { patterns: [] })).toEqual({})
  })

  it('refuses what is no pattern, and is not held up by a hostile one', async () => {
    for (const pattern of ['', '/', ' ', '../*', 'x'.repeat(1_025), 7])
      expect(await alice.code('glob', { pattern, path: home }), String(pattern)).toBe(-32602)
    expect(await alice.code('glob', { pattern: '*', path: `${home}/..` })).toBe(-32002)
    expect(await alice.code('glob', { pattern: '*', paht: home })).toBe(-32602)
    expect(await alice.code('glob_batch', { patterns: Array.from({ length: 101 }, () => '*') })).toBe(-32602)
    await alice.ok('write', { path: `${home}/${'a'.repeat(200)}`, content: '' })
    expect(await glob(alice, `${'*a'.repeat(500)}b`, home)).toEqual([])
  })
})
