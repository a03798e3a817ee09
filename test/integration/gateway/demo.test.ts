import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { first } from '../../../services/common/sql/script.ts'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const SKILLS = ['docx', 'internal-comms', 'pdf', 'pptx', 'skill-creator', 'xlsx']

describe.each(ENGINES)('the demo on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let agent: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_DEMO: '1' } })
    admin = system.client(demoKeys.admin)
    alice = system.client(demoKeys.alice)
    agent = system.client(demoKeys.untrustedAgent)
  })
  afterAll(() => system.close())

  const files = async (client: GatewayClient, path: string) =>
    (await client.ok<{ files: string[] }>('list', { path })).files
  const skills = async (client: GatewayClient) =>
    (await client.ok<{ skills: { name: string; tier: string }[] }>('skills_list')).skills.map(({ name }) => name)

  it('has what existing clients expect of it', async () => {
    expect((await files(admin, '/')).length).toBeGreaterThanOrEqual(170)
    expect((await files(admin, '/tenant:default/user:admin/skill/')).length).toBeGreaterThanOrEqual(148)
    expect(await files(admin, '/tenant:default/user:admin/agent/')).toHaveLength(5)
    const listed = await admin.ok<{ count: number; skills: object[] }>('skills_list')
    expect(listed.count).toBe(6)
    expect(listed).not.toHaveProperty('invalid')
    for (const skill of listed.skills) {
      expect(skill).toMatchObject({ tier: 'personal', version: null, author: null, requires: [] })
      expect(skill).not.toHaveProperty('warnings')
    }
    expect(await skills(admin)).toEqual(SKILLS)
    expect(await admin.ok('list_workspaces')).toMatchObject([{ name: 'my workspace' }])
    expect(await admin.ok('list_agents')).toMatchObject([
      { agent_id: 'admin,ImpersonatedUser', user_id: 'admin', has_api_key: false, inherit_permissions: true },
      { agent_id: 'admin,UntrustedAgent', user_id: 'admin', has_api_key: true, inherit_permissions: false },
    ])
    expect(await admin.ok('rebac_list_tuples', { subject_type: 'agent', subject_id: 'admin' })).toEqual([])
  })

  it('alice sees a part of it', async () => {
    expect(await skills(alice)).toEqual(['meeting-notes', 'pdf', 'xlsx'])
    const seen = await files(alice, '/')
    expect(seen.some((path) => path.startsWith('/tenant:default/user:admin/skill/pdf/'))).toBe(true)
    expect(seen.some((path) => path.startsWith('/tenant:default/resource/'))).toBe(true)
    expect(seen.some((path) => path.startsWith('/tenant:default/user:alice/'))).toBe(true)
    expect(seen.some((path) => path.includes('/skill/docx'))).toBe(false)
    expect(await alice.code('read', { path: '/tenant:default/user:admin/skill/docx/SKILL.md' })).toBe(-32004)
    expect(await alice.ok('list_workspaces')).toHaveLength(1)
  })

  it('agents have what they were given', async () => {
    expect(await skills(agent)).toEqual(['skill-creator'])
    const as = (name: string) => system.client(demoKeys.admin, { 'x-agent-id': `admin,${name}` })
    expect(await skills(as('ImpersonatedUser'))).toEqual(SKILLS)
    expect(await skills(as('UntrustedAgent'))).toEqual(['skill-creator'])
    expect(await agent.code('read', { path: '/tenant:default/user:admin/agent/UntrustedAgent/config.yaml' })).toBe(0)
    expect(await agent.code('read', { path: '/tenant:default/user:admin/agent/ImpersonatedUser/config.yaml' })).toBe(
      -32004,
    )
  })

  it('few relationships carry it all', async () => {
    expect((await admin.ok<object[]>('rebac_list_tuples')).length).toBeLessThan(25)
  })

  it('is made once, and completed by a newer program without touching what people changed', async () => {
    const readme = '/tenant:default/user:admin/workspace/ws_my_workspace/README.md'
    await admin.ok('write', { path: readme, content: 'mine' })
    const state = async () => [
      await system.client(demoKeys.admin).ok('list', { path: '/', details: true }),
      await system.client(demoKeys.admin).ok('rebac_list_tuples'),
      await system.client(demoKeys.admin).ok('list_agents'),
      await system.db.read(() => first('select count(*) as keys from api_keys')),
    ]
    const before = await state()
    await system.restartGateway()
    expect(await state()).toEqual(before)
    await system.db.write('setDemoVersion', 'an older one')
    await system.restartGateway()
    expect(await state()).toEqual(before)
  })
})
