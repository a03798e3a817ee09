import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Actors, may, type Role } from '../../support/actors.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { DENIED, NOTHING } from './support/matrix-row.ts'
import { EVERYBODY } from './support/role-case.ts'

const DIRECTORY = '/tenant:acme/shared'
const FILE = `${DIRECTORY}/doc.txt`
const MISSING = `${DIRECTORY}/missing.txt`

describe.each(ENGINES)('who may do what on %s', (engine) => {
  let system: TestSystem
  let actors: Actors
  const as = (role: Role): GatewayClient => actors.as(role)

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    actors = await Actors.enter(system, `${DIRECTORY}/`)
    await as('owner').ok('write', { path: FILE, content: 'text' })
  })
  afterAll(() => system.close())

  describe.each(EVERYBODY)('%s', (role) => {
    it('reads', async () => {
      const read = may(role, 'read')
      expect(await as(role).code('read', { path: FILE })).toBe(read ? 0 : DENIED)
      expect(await as(role).code('read', { path: MISSING })).toBe(read ? NOTHING : DENIED)
      expect(await as(role).ok('exists', { path: FILE })).toEqual({ exists: read })
      expect(await as(role).ok('exists', { path: MISSING })).toEqual({ exists: false })
      expect(await as(role).ok('is_directory', { path: DIRECTORY })).toEqual({ is_directory: read })
      const { metadata } = await as(role).ok<{ metadata: { path: string } | null }>('get_metadata', { path: FILE })
      expect(metadata?.path).toBe(read ? FILE : undefined)
      expect(await as(role).ok('get_metadata', { path: MISSING })).toEqual({ metadata: null })
    })

    it('lists', async () => {
      const { files } = await as(role).ok<{ files: string[] }>('list', { path: DIRECTORY })
      expect(files).toEqual(may(role, 'read') ? [FILE] : [])
      const everything = await as(role).ok<{ files: string[] }>('list', { path: '/' })
      expect(everything.files.includes(FILE)).toBe(may(role, 'read'))
    })

    it('writes', async () => {
      const write = may(role, 'write')
      const code = (outcome: number) => (write ? outcome : DENIED)
      expect(await as(role).code('write', { path: FILE, content: 'text' })).toBe(code(0))
      expect(await as(role).code('write', { path: `${DIRECTORY}/${role}`, content: '' })).toBe(code(0))
      expect(await as(role).code('mkdir', { path: `${DIRECTORY}/${role}-dir` })).toBe(code(0))
      expect(await as(role).code('rmdir', { path: `${DIRECTORY}/${role}-dir` })).toBe(code(0))
      expect(await as(role).code('delete', { path: `${DIRECTORY}/${role}` })).toBe(code(0))
      expect(await as(role).code('delete', { path: MISSING })).toBe(code(may(role, 'read') ? NOTHING : DENIED))
    })

    it('renames, copies and appends', async () => {
      const [read, write] = [may(role, 'read'), may(role, 'write')]
      const code = (outcome: number) => (write ? outcome : DENIED)
      const [copy, moved] = [`${DIRECTORY}/${role}-copy`, `${DIRECTORY}/${role}-moved`]
      const known = { [FILE]: read, [MISSING]: false }
      expect(await as(role).ok('exists_batch', { paths: [FILE, MISSING] })).toEqual(known)
      expect(await as(role).code('stat', { path: MISSING })).toBe(read ? NOTHING : DENIED)
      expect(await as(role).code('copy', { src_path: FILE, dst_path: copy })).toBe(code(0))
      expect(await as(role).code('append', { path: copy, content: 'more' })).toBe(code(0))
      expect(await as(role).code('rename', { old_path: copy, new_path: moved })).toBe(code(0))
      expect(await as(role).code('rename', { old_path: MISSING, new_path: moved })).toBe(code(NOTHING))
      expect(await as(role).code('delete', { path: moved })).toBe(code(0))
    })

    it('grants and takes back', async () => {
      const params = { subject: ['user', `guest-of-${role}`], relation: 'direct_viewer', object: ['file', FILE] }
      const answer = await as(role).call('rebac_create', params)
      expect(answer.error?.code ?? 0).toBe(may(role, 'own') ? 0 : DENIED)
      const id = may(role, 'own') ? answer.result : await as('owner').ok('rebac_create', params)
      expect(await as(role).ok('rebac_delete', { tuple_id: id })).toBe(may(role, 'own'))
      const left = await as('admin').ok<unknown[]>('rebac_list_tuples', { subject: params.subject })
      expect(left).toHaveLength(may(role, 'own') ? 0 : 1)
      if (left.length > 0) await as('owner').ok('rebac_delete', { tuple_id: id })
    })

    it('sees who has what', async () => {
      const tuples = await as(role).ok<{ subject_id: string }[]>('rebac_list_tuples', { object: ['file', DIRECTORY] })
      const everybody = ['ed', 'eng', 'olga', 'olga,reader', 'vera']
      const oneself: Partial<Record<Role, string>> = { editor: 'ed', viewer: 'vera', grantedAgent: 'olga,reader' }
      const own = oneself[role] === undefined ? [] : [oneself[role]]
      expect(tuples.map((tuple) => tuple.subject_id).sort()).toEqual(may(role, 'own') ? everybody : own)
    })

    it('asks about somebody else only as owner', async () => {
      const params = { subject: ['user', 'vera'], permission: 'read', object: ['file', FILE] }
      const answer = await as(role).call('rebac_check', params)
      const answered = may(role, 'own') || role === 'viewer'
      expect([answer.result, answer.error?.code]).toEqual(answered ? [true, undefined] : [undefined, DENIED])
    })
  })

  it('an anonymous caller may nothing', async () => {
    for (const method of ['read', 'exists', 'list', 'write', 'rebac_list_tuples', 'skills_list']) {
      expect((await system.client(null).call(method, { path: FILE })).status).toBe(401)
    }
  })

  it('a denial is the same whether or not something is there', async () => {
    const text = async (path: string) =>
      (await as('stranger').call('read', { path })).error?.message.replace(path, 'PATH')
    expect(await text(FILE)).toBe(await text(MISSING))
  })

  it('the reader of one file does not read its siblings', async () => {
    await as('owner').ok('write', { path: `${DIRECTORY}/sibling.txt`, content: 'secret' })
    await as('owner').ok('rebac_create', {
      subject: ['user', 'solo'],
      relation: 'direct_viewer',
      object: ['file', FILE],
    })
    const solo = await system.as('solo')
    expect(await solo.code('read', { path: FILE })).toBe(0)
    expect(await solo.code('read', { path: `${DIRECTORY}/sibling.txt` })).toBe(DENIED)
    expect(await solo.ok('list', { path: '/' })).toEqual({ files: [FILE] })
  })

  it('what was deleted leaves no rights behind', async () => {
    const path = `${DIRECTORY}/short-lived.txt`
    await as('owner').ok('write', { path, content: '1' })
    await as('owner').ok('rebac_create', {
      subject: ['user', 'sam'],
      relation: 'direct_viewer',
      object: ['file', path],
    })
    expect(await as('stranger').code('read', { path })).toBe(0)
    await as('owner').ok('delete', { path })
    await as('owner').ok('write', { path, content: '2' })
    expect(await as('stranger').code('read', { path })).toBe(DENIED)
  })

  it('a revoked grant is gone with the answer', async () => {
    for (let round = 0; round < 5; round++) {
      const params = { subject: ['user', 'sam'], relation: 'direct_viewer', object: ['file', FILE] }
      const id = await as('owner').ok('rebac_create', params)
      expect(await as('stranger').code('read', { path: FILE })).toBe(0)
      expect(await as('owner').ok('rebac_delete', { tuple_id: id })).toBe(true)
      expect(await as('stranger').code('read', { path: FILE })).toBe(DENIED)
    }
  })

  it('an administrator acts in his own tenant only, a global one everywhere, agents never', async () => {
    const global = await system.as('chief', { tenant: 'other', isAdmin: true, isGlobalAdmin: true })
    expect(await global.code('read', { path: FILE })).toBe(0)
    expect(await as('foreignAdmin').code('read', { path: FILE })).toBe(DENIED)
    const agent = await system.as('chief', {
      tenant: 'other',
      subjectType: 'agent',
      subjectId: 'chief,a',
      isAdmin: true,
      isGlobalAdmin: true,
    })
    expect(await agent.code('read', { path: FILE })).toBe(DENIED)
    expect(await as('admin').code('write', { path: '/skill/x/SKILL.md', content: '' })).toBe(DENIED)
    expect(await global.code('write', { path: '/skill/x/readme.md', content: 'all' })).toBe(0)
    expect(await as('stranger').code('read', { path: '/skill/x/readme.md' })).toBe(0)
  })
})
