import type { RoleCase } from './role-case.ts'

const UNKNOWN = -32000

/** What may be changed and deleted for one call: a user, an agent of the owner's, and a key. */
interface AccountFacts {
  readonly user: string
  readonly agent: string
  readonly keyId: string
}

const ofKey = {
  allowed: ['admin'],
  // Who administers another tenant is told that there is no such key.
  otherwise: { foreignAdmin: UNKNOWN },
} as const

/**
 * Methods of agents, people and keys. Being an agent, or having rights on the home of somebody, makes nobody that
 * somebody.
 */
export const ACCOUNT_ROWS: Readonly<Record<string, RoleCase<AccountFacts>>> = {
  list_agents: {
    params: () => ({}),
    allowed: ['owner', 'admin'],
    done: 'all',
    refused: 'none',
    otherwise: { inheritingAgent: 'itself', plainAgent: 'itself', grantedAgent: 'itself' },
    seen: (agents: { user_id: string }[]) => {
      const seen = agents.filter((agent) => agent.user_id === 'olga').length
      return seen === 0 ? 'none' : seen === 1 ? 'itself' : 'all'
    },
  },
  get_agent: {
    params: () => ({ agent_id: 'olga,plain' }),
    allowed: ['owner', 'admin', 'plainAgent'],
    done: 'olga,plain',
    refused: null,
    seen: (agent: { agent_id: string } | null) => agent?.agent_id ?? null,
  },
  register_agent: {
    params: ({ agent }) => ({ agent_id: `${agent}x`, name: 'x' }),
    // The foreigner has the owner's name, and makes an agent in a tenant of his own.
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
    done: true,
    otherwise: { foreigner: false, foreignAdmin: false },
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
  'admin_create_key: in the tenant of the caller': {
    params: () => ({ user_id: 'new', name: 'k' }),
    allowed: ['admin', 'foreignAdmin'],
  },
  admin_list_keys: { params: () => ({ tenant_id: 'acme' }), allowed: ['admin'] },
  admin_get_key: { params: ({ keyId }) => ({ key_id: keyId }), ...ofKey },
  admin_update_key: { params: ({ keyId }) => ({ key_id: keyId, name: 'n' }), ...ofKey },
  admin_rotate_key: { params: ({ keyId }) => ({ key_id: keyId }), ...ofKey },
  admin_revoke_key: { params: ({ keyId }) => ({ key_id: keyId }), ...ofKey },
  audit_list: { params: () => ({ tenant_id: 'acme' }), allowed: ['admin'] },
}
