import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

interface Skill {
  readonly name: string
  readonly tier: string
  readonly file_path: string
}

const skillMd = (name: string, more = '') =>
  `---\nname: ${name}\ndescription: What ${name} does\n${more}---\n# ${name}\n`

describe.each(ENGINES)('skills on %s', (engine) => {
  let system: TestSystem
  let chief: GatewayClient
  let alice: GatewayClient
  const home = '/tenant:acme/user:alice/skill'
  const list = (client: GatewayClient, params: object = {}) =>
    client.ok<{ skills: Skill[]; count: number; invalid?: object[] }>('skills_list', params)
  const names = async (client: GatewayClient, params: object = {}) =>
    (await list(client, params)).skills.map(({ name }) => name)

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    chief = await system.as('chief', { isAdmin: true, isGlobalAdmin: true })
    alice = await system.as('alice')
    await chief.ok('rebac_create', {
      subject: ['user', 'alice'],
      relation: 'direct_owner',
      object: ['file', '/tenant:acme/user:alice'],
    })
  })
  afterAll(() => system.close())

  it('are listed from the moment they are written until they are deleted', async () => {
    await alice.ok('write', {
      path: `${home}/zip/SKILL.md`,
      content: skillMd('zip', 'version: 1.10\nrequires: [pdf]\ncreated_at: 2026-01-31\n'),
    })
    await alice.ok('write', { path: `${home}/pdf/SKILL.md`, content: skillMd('pdf', 'metadata:\n  author: al\n') })
    expect(await alice.ok('skills_list')).toEqual({
      skills: [
        {
          name: 'pdf',
          description: 'What pdf does',
          version: null,
          author: 'al',
          tier: 'personal',
          file_path: `${home}/pdf/SKILL.md`,
          requires: [],
        },
        {
          name: 'zip',
          description: 'What zip does',
          version: '1.10',
          author: null,
          tier: 'personal',
          file_path: `${home}/zip/SKILL.md`,
          requires: ['pdf'],
          created_at: '2026-01-31',
        },
      ],
      count: 2,
    })
    expect(await alice.ok('skills_list', { include_metadata: false })).toEqual({ skills: ['pdf', 'zip'], count: 2 })
    expect(await alice.ok('skills_info', { skill_name: 'zip' })).toMatchObject({
      name: 'zip',
      resolved_dependencies: ['pdf'],
    })
    expect(await alice.ok('skills_info', { skill_name: 'pdf' })).not.toHaveProperty('resolved_dependencies')
    await alice.ok('rmdir', { path: `${home}/pdf/`, recursive: true })
    expect(await names(alice)).toEqual(['zip'])
    expect((await alice.call('skills_info', { skill_name: 'pdf' })).error).toMatchObject({
      code: -32005,
      message: 'Skill not found: pdf',
    })
    expect((await alice.call('skills_info', { skill_name: 'zip' })).error).toMatchObject({ code: -32005 })
    await alice.ok('write', { path: `${home}/zip/SKILL.md`, content: skillMd('zip', 'version: 2\n') })
    expect(await alice.ok('skills_info', { skill_name: 'zip' })).toMatchObject({ version: '2', requires: [] })
  })

  it('come from three tiers, the nearest wins', async () => {
    await chief.ok('write', { path: '/skill/zip/SKILL.md', content: skillMd('zip') })
    await chief.ok('write', { path: '/skill/base/SKILL.md', content: skillMd('base') })
    await chief.ok('write', { path: '/tenant:acme/skill/company/SKILL.md', content: skillMd('company') })
    await chief.ok('write', { path: '/tenant:acme/skill/base/SKILL.md', content: skillMd('base') })
    await chief.ok('rebac_create', {
      subject: ['user', 'alice'],
      relation: 'direct_viewer',
      object: ['file', '/tenant:acme/skill'],
    })
    const { skills } = await list(alice)
    expect(skills.map(({ name, tier }) => [name, tier])).toEqual([
      ['zip', 'personal'],
      ['base', 'tenant'],
      ['company', 'tenant'],
    ])
    expect(await names(alice, { tier: 'system' })).toEqual(['base', 'zip'])
    expect(await names(alice, { tier: 'user' })).toEqual(['zip'])
    expect(await names(alice, { tier: 'agent' })).toEqual(['zip'])
    expect((await alice.call('skills_list', { tier: 'mine' })).error).toMatchObject({
      code: -32005,
      message: expect.stringMatching(/^Invalid tier 'mine'.*'personal', 'agent', 'user', 'tenant', 'system'/) as string,
    })
    const foreigner = await system.as('alice', { tenant: 'other' })
    expect((await list(foreigner)).skills.map(({ name, tier }) => [name, tier])).toEqual([
      ['base', 'system'],
      ['zip', 'system'],
    ])
  })

  it('of others show when they are shared, and only then, for administrators too', async () => {
    const bob = await system.as('bob')
    await alice.ok('write', { path: `${home}/mine/SKILL.md`, content: skillMd('mine') })
    expect(await names(bob, { tier: 'personal' })).toEqual([])
    expect(await names(chief, { tier: 'personal' })).toEqual([])
    expect(await bob.code('skills_info', { skill_name: 'mine' })).toBe(-32005)
    const id = await alice.ok('rebac_create', {
      subject: ['user', 'bob'],
      relation: 'direct_viewer',
      object: ['file', `${home}/mine/`],
    })
    expect(await names(bob, { tier: 'personal' })).toEqual(['mine'])
    await alice.ok('rebac_delete', { tuple_id: id })
    expect(await names(bob, { tier: 'personal' })).toEqual([])
  })

  it('that cannot be used are listed as such, not silently missing', async () => {
    await alice.ok('write', { path: `${home}/broken/SKILL.md`, content: '---\nname: [x\n---\n' })
    await alice.ok('write', { path: `${home}/nameless/SKILL.md`, content: '# nothing' })
    await alice.ok('write', {
      path: `${home}/odd/SKILL.md`,
      content: '---\nname: Odd_Name\ndescription: Use it: always\n---\n',
    })
    const { skills, invalid } = await list(alice, { tier: 'personal' })
    expect(invalid).toMatchObject([
      {
        name: 'broken',
        file_path: `${home}/broken/SKILL.md`,
        error: expect.stringMatching(/line \d+, column \d+/) as string,
      },
      { name: 'nameless', error: expect.stringContaining('must begin') as string },
    ])
    expect(skills.find(({ name }) => name === 'Odd_Name')).toMatchObject({
      description: 'Use it: always',
      warnings: expect.any(Array) as string[],
    })
    expect((await alice.call('skills_info', { skill_name: 'broken' })).error?.message).toMatch(/cannot be used/)
    await alice.ok('write', { path: `${home}/broken/SKILL.md`, content: skillMd('broken') })
    expect(await names(alice, { tier: 'personal' })).toContain('broken')
  })

  it('are found in their places only', async () => {
    await alice.ok('write', { path: `${home}/zip/examples/SKILL.md`, content: skillMd('example') })
    await alice.ok('write', { path: '/tenant:acme/user:alice/workspace/x/SKILL.md', content: skillMd('draft') })
    const all = await names(alice)
    expect(all).not.toContain('example')
    expect(all).not.toContain('draft')
  })

  it('lists are complete while others write', async () => {
    const before = await list(alice)
    const writes = Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        alice.ok('write', { path: `/tenant:acme/user:alice/noise/${index}`, content: 'x' }),
      ),
    )
    const lists = await Promise.all(Array.from({ length: 50 }, () => list(alice)))
    await writes
    for (const one of lists) expect(one).toEqual(before)
  })
})
