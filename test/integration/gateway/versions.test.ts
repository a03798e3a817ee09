import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const datetime = {
  __type__: 'datetime',
  data: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/) as string,
}

interface Version {
  readonly version: number
  readonly version_id: string
  readonly content_hash: string
  readonly parent_version_id: string | null
}

describe.each(ENGINES)('the versions of files on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let bob: GatewayClient
  const home = '/tenant:acme/user:alice'
  const path = `${home}/text`
  const closed = '/tenant:acme/closed'

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_KEPT_VERSIONS: '5' } })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    await admin.ok('write', { path: closed, content: 'secret' })
    alice = await system.as('alice')
    bob = await system.as('bob')
    for (const content of ['one\ntwo\nthree\n', 'one\n2\nthree\n', 'one\n2\nthree\n'])
      await alice.ok('write', { path, content })
    await alice.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', path] })
  })
  afterAll(() => system.close())

  it('list_versions has each write, the newest first', async () => {
    const versions = await alice.ok<Version[]>('list_versions', { path })
    expect(versions.map(({ version }) => version)).toEqual([3, 2, 1])
    expect(versions[1]).toEqual({
      version: 2,
      version_id: versions[0]?.parent_version_id,
      content_hash: sha256('one\n2\nthree\n'),
      size: 12,
      mime_type: null,
      created_at: datetime,
      created_by: 'user:alice',
      change_reason: null,
      source_type: 'original',
      parent_version_id: versions[2]?.version_id,
    })
    expect(versions[2]?.parent_version_id).toBeNull()
    expect(await bob.ok('list_versions', { path })).toEqual(versions)
  })

  it('get_version gives the old content', async () => {
    expect(await bob.ok('get_version', { path, version: 1 })).toEqual(bytes('one\ntwo\nthree\n'))
    expect(await bob.code('get_version', { path, version: 4 })).toBe(-32000)
    for (const version of [0, 1.5, '1', null]) expect(await bob.code('get_version', { path, version })).toBe(-32602)
  })

  it('diff_versions compares', async () => {
    const [one, two] = [sha256('one\ntwo\nthree\n'), sha256('one\n2\nthree\n')]
    expect(await bob.ok('diff_versions', { path, v1: 1, v2: 2 })).toEqual({
      path,
      v1: 1,
      v2: 2,
      content_hash_v1: one,
      content_hash_v2: two,
      content_changed: true,
      size_v1: 14,
      size_v2: 12,
      size_delta: -2,
      created_at_v1: datetime,
      created_at_v2: datetime,
      mime_type_v1: null,
      mime_type_v2: null,
    })
    const content = (v1: number, v2: number) => bob.ok<string>('diff_versions', { path, v1, v2, mode: 'content' })
    expect((await content(1, 2)).split('\n')).toEqual([
      `--- ${path} (version 1)`,
      `+++ ${path} (version 2)`,
      '@@ -1,3 +1,3 @@',
      ' one',
      '-two',
      '+2',
      ' three',
      '',
    ])
    expect(await content(2, 3)).toBe('(no content changes)')
    expect(await bob.code('diff_versions', { path, v1: 1, v2: 9 })).toBe(-32000)
    expect(await bob.code('diff_versions', { path, v1: 1, v2: 2, mode: 'lines' })).toBe(-32602)
  })

  it('rollback makes a new version with the old content', async () => {
    const file = `${home}/rolled`
    for (const content of ['1', '2']) await alice.ok('write', { path: file, content })
    expect(await alice.ok('rollback', { path: file, version: 1 })).toBeNull()
    expect(await alice.ok('read', { path: file })).toEqual(bytes('1'))
    const [version] = await alice.ok<Version[]>('list_versions', { path: file })
    expect(version).toMatchObject({ version: 3, source_type: 'rollback', change_reason: 'Rollback to version 1' })
    expect(await alice.code('rollback', { path: file, version: 7 })).toBe(-32000)
    expect(await alice.code('rollback', { path: `${home}/none`, version: 1 })).toBe(-32000)
    expect(await alice.code('rollback', { path: home, version: 1 })).toBe(-32002)
  })

  it('a skill that is rolled back is listed as it was', async () => {
    const skill = (name: string) => `---\nname: ${name}\ndescription: about ${name}\n---\n`
    const file = `${home}/skill/tool/SKILL.md`
    await alice.ok('write', { path: file, content: skill('tool') })
    await alice.ok('write', { path: file, content: skill('other') })
    await alice.ok('rollback', { path: file, version: 1 })
    const { skills } = await alice.ok<{ skills: string[] }>('skills_list', { include_metadata: false })
    expect(skills).toEqual(['tool'])
  })

  it('versions follow a file, and not its name', async () => {
    const [from, to] = [`${home}/before`, `${home}/after`]
    for (const content of ['1', '2']) await alice.ok('write', { path: from, content })
    await alice.ok('rename', { old_path: from, new_path: to })
    await alice.ok('write', { path: from, content: 'new' })
    expect(await alice.ok('get_version', { path: to, version: 1 })).toEqual(bytes('1'))
    expect(await alice.ok<Version[]>('list_versions', { path: from })).toHaveLength(1)
    await alice.ok('delete', { path: to })
    await alice.ok('write', { path: to, content: 'new' })
    expect(await alice.ok<Version[]>('list_versions', { path: to })).toHaveLength(1)
  })

  it('keeps as many versions as it is told', async () => {
    const file = `${home}/often`
    for (let index = 1; index <= 8; index++) await alice.ok('write', { path: file, content: `content ${index}` })
    const versions = await alice.ok<Version[]>('list_versions', { path: file })
    expect(versions.map(({ version }) => version)).toEqual([8, 7, 6, 5, 4])
    expect(await alice.code('get_version', { path: file, version: 3 })).toBe(-32000)
    expect(await alice.code('rollback', { path: file, version: 3 })).toBe(-32000)
    expect(await alice.ok('get_version', { path: file, version: 4 })).toEqual(bytes('content 4'))
  })

  it('needs read, and write for a rollback, before existence', async () => {
    const calls = [
      ['list_versions', {}],
      ['get_version', { version: 1 }],
      ['get_version', { version: 99 }],
      ['diff_versions', { v1: 1, v2: 1 }],
      ['rollback', { version: 1 }],
    ] as const
    for (const [method, more] of calls) {
      for (const target of [closed, `${closed}-none`])
        expect(await alice.code(method, { path: target, ...more }), method).toBe(-32004)
      expect(await alice.code(method, { path: '/', ...more }), method).toBe(-32002)
    }
    expect(await bob.code('rollback', { path, version: 1 })).toBe(-32004)
    expect(await alice.code('list_versions', { path: `${home}/none` })).toBe(-32000)
    expect(await alice.code('list_versions', { path: home })).toBe(-32002)
  })
})
