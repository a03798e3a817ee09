import { rolesWith } from '../../../support/actors.ts'
import { NOTHING } from './matrix-row.ts'
import type { MatrixFacts } from './matrix-facts.ts'
import { EVERYBODY, type RoleCase } from './role-case.ts'

type Rows = Readonly<Record<string, RoleCase<MatrixFacts>>>
const OWNERS = rolesWith('own')
/** Each in his own tenant. */
const ADMINS = ['admin', 'foreignAdmin'] as const
const config = { relations: { owner: {} } }
const itself = <T>(result: T): T => result
const count = (list: readonly unknown[]): number => list.length
const isThere = (result: unknown): boolean => result !== null

/** Who owns a file manages its links; a link opens the file for whoever has it. */
const LINKS: Rows = {
  access_share_link: { params: async (facts) => ({ link_id: await facts.link() }), allowed: EVERYBODY },
  get_share_link: {
    params: async (facts) => ({ link_id: await facts.link() }),
    allowed: OWNERS,
    done: true,
    refused: false,
    seen: isThere,
  },
  get_share_link_access_logs: {
    params: async (facts) => ({ link_id: await facts.visitedLink() }),
    allowed: OWNERS,
    done: 1,
    refused: 0,
    seen: count,
  },
  revoke_share_link: {
    params: async (facts) => ({ link_id: await facts.link() }),
    allowed: OWNERS,
    done: true,
    refused: false,
    seen: itself,
  },
}

/** What is not one's own is answered as what is not there. */
const RELATIONSHIPS: Rows = {
  rebac_delete: {
    params: async (facts) => ({ tuple_id: await facts.relationship() }),
    allowed: OWNERS,
    done: true,
    refused: false,
    seen: itself,
  },
  revoke_share_by_id: {
    params: async (facts) => ({ share_id: await facts.share() }),
    allowed: OWNERS,
    done: true,
    refused: false,
    seen: itself,
  },
  list_incoming_shares: { params: () => ({}), allowed: EVERYBODY },
  'list_incoming_shares: of somebody else': {
    params: async (facts) => {
      await facts.share()
      return { user_id: 'guest' }
    },
    allowed: ['admin'],
    done: true,
    // The guest of another tenant has its name only.
    otherwise: { foreignAdmin: false },
    seen: (shares: readonly unknown[]) => shares.length > 0,
  },
}

/** The owner is asked for; his agents are not he, and in another tenant there is another of his name. */
const CONSENT: Rows = {
  grant_consent: {
    params: () => ({ from_subject: ['user', 'olga'], to_subject: ['user', 'guest'] }),
    allowed: ['owner', 'foreigner', ...ADMINS],
  },
  revoke_consent: {
    params: () => ({ from_subject: ['user', 'olga'], to_subject: ['user', 'nobody'] }),
    allowed: ['owner', 'foreigner', ...ADMINS],
    done: false,
    seen: itself,
  },
}

/** Read by everybody in the tenant, changed by its administrators. */
const TENANT: Rows = {
  namespace_create: {
    params: (facts) => ({ object_type: facts.unusedType(), config }),
    allowed: ADMINS,
  },
  register_namespace: {
    params: (facts) => ({ namespace: { object_type: facts.unusedType(), config } }),
    allowed: ADMINS,
  },
  namespace_delete: {
    params: async (facts) => ({ object_type: await facts.namespace() }),
    allowed: ['admin'],
    done: true,
    otherwise: { foreignAdmin: false },
    seen: itself,
  },
  ...Object.fromEntries(
    ['namespace_get', 'get_namespace'].map((name) => [
      name,
      {
        params: async (facts: MatrixFacts) => ({ object_type: await facts.namespace() }),
        allowed: EVERYBODY,
        done: true,
        otherwise: { foreigner: false, foreignAdmin: false },
        seen: isThere,
      },
    ]),
  ),
  namespace_list: {
    params: async (facts) => {
      await facts.namespace()
      return {}
    },
    allowed: EVERYBODY,
    done: true,
    otherwise: { foreigner: false, foreignAdmin: false },
    seen: (list: readonly { readonly object_type: string }[]) =>
      list.some(({ object_type: type }) => type.startsWith('note')),
  },
  get_rebac_option: { params: () => ({ key: 'max_depth' }), allowed: EVERYBODY },
  set_rebac_option: { params: () => ({ key: 'max_depth', value: 0 }), allowed: ADMINS },
  apply_dynamic_viewer_filter: {
    params: () => ({ data: 'a,b\n1,2\n', column_config: { hidden_columns: ['b'] } }),
    allowed: EVERYBODY,
  },
}

/** Known to those who may write where it stood, to others as if there were nothing. */
const TRASH: Rows = {
  'trash_list: of what was deleted': {
    params: async (facts) => ({ path: await facts.deleted() }),
    allowed: rolesWith('write'),
    done: 1,
    refused: 0,
    seen: ({ items }: { items: readonly unknown[] }) => items.length,
  },
  trash_restore: {
    params: async (facts) => ({ trash_id: await facts.trash() }),
    allowed: rolesWith('write'),
    refused: NOTHING,
  },
  trash_purge: {
    params: async (facts) => ({ trash_id: await facts.trash() }),
    allowed: OWNERS,
    refused: NOTHING,
    otherwise: { editor: -32004 },
  },
}

/** Methods about what is shared, of a tenant, or in its trash. */
export const SHARING_ROWS: Rows = { ...LINKS, ...RELATIONSHIPS, ...CONSENT, ...TENANT, ...TRASH }
