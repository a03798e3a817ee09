import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { HOME, skillMd } from './support/skill-texts.ts'

describe.each(ENGINES)('the history of a skill on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    await admin.ok('rebac_create', {
      subject: ['user', 'alice'],
      relation: 'direct_owner',
      object: ['file', '/tenant:acme/user:alice'],
    })
  })
  afterAll(() => system.close())

  const write = (name: string, file = 'SKILL.md') =>
    alice.ok('write', { path: `${HOME}/${name}/${file}`, content: file === 'SKILL.md' ? skillMd(name) : file })
  const rename = (old_path: string, new_path: string) => alice.ok('rename', { old_path, new_path })
  const history = async (skill_name: string, limit?: number) =>
    (
      await alice.ok<{ entries: { action: string; path: string }[] }>('skills_audit', { skill_name, limit })
    ).entries.map(({ action, path }) => `${action} ${path.replace(`${HOME}/`, '')}`)

  it('goes on before a rename of the skill, and of a directory above it; limits are exact', async () => {
    await write('one')
    await write('one', 'a.txt')
    await rename(`${HOME}/one`, `${HOME}/two`)
    await write('two')
    await rename(`${HOME}/two`, '/tenant:acme/user:alice/aside')
    await alice.ok('write', { path: '/tenant:acme/user:alice/aside/b.txt', content: 'b' })
    await rename('/tenant:acme/user:alice/aside', `${HOME}/two`)
    await rename(HOME, '/tenant:acme/user:alice/other')
    await alice.ok('write', { path: '/tenant:acme/user:alice/other/two/c.txt', content: 'c' })
    await rename('/tenant:acme/user:alice/other', HOME)
    await write('two', 'd.txt')

    const aside = '/tenant:acme/user:alice/aside'
    const all = [
      'write two/d.txt',
      'write /tenant:acme/user:alice/other/two/c.txt',
      `rename ${aside}`,
      `write ${aside}/b.txt`,
      'rename two',
      'write two/SKILL.md',
      'rename one',
      'write one/a.txt',
      'write one/SKILL.md',
    ]
    expect(await history('two')).toEqual(all)
    for (const limit of [1, 2, 3, 6, 7, 9]) expect(await history('two', limit)).toEqual(all.slice(0, limit))
  })

  it('is not that of another skill that stood at one of its paths before, meanwhile or since', async () => {
    await write('first')
    await write('first', 'old.txt')
    await alice.ok('rmdir', { path: `${HOME}/first`, recursive: true })
    await write('first')
    expect(await history('first')).toEqual(['write first/SKILL.md'])

    await rename(`${HOME}/first`, `${HOME}/second`)
    await write('first')
    await write('first', 'new.txt')
    await write('second')
    expect(await history('second')).toEqual(['write second/SKILL.md', 'rename first', 'write first/SKILL.md'])
    expect(await history('first')).toEqual(['write first/new.txt', 'write first/SKILL.md'])

    await rename(`${HOME}/second`, `${HOME}/third`)
    await rename(`${HOME}/first`, `${HOME}/second`)
    await write('second')
    expect(await history('second')).toEqual([
      'write second/SKILL.md',
      'rename first',
      'write first/new.txt',
      'write first/SKILL.md',
    ])
    await write('third')
    expect(await history('third')).toEqual([
      'write third/SKILL.md',
      'rename second',
      'write second/SKILL.md',
      'rename first',
      'write first/SKILL.md',
    ])
  })
})
