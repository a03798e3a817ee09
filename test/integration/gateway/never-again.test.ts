import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const DENIED = -32004
const FILES = 170

interface Skills {
  readonly skills: readonly { readonly name: string }[]
  readonly count: number
}

// docs/never-again.md says which test stands for which of them.
describe.each(ENGINES)('what the original did, and shall not come back, on %s', (engine) => {
  let system: TestSystem
  let root: GatewayClient
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient
  let stranger: GatewayClient
  let foreigner: GatewayClient
  const paths = Array.from({ length: FILES }, (_, index) => `${HOME}/many/${String(index).padStart(3, '0')}.txt`)

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_DEMO: '1' } })
    root = system.client(demoKeys.admin)
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    stranger = await system.as('sam')
    foreigner = await system.as('alice', { tenant: 'other', isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
    await alice.ok('write_batch', { files: paths.map((path) => [path, path]) })
    // Each by itself, so that nothing above them answers for all.
    for (const path of paths) {
      await alice.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', path] })
    }
  }, 120_000)
  afterAll(() => system.close())

  it('1: skills_list at once: no error, and every body as from a single call', async () => {
    const single = await root.ok<Skills>('skills_list')
    const answers = await Promise.all(Array.from({ length: 18 }, () => root.call('skills_list')))
    expect(answers.map(({ status, error }) => [status, error])).toEqual(answers.map(() => [200, undefined]))
    for (const { result } of answers) expect(result).toEqual(single)
  })

  it('2: lists at once are complete, compared item by item', async () => {
    const answers = await Promise.all(
      Array.from({ length: 18 }, () => bob.ok<{ files: string[] }>('list', { path: HOME })),
    )
    for (const { files } of answers) expect(files).toEqual(paths)
  })

  it('3: reading writes nothing but when keys were last used, in batches', async () => {
    const writes = vi.spyOn(system.db, 'write')
    const granted = vi.spyOn(system.permissions, 'write')
    for (let round = 0; round < 3; round++) {
      await Promise.all(
        Array.from({ length: 10 }, () => [
          bob.ok('read', { path: paths[0] }),
          bob.ok('list', { path: HOME }),
          bob.ok('rebac_check', { subject: ['user', 'bob'], permission: 'read', object: ['file', paths[0]] }),
          root.ok('skills_list'),
        ]).flat(),
      )
    }
    const names = writes.mock.calls.map(([command]) => command)
    const ofReads = names.filter((name) => !['noteKeysUsed', 'appendAudit'].includes(name))
    const perCall = names.filter((name) => name === 'noteKeysUsed').length
    expect([ofReads, perCall < 10, granted.mock.calls]).toEqual([[], true, []])
    writes.mockRestore()
    granted.mockRestore()
  })

  it('5: a list of 170 paths asks for its permissions together', async () => {
    const asked = vi.spyOn(system.permissions, 'check')
    const { files } = await bob.ok<{ files: string[] }>('list', { path: HOME })
    const calls = asked.mock.calls.length
    asked.mockRestore()
    expect(files).toHaveLength(FILES)
    expect(calls).toBeLessThanOrEqual(4)
  })

  it('7: what was revoked on something that is no file is gone with the answer', async () => {
    const object = ['memory', 'm1']
    const check = () => bob.ok('rebac_check', { subject: ['user', 'bob'], permission: 'read', object })
    for (let round = 0; round < 10; round++) {
      const id = await admin.ok('rebac_create', { subject: ['user', 'bob'], relation: 'viewer', object })
      expect(await check()).toBe(true)
      await admin.ok('rebac_delete', { tuple_id: id })
      expect(await check()).toBe(false)
    }
  })

  it('9: the reader of one file reads none beside it', async () => {
    await alice.ok('write', { path: `${HOME}/many/secret.txt`, content: 'secret' })
    expect(await bob.code('read', { path: paths[0] })).toBe(0)
    expect(await bob.code('read', { path: `${HOME}/many/secret.txt` })).toBe(DENIED)
    await alice.ok('delete', { path: `${HOME}/many/secret.txt` })
  })

  it('10: the rights on a deleted file are not those on a new one of its name', async () => {
    const path = `${HOME}/again.txt`
    await alice.ok('write', { path, content: 'old' })
    await alice.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', path] })
    expect(await bob.code('read', { path })).toBe(0)
    await alice.ok('delete', { path })
    await alice.ok('write', { path, content: 'new' })
    expect(await bob.code('read', { path })).toBe(DENIED)
  })

  it('11: get_etag, get_metadata and If-None-Match tell a stranger nothing of a path', async () => {
    const [there = ''] = paths
    const missing = `${HOME}/many/missing.txt`
    const { etag } = await alice.ok<{ etag: string }>('get_etag', { path: there })
    for (const client of [stranger, foreigner]) {
      for (const method of ['get_etag', 'get_metadata', 'exists', 'stat', 'read']) {
        const answers = await Promise.all(
          [there, missing].map(async (path) => (await client.call(method, { path })).text.replaceAll(path, 'PATH')),
        )
        expect([method, answers[0]]).toEqual([method, answers[1]])
      }
      const conditional = await client.call('read', { path: there }, { 'if-none-match': `"${etag}"` })
      expect([conditional.status, conditional.error?.code]).toEqual([200, DENIED])
      const http = await client.raw(`/api/files${there}`, { headers: { 'if-none-match': `"${etag}"` } })
      expect(http.status).toBe(403)
    }
  })

  it('12: nobody lists or deletes what is of others, in his tenant or in another', async () => {
    const [tuple] = await alice.ok<{ tuple_id: string }[]>('rebac_list_tuples', { object: ['file', paths[0]] })
    await alice.ok('register_agent', { agent_id: 'alice,helper', name: 'helper' })
    await alice.ok('register_workspace', { path: `${HOME}/desk` })
    for (const client of [stranger, foreigner]) {
      expect(await client.ok('rebac_list_tuples', { object: ['file', paths[0]] })).toEqual([])
      expect(await client.ok('rebac_delete', { tuple_id: tuple?.tuple_id })).toBe(false)
      expect(await client.ok('list_agents')).toEqual([])
      expect(await client.ok('list_workspaces')).toEqual([])
      expect((await client.call('delete_agent', { agent_id: 'alice,helper' })).result).not.toBe(true)
    }
    expect(await alice.ok('rebac_list_tuples', { object: ['file', paths[0]] })).toHaveLength(1)
    expect(await alice.ok('list_agents')).toHaveLength(1)
    expect(await alice.ok('list_workspaces')).toHaveLength(1)
  })

  it('13: a stranger makes himself owner of nothing, makes nothing in a foreign tree, renames nothing', async () => {
    const [path = ''] = paths
    for (const client of [stranger, foreigner]) {
      const resource = ['file', path]
      for (const [method, params] of [
        ['share_with_user', { resource, user_id: 'sam', relation: 'owner' }],
        ['rebac_create', { subject: ['user', 'sam'], relation: 'direct_owner', object: resource }],
        ['mkdir', { path: `${HOME}/of/a/stranger`, parents: true }],
        ['write', { path: `${HOME}/of/a/stranger.txt`, content: '' }],
        ['rename', { old_path: path, new_path: `${HOME}/mine.txt` }],
        ['make_public', { resource }],
        ['create_share_link', { path }],
      ] as const) {
        expect([method, await client.code(method, params)]).toEqual([method, DENIED])
      }
    }
    expect(await alice.ok('exists', { path: `${HOME}/of` })).toEqual({ exists: false })
    expect(await alice.ok('rebac_list_tuples', { object: ['file', path] })).toHaveLength(1)
  })

  it('14: X-Agent-ID takes nobody but agents of the own user', async () => {
    const agent = { 'x-agent-id': 'alice,helper' }
    expect((await alice.call('exists', { path: HOME }, agent)).error).toBeUndefined()
    for (const client of [stranger, foreigner, bob]) {
      expect((await client.call('read', { path: paths[0] }, agent)).error?.code).toBe(DENIED)
    }
  })

  it('15: what was made public is read, a permission expands to people, an expiry is a text', async () => {
    const path = `${HOME}/public.txt`
    const object = ['file', path]
    await alice.ok('write', { path, content: 'for all' })
    await alice.ok('make_public', { resource: object })
    for (const client of [stranger, foreigner]) expect(await client.code('read', { path })).toBe(0)
    expect((await system.client(null).call('read', { path })).status).toBe(401)
    expect(await alice.ok('rebac_expand', { permission: 'execute', object })).toContainEqual(['user', 'alice'])
    const grant = { subject: ['user', 'bob'], relation: 'direct_editor', object, expires_at: '2099-12-31T23:59:59' }
    await alice.ok('rebac_create', grant)
    expect(await alice.ok('rebac_list_tuples', { object, relation: 'direct_editor' })).toMatchObject([
      { expires_at: '2099-12-31T23:59:59.000+00:00' },
    ])
  })
})
