import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const DENIED = -32004
const CONFLICT = -32006
const FOLDERS = ['workspace', 'memory', 'skill', 'agent', 'connector', 'resource']
const SKILLS = ['docx', 'internal-comms', 'pdf', 'pptx', 'skill-creator', 'xlsx']

interface Provisioned {
  readonly api_key: string | null
  readonly workspace_path: string
  readonly created_resources: {
    readonly user: boolean
    readonly directories: string[]
    readonly workspace: string | null
    readonly agents: string[]
    readonly skills: string[]
  }
}

describe.each(ENGINES)('people on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
  })
  afterAll(() => system.close())

  /** As the frontend's first-run dialog sends it. */
  const wizard = (user: string, params: object = {}) => ({
    user_id: user,
    email: `${user}@nexus.local`,
    display_name: user,
    tenant_id: 'acme',
    create_api_key: false,
    create_agents: true,
    import_skills: true,
    ...params,
  })
  const provision = (client: GatewayClient, user: string, params: object = {}) =>
    client.ok<Provisioned>('provision_user', wizard(user, params))

  it('a user sets up the own space, and again nothing is made twice', async () => {
    const alice = await system.as('alice')
    const home = '/tenant:acme/user:alice'
    expect(await alice.code('write', { path: `${home}/a.txt`, content: 'a' })).toBe(DENIED)
    const made = await provision(alice, 'alice')
    expect(made).toMatchObject({
      user_id: 'alice',
      tenant_id: 'acme',
      api_key: null,
      workspace_path: expect.stringMatching(
        /^\/tenant:acme\/user:alice\/workspace\/ws_personal_[0-9a-f]{12}$/,
      ) as string,
      created_resources: {
        user: true,
        directories: FOLDERS.map((folder) => `${home}/${folder}`),
        workspace: made.workspace_path,
        agents: ['alice,ImpersonatedUser', 'alice,UntrustedAgent'],
        skills: SKILLS,
      },
    })
    const { skills } = await alice.ok<{ skills: { name: string; tier: string }[] }>('skills_list')
    expect(skills.map(({ name }) => name)).toEqual(SKILLS)
    expect(await alice.ok('list_workspaces')).toMatchObject([{ path: made.workspace_path }])
    expect(await alice.ok('list_agents')).toMatchObject([
      { agent_id: 'alice,ImpersonatedUser', inherit_permissions: true, has_api_key: false },
      { agent_id: 'alice,UntrustedAgent', inherit_permissions: false, has_api_key: false },
    ])
    const before = await alice.ok('list', { path: '/', details: true })
    const again = await provision(alice, 'alice')
    const nothing = { user: false, directories: [], workspace: null, agents: [], skills: [] }
    expect(again.created_resources).toEqual(nothing)
    expect(await alice.ok('list', { path: '/', details: true })).toEqual(before)
    await alice.ok('write', { path: `${home}/a.txt`, content: 'a' })
  })

  it('many times at once it is one space', async () => {
    const carol = await system.as('carol')
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => provision(carol, 'carol', { import_skills: false })),
    )
    const made = answers.map((answer) => answer.created_resources)
    expect(new Set(made.flatMap(({ directories }) => directories)).size).toBe(FOLDERS.length)
    expect(made.flatMap(({ agents }) => agents)).toHaveLength(2)
    expect(made.filter(({ workspace }) => workspace !== null)).toHaveLength(1)
    expect(await carol.ok('list_workspaces')).toHaveLength(1)
    expect(await carol.ok('list_agents')).toHaveLength(2)
  })

  it('an administrator makes a user with a key, which is shown once', async () => {
    const small = { create_agents: false, import_skills: false, create_api_key: true }
    const made = await provision(admin, 'dave', small)
    const dave = system.client(made.api_key ?? '')
    await dave.ok('write', { path: '/tenant:acme/user:dave/a.txt', content: 'a' })
    expect((await provision(admin, 'dave', small)).api_key).toBeNull()
    expect(await admin.ok('admin_list_keys', { user_id: 'dave' })).toMatchObject({ total: 1 })
  })

  it('nobody provisions others, other tenants, or a key for oneself', async () => {
    const bob = await system.as('bob')
    await system.makeAgent('bob,bot', { inherits: true })
    const agent = await system.as('bob', { subjectType: 'agent', subjectId: 'bob,bot' })
    const foreign = await system.as('root', { tenant: 'other', isAdmin: true })
    expect(await bob.code('provision_user', wizard('alice'))).toBe(DENIED)
    expect(await bob.code('provision_user', wizard('bob', { create_api_key: true }))).toBe(DENIED)
    expect(await bob.code('provision_user', wizard('bob', { tenant_id: 'other' }))).toBe(DENIED)
    expect(await agent.code('provision_user', wizard('bob'))).toBe(DENIED)
    expect(await foreign.code('provision_user', wizard('bob'))).toBe(DENIED)
    expect(await bob.code('deprovision_user', { user_id: 'alice', tenant_id: 'acme' })).toBe(DENIED)
    expect(await agent.code('deprovision_user', { user_id: 'bob', tenant_id: 'acme' })).toBe(DENIED)
    expect(await foreign.code('deprovision_user', { user_id: 'alice', tenant_id: 'acme' })).toBe(DENIED)
    for (const user_id of ['a/b', 'a,b', '*', '..', ' a'])
      expect(await admin.code('provision_user', { user_id })).toBe(-32602)
    expect((await system.client(null).call('provision_user', wizard('bob'))).status).toBe(401)
  })

  it('a global administrator provisions other tenants', async () => {
    const chief = await system.as('chief', { tenant: 'hq', isAdmin: true, isGlobalAdmin: true })
    const made = await provision(chief, 'eve', { tenant_id: 'fresh', create_api_key: true, import_skills: false })
    const eve = system.client(made.api_key ?? '')
    expect(await (await eve.raw('/api/auth/whoami')).json()).toMatchObject({ tenant_id: 'fresh', user: 'eve' })
    expect(await eve.ok('list_agents')).toHaveLength(2)
  })

  it('deprovisioning takes everything along, and again finds nothing', async () => {
    const frank = await system.as('frank')
    const home = '/tenant:acme/user:frank'
    await provision(frank, 'frank', { import_skills: false })
    const { api_key: agentKey = '' } = await frank.ok<{ api_key?: string }>('register_agent', {
      agent_id: 'frank,bot',
      name: 'bot',
      generate_api_key: true,
      inherit_permissions: true,
    })
    await frank.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', home] })
    await admin.ok('rebac_create', { subject: ['user', 'frank'], relation: 'member', object: ['group', 'eng'] })
    const gone = await admin.ok<object>('deprovision_user', { user_id: 'frank', tenant_id: 'acme' })
    expect(gone).toEqual({
      success: true,
      user_id: 'frank',
      tenant_id: 'acme',
      deleted_directories: [home],
      deleted_api_keys: 2,
      deleted_agents: 3,
      deleted_registrations: 1,
      user_record_deleted: true,
    })
    for (const client of [frank, system.client(agentKey)])
      await expect.poll(async () => (await client.raw('/api/auth/whoami')).status).toBe(401)
    const tuples = JSON.stringify(await admin.ok('rebac_list_tuples', {}))
    expect(tuples).not.toContain('frank')
    expect(await admin.ok('list', { path: home })).toEqual({ files: [] })
    const again = await admin.ok('deprovision_user', { user_id: 'frank', tenant_id: 'acme' })
    expect(again).toMatchObject({ deleted_directories: [], deleted_api_keys: 0, user_record_deleted: false })

    const anew = await system.as('frank')
    await provision(anew, 'frank', { import_skills: false })
    expect(await (await system.as('bob')).ok('exists', { path: `${home}/skill` })).toEqual({ exists: false })
  })

  it('what another tenant shared is not shared with the next one of that name', async () => {
    const foreign = await system.as('fay', { tenant: 'other', isAdmin: true })
    const path = '/tenant:other/user:fay/plan.txt'
    await foreign.ok('write', { path, content: 'plan' })
    const share = (subject: string[]) =>
      foreign.ok('share_with_user', { resource: ['file', path], user_id: subject[1], user_tenant_id: 'acme' })
    const iris = await system.as('iris')
    await provision(iris, 'iris', { create_agents: false, import_skills: false })
    await share(['user', 'iris'])
    expect(await iris.code('read', { path })).toBe(0)
    await admin.ok('deprovision_user', { user_id: 'iris', tenant_id: 'acme' })
    const next = await system.as('iris')
    expect(await next.code('read', { path })).toBe(DENIED)
    const left = JSON.stringify(await foreign.ok('rebac_list_tuples', { object: ['file', path] }))
    expect(left).not.toContain('iris')
  })

  it('a user leaves without help; an administrator only by force, and never the last', async () => {
    const gina = await system.as('gina')
    await provision(gina, 'gina', { create_agents: false, import_skills: false })
    await gina.ok('deprovision_user', { user_id: 'gina', tenant_id: 'acme', delete_user_record: true, force: false })
    await expect.poll(async () => (await gina.raw('/api/auth/whoami')).status).toBe(401)

    expect(await admin.code('deprovision_user', { user_id: 'root', force: true })).toBe(CONFLICT)
    await system.as('second', { isAdmin: true })
    expect(await admin.code('deprovision_user', { user_id: 'second' })).toBe(CONFLICT)
    expect(await admin.ok('deprovision_user', { user_id: 'second', force: true })).toMatchObject({
      deleted_api_keys: 1,
    })
  })

  it('members of a group in a group have what the outer one has, also in a circle', async () => {
    const hanna = await system.as('hanna')
    const path = '/tenant:acme/shared/plan.txt'
    await admin.ok('write', { path, content: 'plan' })
    const grant = (subject: string[], relation: string, object: string[]) =>
      admin.ok('rebac_create', { subject, relation, object })
    await grant(['group', 'all', 'member'], 'direct_viewer', ['file', path])
    await grant(['group', 'mid', 'member'], 'member', ['group', 'all'])
    await grant(['group', 'leaf', 'member'], 'member', ['group', 'mid'])
    await grant(['group', 'all', 'member'], 'member', ['group', 'leaf'])
    expect(await hanna.code('read', { path })).toBe(DENIED)
    const id = await grant(['user', 'hanna'], 'member', ['group', 'leaf'])
    expect(await grant(['user', 'hanna'], 'member', ['group', 'leaf'])).toBe(id)
    expect(await hanna.code('read', { path })).toBe(0)
    const chain = await admin.ok('rebac_check', {
      subject: ['user', 'hanna'],
      permission: 'member',
      object: ['group', 'all'],
    })
    expect(chain).toBe(true)
    await admin.ok('rebac_delete', { tuple_id: id })
    expect(await hanna.code('read', { path })).toBe(DENIED)
    expect(
      await hanna.code('rebac_create', { subject: ['user', 'hanna'], relation: 'member', object: ['group', 'all'] }),
    ).toBe(DENIED)
  })
})
