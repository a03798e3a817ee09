import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servedCatalogue } from '../../../gateway/rpc/catalogue.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:olga'
const DENIED = -32004
const UNKNOWN = -32000

/** The owner is the user whom everything is about; the others have their rights on the owner's home. */
const ROLES = [
  'owner',
  'editor',
  'viewer',
  'member',
  'inheritingAgent',
  'plainAgent',
  'stranger',
  'foreigner',
  'foreignAdmin',
  'admin',
] as const
type Role = (typeof ROLES)[number]

interface Case {
  readonly params: (made: { readonly user: string; readonly agent: string; readonly keyId: string }) => object
  /** Who may; what a call comes to by role, where that is not a denial or a success. */
  readonly allowed: readonly Role[]
  readonly otherwise?: Partial<Readonly<Record<Role, unknown>>>
  /** What counts of a result. @default 0 */
  readonly seen?: (result: never) => unknown
}

/** Being an agent, or having rights on the home of somebody, makes nobody that somebody. */
const MATRIX: Readonly<Record<string, Case>> = {
  list_agents: {
    params: () => ({}),
    allowed: ROLES,
    otherwise: {
      owner: 'all',
      admin: 'all',
      inheritingAgent: 'itself',
      plainAgent: 'itself',
      editor: 'none',
      viewer: 'none',
      member: 'none',
      stranger: 'none',
      foreigner: 'none',
      foreignAdmin: 'none',
    },
    seen: (agents: { user_id: string }[]) => {
      const seen = agents.filter((agent) => agent.user_id === 'olga').length
      return seen === 0 ? 'none' : seen === 1 ? 'itself' : 'all'
    },
  },
  get_agent: {
    params: () => ({ agent_id: 'olga,plain' }),
    allowed: ['owner', 'admin', 'plainAgent'],
    otherwise: {
      editor: null,
      viewer: null,
      member: null,
      inheritingAgent: null,
      stranger: null,
      foreigner: null,
      foreignAdmin: null,
    },
    seen: (agent: object | null) => (agent === null ? null : 0),
  },
  register_agent: {
    params: ({ agent }) => ({ agent_id: `${agent}x`, name: 'x' }),
    allowed: ['owner', 'admin', 'foreigner', 'foreignAdmin'],
  },
  update_agent: {
    params: ({ agent }) => ({ agent_id: agent, description: 'new' }),
    allowed: ['owner', 'admin'],
    otherwise: { foreigner: UNKNOWN, foreignAdmin: UNKNOWN },
  },
  delete_agent: {
    params: ({ agent }) => ({ agent_id: agent }),
    allowed: ['owner', 'admin'],
    otherwise: { owner: true, admin: true, foreigner: false, foreignAdmin: false },
    seen: (deleted: boolean) => deleted,
  },
  provision_user: {
    params: () => ({
      user_id: 'olga',
      tenant_id: 'acme',
      create_api_key: false,
      create_agents: false,
      import_skills: false,
    }),
    allowed: ['owner', 'admin'],
  },
  deprovision_user: { params: ({ user }) => ({ user_id: user, tenant_id: 'acme' }), allowed: ['admin'] },
  admin_create_key: { params: () => ({ user_id: 'new', name: 'k', tenant_id: 'acme' }), allowed: ['admin'] },
  admin_list_keys: { params: () => ({ tenant_id: 'acme' }), allowed: ['admin'] },
  admin_get_key: {
    params: ({ keyId }) => ({ key_id: keyId }),
    allowed: ['admin'],
    otherwise: { foreignAdmin: UNKNOWN },
  },
  admin_update_key: {
    params: ({ keyId }) => ({ key_id: keyId, name: 'n' }),
    allowed: ['admin'],
    otherwise: { foreignAdmin: UNKNOWN },
  },
  admin_rotate_key: {
    params: ({ keyId }) => ({ key_id: keyId }),
    allowed: ['admin'],
    otherwise: { foreignAdmin: UNKNOWN },
  },
  admin_revoke_key: {
    params: ({ keyId }) => ({ key_id: keyId }),
    allowed: ['admin'],
    otherwise: { foreignAdmin: UNKNOWN },
  },
  audit_list: { params: () => ({ tenant_id: 'acme' }), allowed: ['admin'] },
}

describe.each(ENGINES)('who may do what to accounts on %s', (engine) => {
  let system: TestSystem
  let made = 0
  const clients = new Map<string, GatewayClient>()
  const as = (role: string): GatewayClient => {
    const client = clients.get(role)
    if (client === undefined) throw new Error(role)
    return client
  }

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    clients.set('admin', admin)
    clients.set('foreignAdmin', await system.as('olga', { tenant: 'other', isAdmin: true }))
    clients.set('foreigner', await system.as('olga', { tenant: 'other' }))
    for (const [role, user] of [
      ['owner', 'olga'],
      ['editor', 'ed'],
      ['viewer', 'vera'],
      ['member', 'max'],
      ['stranger', 'sam'],
    ] as const) {
      clients.set(role, await system.as(user))
    }
    await as('owner').ok('provision_user', { user_id: 'olga', create_agents: false, import_skills: false })
    for (const [role, name, inherits] of [
      ['inheritingAgent', 'heir', true],
      ['plainAgent', 'plain', false],
    ] as const) {
      const params = { agent_id: `olga,${name}`, name, generate_api_key: true, inherit_permissions: inherits }
      const { api_key: key = '' } = await as('owner').ok<{ api_key?: string }>('register_agent', params)
      clients.set(role, system.client(key))
    }
    const grant = (subject: readonly string[], relation: string, object: readonly string[]) =>
      admin.ok('rebac_create', { subject, relation, object })
    await grant(['user', 'ed'], 'direct_editor', ['file', HOME])
    await grant(['user', 'vera'], 'direct_viewer', ['file', HOME])
    await grant(['user', 'max'], 'member', ['group', 'eng'])
    await grant(['group', 'eng', 'member'], 'direct_viewer', ['file', HOME])
  })
  afterAll(() => system.close())

  /** A user, an agent of the owner's and a key that may be changed and deleted. */
  async function fresh() {
    const number = ++made
    const agent = `olga,temp${number}`
    await as('owner').ok('register_agent', { agent_id: agent, name: 'temp' })
    const { keyId } = await system.makeKey(`temp${number}`)
    return { user: `temp${number}`, agent, keyId }
  }

  it('has a row for every method of agents, people and keys', () => {
    const { agents, people, keys } = servedCatalogue
    const names = [...agents, ...people, ...keys, 'admin_rotate_key', 'audit_list']
    expect(Object.keys(MATRIX).toSorted()).toEqual(names.toSorted())
  })

  it.each(Object.entries(MATRIX))('%s', async (method, { params, allowed, otherwise = {}, seen = () => 0 }) => {
    const table: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const role of ROLES) {
      const { error, result } = await as(role).call(method, params(await fresh()))
      table[role] = error?.code ?? seen(result as never)
      expected[role] = role in otherwise ? otherwise[role] : allowed.includes(role) ? 0 : DENIED
    }
    expect(table).toEqual(expected)
    const anonymous = await system.client(null).call(method, params(await fresh()))
    expect([anonymous.status, anonymous.result]).toEqual([401, undefined])
  })

  it("an agent acts with its own rights and, only where it inherits, with its owner's", async () => {
    const path = `${HOME}/private.txt`
    await as('owner').ok('write', { path, content: 'x' })
    const codes = await Promise.all(
      ['owner', 'inheritingAgent', 'plainAgent', 'editor', 'viewer', 'member', 'stranger', 'foreigner'].map(
        async (role) => [
          role,
          await as(role).code('read', { path }),
          await as(role).code('write', { path, content: 'x' }),
        ],
      ),
    )
    expect(codes).toEqual([
      ['owner', 0, 0],
      ['inheritingAgent', 0, 0],
      ['plainAgent', DENIED, DENIED],
      ['editor', 0, 0],
      ['viewer', 0, DENIED],
      ['member', 0, DENIED],
      ['stranger', DENIED, DENIED],
      ['foreigner', DENIED, DENIED],
    ])
  })
})
