import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const DENIED = -32004
const WRONG = -32602

interface Share {
  readonly share_id: string
  readonly resource_id: string
  readonly recipient_id?: string
  readonly recipient_tenant_id?: string
  readonly owner_tenant_id?: string
  readonly permission_level: string
  readonly expires_at: string | null
}

describe.each(ENGINES)('shares on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient
  let stranger: GatewayClient
  let foreigner: GatewayClient
  let files = 0

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    stranger = await system.as('sam')
    foreigner = await system.as('bob', { tenant: 'other' })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
  })
  afterAll(() => system.close())

  const make = async (): Promise<string> => {
    const path = `${HOME}/file-${files++}.txt`
    await alice.ok('write', { path, content: 'text' })
    return path
  }
  const outgoing = (client: GatewayClient, params: object = {}) => client.ok<Share[]>('list_outgoing_shares', params)
  const incoming = (client: GatewayClient, params: object = {}) => client.ok<Share[]>('list_incoming_shares', params)
  const listed = async (client: GatewayClient, params: object = {}) =>
    (await client.ok<{ files: string[] }>('list', { path: '/', ...params })).files

  it('share_with_user gives what its level says, and no more', async () => {
    const path = await make()
    const resource = ['file', path]
    const can = async () => [
      await bob.code('read', { path }),
      await bob.code('write', { path, content: 'new' }),
      await bob.code('rebac_create', { subject: ['user', 'x'], relation: 'direct_viewer', object: resource }),
    ]
    expect(await can()).toEqual([DENIED, DENIED, DENIED])
    await alice.ok('share_with_user', { resource, user_id: 'bob' })
    expect(await can()).toEqual([0, DENIED, DENIED])
    await alice.ok('share_with_user', { resource, user_id: 'bob', relation: 'editor' })
    expect(await can()).toEqual([0, 0, DENIED])
    await alice.ok('share_with_user', { resource, user_id: 'bob', relation: 'owner' })
    expect(await can()).toEqual([0, 0, 0])
    await alice.ok('share_with_user', { resource, user_id: 'bob', relation: 'viewer' })
    expect(await can()).toEqual([0, DENIED, DENIED])
    expect(await outgoing(alice, { resource })).toHaveLength(1)
  })

  it('share_with_user keeps the id of the same share; its expiry is the last one given', async () => {
    const resource = ['file', await make()]
    const params = { resource, user_id: 'bob', relation: 'viewer' }
    const ids = await Promise.all([1, 2, 3, 4].map(() => alice.ok<string>('share_with_user', params)))
    expect(new Set(ids).size).toBe(1)
    expect(await alice.ok('share_with_user', { ...params, expires_at: '2099-01-01T00:00:00' })).toBe(ids[0])
    expect(await outgoing(alice, { resource })).toMatchObject([{ expires_at: '2099-01-01T00:00:00.000+00:00' }])
  })

  it('share_with_user ends when its expires_at has come', async () => {
    const path = await make()
    const expires_at = new Date(Date.now() + 4_000).toISOString()
    await alice.ok('share_with_user', { resource: ['file', path], user_id: 'bob', expires_at })
    expect(await bob.code('read', { path })).toBe(0)
    await expect.poll(() => bob.code('read', { path }), { timeout: 30_000 }).toBe(DENIED)
    expect(await outgoing(alice, { resource: ['file', path] })).toEqual([])
    expect((await incoming(bob)).map(({ resource_id }) => resource_id)).not.toContain(path)
  })

  it('a stranger cannot make himself owner, and learns nothing', async () => {
    const path = await make()
    for (const client of [stranger, foreigner]) {
      for (const object of [path, `${HOME}/missing`]) {
        const resource = ['file', object]
        const answer = await client.call('share_with_user', { resource, user_id: 'sam', relation: 'owner' })
        expect(answer.error?.code).toBe(DENIED)
        expect(answer.error?.message).toContain(`does not have OWNER permission for '${object}'`)
        expect(await client.code('make_public', { resource })).toBe(DENIED)
        expect(await client.code('make_private', { resource })).toBe(DENIED)
        expect(await client.code('revoke_share', { resource, user_id: 'bob' })).toBe(DENIED)
        expect(await outgoing(client, { resource })).toEqual([])
      }
    }
    await alice.ok('share_with_user', { resource: ['file', path], user_id: 'bob', relation: 'editor' })
    expect(await bob.code('share_with_user', { resource: ['file', path], user_id: 'bob', relation: 'owner' })).toBe(
      DENIED,
    )
  })

  it('share_with_group serves the members of the group', async () => {
    const path = await make()
    await admin.ok('rebac_create', { subject: ['user', 'max'], relation: 'member', object: ['group', 'eng'] })
    const max = await system.as('max')
    const id = await alice.ok('share_with_group', { resource: ['file', path], group_id: 'eng', relation: 'editor' })
    expect(await max.code('write', { path, content: 'by max' })).toBe(0)
    expect(await bob.code('read', { path })).toBe(DENIED)
    expect(await alice.ok('revoke_share_by_id', { share_id: id })).toBe(true)
    expect(await max.code('read', { path })).toBe(DENIED)
    expect(
      await alice.code('share_with_group', { resource: ['file', path], group_id: 'eng', group_tenant_id: 'other' }),
    ).toBe(WRONG)
  })

  it('revoke_share takes back at once, and says whether there was something', async () => {
    const path = await make()
    const resource = ['file', path]
    await alice.ok('share_with_user', { resource, user_id: 'bob' })
    expect(await alice.ok('revoke_share', { resource, user_id: 'bob' })).toBe(true)
    expect(await bob.code('read', { path })).toBe(DENIED)
    expect(await alice.ok('revoke_share', { resource, user_id: 'bob' })).toBe(false)
  })

  it('revoke_share_by_id is the same for what is not there and for what is not ours', async () => {
    const path = await make()
    const share_id = await alice.ok('share_with_user', { resource: ['file', path], user_id: 'bob' })
    const unknown = '01890000-0000-7000-8000-000000000000'
    for (const client of [stranger, foreigner, bob]) {
      const [there, missing] = await Promise.all([
        client.call('revoke_share_by_id', { share_id }),
        client.call('revoke_share_by_id', { share_id: unknown }),
      ])
      expect(there.text).toBe(missing.text)
    }
    const plain = await alice.ok('rebac_create', {
      subject: ['user', 'bob'],
      relation: 'direct_editor',
      object: ['file', path],
    })
    expect(await alice.ok('revoke_share_by_id', { share_id: plain })).toBe(false)
    expect(await alice.ok('revoke_share_by_id', { share_id })).toBe(true)
  })

  it('list_outgoing_shares and list_incoming_shares have their shape, page by page', async () => {
    const paths = [await make(), await make(), await make()]
    for (const path of paths) await alice.ok('share_with_user', { resource: ['file', path], user_id: 'ira' })
    const ira = await system.as('ira')
    const all = await incoming(ira, { user_id: 'ira' })
    expect(all.map(({ resource_id }) => resource_id)).toEqual(paths.toReversed())
    expect(all[0]).toEqual({
      share_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resource_type: 'file',
      resource_id: paths[2],
      permission_level: 'viewer',
      created_at: expect.stringMatching(/\+00:00$/),
      expires_at: null,
      owner_tenant_id: 'acme',
    })
    expect(await incoming(ira, { limit: 2 })).toEqual(all.slice(0, 2))
    expect(await incoming(ira, { limit: 2, offset: 2 })).toEqual(all.slice(2))
    const sent = await outgoing(alice, { limit: 3 })
    expect(sent.map(({ resource_id, recipient_id }) => [resource_id, recipient_id])).toEqual(
      paths.toReversed().map((path) => [path, 'ira']),
    )
    expect(await outgoing(alice, { limit: 1, offset: 1 })).toEqual(sent.slice(1, 2))
    expect(await outgoing(ira)).toEqual([])
    expect((await outgoing(admin)).length).toBeGreaterThan(2)
    expect(await stranger.code('list_incoming_shares', { user_id: 'ira' })).toBe(DENIED)
    expect(await incoming(admin, { user_id: 'ira' })).toEqual(all)
  })

  it('shares across tenants are listed, read and written through the gateway, and end', async () => {
    const directory = `${HOME}/joint`
    await alice.ok('write', { path: `${directory}/a.txt`, content: 'one' })
    await alice.ok('write', { path: `${directory}/deep/b.txt`, content: 'two words' })
    const before = await listed(foreigner)
    const resource = ['file', directory]
    await alice.ok('share_with_user', { resource, user_id: 'bob', user_tenant_id: 'other', relation: 'editor' })
    expect(await outgoing(alice, { resource })).toMatchObject([{ recipient_id: 'bob', recipient_tenant_id: 'other' }])
    expect(await incoming(foreigner)).toMatchObject([{ resource_id: directory, owner_tenant_id: 'acme' }])
    // The own bob is somebody else.
    expect(await bob.code('read', { path: `${directory}/a.txt` })).toBe(DENIED)
    expect(await foreigner.code('read', { path: `${directory}/a.txt` })).toBe(0)
    expect(await foreigner.code('write', { path: `${directory}/c.txt`, content: 'three' })).toBe(0)
    const expected = [`${directory}/a.txt`, `${directory}/c.txt`, `${directory}/deep/b.txt`]
    expect(await listed(foreigner)).toEqual([...before, ...expected].toSorted())
    expect(await listed(foreigner, { recursive: false })).toContain('/tenant:acme')
    expect(await listed(foreigner, { path: '/tenant:acme', recursive: false })).toEqual([HOME])
    expect(await listed(foreigner, { path: directory })).toEqual(expected)
    expect((await foreigner.ok<{ matches: string[] }>('glob', { pattern: '**/b.txt', path: '/' })).matches).toEqual([
      `${directory}/deep/b.txt`,
    ])
    const found = await foreigner.ok<{ results: { file: string }[] }>('grep', { pattern: 'words', path: '/' })
    expect(found.results.map(({ file }) => file)).toEqual([`${directory}/deep/b.txt`])
    expect(await foreigner.code('read', { path: HOME })).toBe(DENIED)
    expect(await alice.ok('revoke_share', { resource, user_id: 'bob', user_tenant_id: 'acme' })).toBe(false)
    expect(await alice.ok('revoke_share', { resource, user_id: 'bob', user_tenant_id: 'other' })).toBe(true)
    expect(await listed(foreigner)).toEqual(before)
    expect(await incoming(foreigner)).toEqual([])
    expect(await foreigner.code('read', { path: `${directory}/a.txt` })).toBe(DENIED)
  })

  it('only what names its tenant is shared across', async () => {
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', '/loose'] })
    await alice.ok('write', { path: '/loose/x', content: '' })
    const across = { user_id: 'bob', user_tenant_id: 'other' }
    expect(await alice.code('share_with_user', { resource: ['file', '/loose/x'], ...across })).toBe(WRONG)
    expect(await alice.code('share_with_user', { resource: ['file', '/loose/x'], user_id: 'bob' })).toBe(0)
    expect(await admin.code('share_with_user', { resource: ['file', '/tenant:acme'], ...across })).toBe(WRONG)
  })

  it('make_public opens to every caller of every tenant, never to nobody; make_private ends it', async () => {
    const path = await make()
    const resource = ['file', path]
    const id = await alice.ok('make_public', { resource })
    expect(await alice.ok('make_public', { resource })).toBe(id)
    expect(await alice.ok('rebac_list_tuples', { object: resource, relation: 'public_discoverable' })).toMatchObject([
      { tuple_id: id, subject_type: '*', subject_id: '*' },
    ])
    const agent = await system.as('zoe', { tenant: 'third', subjectType: 'agent', subjectId: 'zoe,bot' })
    for (const client of [stranger, foreigner, agent]) {
      expect(await client.code('read', { path })).toBe(0)
      expect(await client.code('write', { path, content: 'x' })).toBe(DENIED)
    }
    expect((await system.client(null).call('read', { path })).status).toBe(401)
    expect(await alice.ok('make_private', { resource })).toBe(true)
    expect(await alice.ok('make_private', { resource })).toBe(false)
    for (const client of [stranger, foreigner, agent]) expect(await client.code('read', { path })).toBe(DENIED)
  })

  it.each([
    ['share_with_user', { resource: ['skill', 'x'], user_id: 'bob' }],
    ['share_with_user', { resource: ['file', '/'], user_id: 'bob' }],
    ['share_with_user', { resource: ['file', '/skill/x'], user_id: 'bob' }],
    ['share_with_user', { resource: ['file'], user_id: 'bob' }],
    ['share_with_user', { resource: ['file', `${HOME}/x`], user_id: '*' }],
    ['share_with_user', { resource: ['file', `${HOME}/x`], user_id: 'a/b' }],
    ['share_with_user', { resource: ['file', `${HOME}/x`], user_id: 'a,b,c' }],
    ['share_with_user', { resource: ['file', `${HOME}/x`], user_id: 'bob', relation: 'shared-owner' }],
    ['share_with_user', { resource: ['file', `${HOME}/x`], user_id: 'bob', user_tenant_id: 'No Tenant' }],
    ['share_with_user', { resource: ['file', `${HOME}/x`], user_id: 'bob', expires_at: 'tomorrow' }],
    ['share_with_user', { resource: ['file', `${HOME}/x`], user_id: 'bob', expires_at: '2001-01-01T00:00:00Z' }],
    ['list_outgoing_shares', { limit: 0 }],
    ['list_incoming_shares', { offset: -1 }],
  ])('%s refuses %j', async (method, params) => {
    const answer = await alice.call(method, params)
    expect(answer.error?.code).toBe(WRONG)
    expect(answer.error?.message).toMatch(/parameter|relationships do not apply/)
  })

  it('a tenant_id of others is refused', async () => {
    const path = await make()
    const resource = ['file', path]
    expect(await alice.code('share_with_user', { resource, user_id: 'bob', tenant_id: 'other' })).toBe(DENIED)
    expect(await alice.code('share_with_user', { resource, user_id: 'bob', tenant_id: 'acme' })).toBe(0)
    expect(await foreigner.code('list_outgoing_shares', { tenant_id: 'acme' })).toBe(DENIED)
  })

  it('what was deleted takes its shares along; what is renamed keeps them', async () => {
    const path = await make()
    await alice.ok('share_with_user', { resource: ['file', path], user_id: 'bob' })
    await alice.ok('rename', { old_path: path, new_path: `${path}.moved` })
    expect(await bob.code('read', { path: `${path}.moved` })).toBe(0)
    await alice.ok('delete', { path: `${path}.moved` })
    await alice.ok('write', { path: `${path}.moved`, content: 'new' })
    expect(await bob.code('read', { path: `${path}.moved` })).toBe(DENIED)
    expect((await incoming(bob)).map(({ resource_id }) => resource_id)).not.toContain(`${path}.moved`)
  })
})
