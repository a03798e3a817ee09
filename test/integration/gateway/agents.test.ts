import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const DENIED = -32004
const config = (name: string) => `${HOME}/agent/${name}/config.yaml`

describe.each(ENGINES)('agents on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let admin: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
    await alice.ok('write', { path: `${HOME}/secret.txt`, content: 'secret' })
  })
  afterAll(() => system.close())

  const register = (name: string, params: object = {}) =>
    alice.ok<Record<string, string>>('register_agent', { agent_id: `alice,${name}`, name, ...params })
  const written = async (name: string) => {
    const { data } = await alice.ok<{ data: string }>('read', { path: config(name) })
    return parse(Buffer.from(data, 'base64').toString('utf8')) as Record<string, unknown>
  }

  it('register_agent answers what clients read, and shows the key this once', async () => {
    const metadata = { platform: 'langgraph', endpoint_url: 'http://127.0.0.1:2024', agent_id: 'graph' }
    const made = await register('helper', { description: 'Helps', generate_api_key: true, metadata })
    expect(made).toEqual({
      agent_id: 'alice,helper',
      user_id: 'alice',
      name: 'helper',
      tenant_id: 'acme',
      metadata,
      created_at: expect.stringMatching(/^\d{4}-.*\+00:00$/) as string,
      config_path: config('helper'),
      has_api_key: true,
      api_key: expect.stringMatching(/^sk-acme_alice,helper_[0-9a-f]{8}_[0-9a-f]{32}$/) as string,
    })
    const { api_key: key, ...known } = made
    const who = await (await system.client(key ?? '').raw('/api/auth/whoami')).json()
    expect(who).toEqual({
      authenticated: true,
      subject_type: 'agent',
      subject_id: 'alice,helper',
      tenant_id: 'acme',
      is_admin: false,
      inherit_permissions: false,
      user: 'alice',
    })
    expect(await written('helper')).toEqual({
      agent_id: 'alice,helper',
      name: 'helper',
      user_id: 'alice',
      description: 'Helps',
      created_at: known['created_at'],
      metadata,
      inherit_permissions: false,
    })
    const shown = JSON.stringify([
      await alice.ok('get_agent', { agent_id: 'alice,helper' }),
      await alice.ok('list_agents'),
      await alice.ok('read', { path: config('helper') }),
    ])
    expect(shown).not.toContain(key)
  })

  it('without a key there is none; the same agent is not registered twice', async () => {
    const made = await register('plain')
    expect(made).toMatchObject({ has_api_key: false, metadata: {} })
    expect(made).not.toHaveProperty('api_key')
    const again = await alice.call('register_agent', { agent_id: 'alice,plain', name: 'other', generate_api_key: true })
    expect(again.error).toEqual({ code: -32001, message: 'Agent already exists: alice,plain' })
    expect(await alice.ok('get_agent', { agent_id: 'alice,plain' })).toMatchObject({
      name: 'plain',
      has_api_key: false,
    })
  })

  it('registered many times at once it is one agent with one key', async () => {
    const params = { agent_id: 'alice,raced', name: 'raced', generate_api_key: true }
    const answers = await Promise.all(Array.from({ length: 6 }, () => alice.call('register_agent', params)))
    const codes = answers.map(({ error }) => error?.code ?? 0).sort()
    expect(codes).toEqual([-32001, -32001, -32001, -32001, -32001, 0])
    await alice.ok('delete_agent', { agent_id: 'alice,raced' })
  })

  it.each([
    ['helper', /comma/],
    ['alice,', /empty/],
    [',x', /empty/],
    ['alice,a/b', /must not contain/],
    ['alice,..', /must not be/],
    ['alice,a,b', /must not contain/],
    [`alice,${'x'.repeat(201)}`, /200 bytes/],
    ['alice, x', /space/],
  ])('refuses the id %j', async (agentId, message) => {
    for (const method of ['register_agent', 'get_agent', 'update_agent', 'delete_agent']) {
      const params = { agent_id: agentId, ...(method === 'register_agent' ? { name: 'x' } : {}) }
      const { error } = await alice.call(method, params)
      expect([method, error?.code, error?.message]).toEqual([method, -32602, expect.stringMatching(message) as string])
    }
  })

  it('get_agent reads what the owner wrote into config.yaml; null for one that is unknown', async () => {
    await register('chat', { description: 'd', metadata: { platform: 'nexus' } })
    const text =
      'name: chat\n# mine\nplatform: langgraph\nsystem_prompt: Be brief\ntools: [read, grep]\napi_key: sk-leak\n'
    await alice.ok('write', { path: config('chat'), content: text })
    const agent = await alice.ok<Record<string, unknown>>('get_agent', { agent_id: 'alice,chat' })
    expect(agent).toMatchObject({
      agent_id: 'alice,chat',
      user_id: 'alice',
      description: 'd',
      platform: 'langgraph',
      system_prompt: 'Be brief',
      tools: ['read', 'grep'],
      metadata: { platform: 'nexus' },
    })
    expect(agent).not.toHaveProperty('api_key')
    expect(await alice.ok('get_agent', { agent_id: 'alice,nobody' })).toBeNull()

    await alice.ok('update_agent', { agent_id: 'alice,chat', name: 'Chat', metadata: { platform: 'x', agent_id: 'g' } })
    const { data } = await alice.ok<{ data: string }>('read', { path: config('chat') })
    const after = Buffer.from(data, 'base64').toString('utf8')
    expect(after).toContain('# mine')
    expect(after).not.toContain('sk-leak')
    expect(parse(after)).toMatchObject({ name: 'Chat', system_prompt: 'Be brief', metadata: { platform: 'x' } })
    expect(await alice.ok('get_agent', { agent_id: 'alice,chat' })).toMatchObject({ config_agent_id: 'g' })
  })

  it.each([
    ['no YAML', '{[', 'nexus'],
    ['a list', '- 1', 'nexus'],
    [
      'a bomb of aliases',
      `a: &a [1]\n${Array.from({ length: 40 }, (_, i) => `b${i}: [*a, *a, *a]`).join('\n')}`,
      'nexus',
    ],
    ['bytes', '\u0000\u0001', 'nexus'],
    ['something huge', 'x'.repeat(100_000), 'nexus'],
  ])('a config.yaml that is %s does no harm', async (what, content, platform) => {
    const name = `odd${what.length}`
    await register(name, { metadata: { platform: 'nexus' } })
    await alice.ok('write', { path: config(name), content })
    expect(await alice.ok('get_agent', { agent_id: `alice,${name}` })).toMatchObject({ platform })
    await alice.ok('update_agent', { agent_id: `alice,${name}`, description: 'new' })
    expect(await written(name)).toMatchObject({ description: 'new' })
  })

  it('inherits only while its owner allows it, at once', async () => {
    const { api_key: key = '' } = await register('heir', { generate_api_key: true, inherit_permissions: true })
    const agent = system.client(key)
    const asked = async () => [
      await agent.code('read', { path: `${HOME}/secret.txt` }),
      await admin.ok('rebac_check', {
        subject: ['agent', 'alice,heir'],
        permission: 'read',
        object: ['file', `${HOME}/secret.txt`],
      }),
    ]
    expect(await asked()).toEqual([0, true])
    await alice.ok('update_agent', { agent_id: 'alice,heir', inherit_permissions: false })
    expect(await asked()).toEqual([DENIED, false])
    expect(await agent.code('read', { path: config('heir') })).toBe(0)
    await alice.ok('update_agent', { agent_id: 'alice,heir', inherit_permissions: true })
    expect(await asked()).toEqual([0, true])
    expect(await written('heir')).toMatchObject({ inherit_permissions: true })
  })

  it('nobody changes the agents of others, or learns of them', async () => {
    await register('private')
    const bob = await system.as('bob')
    const foreigner = await system.as('alice', { tenant: 'other', isAdmin: true })
    const asAgent = await system.as('alice', { subjectType: 'agent', subjectId: 'alice,private' })
    for (const id of ['alice,private', 'alice,nobody']) {
      expect(await bob.code('register_agent', { agent_id: id, name: 'x' })).toBe(DENIED)
      expect(await bob.code('update_agent', { agent_id: id, name: 'x' })).toBe(DENIED)
      expect(await bob.code('delete_agent', { agent_id: id })).toBe(DENIED)
      expect(await bob.ok('get_agent', { agent_id: id })).toBeNull()
      expect(await foreigner.ok('get_agent', { agent_id: id })).toBeNull()
      expect(await foreigner.ok('delete_agent', { agent_id: id })).toBe(false)
      expect(await asAgent.code('update_agent', { agent_id: id, inherit_permissions: true })).toBe(DENIED)
      expect(await asAgent.code('delete_agent', { agent_id: id })).toBe(DENIED)
    }
    expect(await asAgent.code('register_agent', { agent_id: 'alice,child', name: 'x' })).toBe(DENIED)
    expect(await asAgent.ok('get_agent', { agent_id: 'alice,private' })).toMatchObject({ name: 'private' })
    expect(await asAgent.ok('get_agent', { agent_id: 'alice,plain' })).toBeNull()
    expect(await admin.ok('get_agent', { agent_id: 'alice,private' })).toMatchObject({ name: 'private' })
    expect(await alice.code('update_agent', { agent_id: 'alice,nobody' })).toBe(-32000)
  })

  it('delete_agent takes keys, relationships and directory along, as subject and as object, and again does nothing', async () => {
    const { api_key: key = '' } = await register('doomed', { generate_api_key: true, inherit_permissions: true })
    const shared = `${HOME}/shared.txt`
    await alice.ok('write', { path: shared, content: 'x' })
    const grant = { subject: ['agent', 'alice,doomed'], relation: 'direct_viewer', object: ['file', shared] }
    await alice.ok('rebac_create', grant)
    await admin.ok('rebac_create', { subject: ['agent', 'alice,doomed'], relation: 'member', object: ['group', 'g'] })
    const named = async () => [
      ...(await admin.ok<object[]>('rebac_list_tuples', { subject: ['agent', 'alice,doomed'] })),
      ...(await admin.ok<object[]>('rebac_list_tuples', { object: ['agent', 'alice,doomed'] })),
    ]
    expect(await named()).toHaveLength(4)
    expect(await alice.ok('delete_agent', { agent_id: 'alice,doomed' })).toBe(true)
    expect(await named()).toEqual([])
    expect(await alice.ok('exists', { path: `${HOME}/agent/doomed` })).toEqual({ exists: false })
    expect(await alice.ok('get_agent', { agent_id: 'alice,doomed' })).toBeNull()
    await expect.poll(async () => (await system.client(key).raw('/api/auth/whoami')).status).toBe(401)
    expect(await alice.ok('delete_agent', { agent_id: 'alice,doomed' })).toBe(false)

    await register('doomed')
    expect(await named()).toHaveLength(1)
    expect((await system.client(key).raw('/api/auth/whoami')).status).toBe(401)
    expect(await alice.ok('read', { path: shared })).toEqual(bytes('x'))
  })

  it('a deletion that the permission service did not see is finished when it is back', async () => {
    await register('late', { inherit_permissions: true })
    await system.stopRebac()
    const answer = await alice.call('delete_agent', { agent_id: 'alice,late' })
    expect(answer.status).toBe(503)
    await system.startRebac()
    await expect.poll(() => alice.code('delete_agent', { agent_id: 'alice,late' })).toBe(0)
    await expect
      .poll(() => admin.ok('rebac_list_tuples', { object: ['agent', 'alice,late'] }), { timeout: 30_000 })
      .toEqual([])
    expect(await alice.ok('get_agent', { agent_id: 'alice,late' })).toBeNull()
  })

  it('what was done stands in the audit trail', async () => {
    const lines = await system.auditOf('acme')
    const about = (action: string, path: string) =>
      lines.filter((line) => line.action === action && line.path === path).map(({ actor, outcome }) => [actor, outcome])
    expect(about('register_agent', 'agent:alice,private')).toContainEqual(['user:alice', 'ok'])
    expect(about('delete_agent', 'agent:alice,doomed')).toEqual([['user:alice', 'ok']])
    await expect
      .poll(async () => (await system.auditOf('acme')).filter((line) => line.outcome === 'denied').length)
      .toBeGreaterThan(5)
  })
})
