import { rolesWith } from '../../../support/actors.ts'
import type { MatrixFacts } from './matrix-facts.ts'
import { EVERYBODY, type RoleCase } from './role-case.ts'

type Rows = Readonly<Record<string, RoleCase<MatrixFacts>>>
const [READERS, WRITERS, OWNERS] = [rolesWith('read'), rolesWith('write'), rolesWith('own')]
const itself = <T>(result: T): T => result
const isThere = (result: unknown): boolean => result !== null

/** Directories that are registered; path-rows.ts has what the same methods say of those that are not. */
const WORKSPACES: Rows = {
  list_workspaces: {
    params: async (facts) => {
      await facts.workspace()
      return {}
    },
    allowed: READERS,
    done: true,
    refused: false,
    seen: (list: readonly unknown[]) => list.length > 0,
  },
  list_registered_memories: {
    params: async (facts) => {
      await facts.memory()
      return {}
    },
    allowed: READERS,
    done: true,
    refused: false,
    seen: (list: readonly unknown[]) => list.length > 0,
  },
  'get_workspace_info: of a workspace': {
    params: async (facts) => ({ path: await facts.workspace() }),
    allowed: READERS,
    done: true,
    refused: false,
    seen: isThere,
  },
  'get_memory_info: of a memory': {
    params: async (facts) => ({ path: await facts.memory() }),
    allowed: READERS,
    done: true,
    refused: false,
    seen: isThere,
  },
  'update_workspace: a workspace': {
    params: async (facts) => ({ path: await facts.workspace(), name: 'new' }),
    allowed: OWNERS,
  },
  'unregister_workspace: a workspace': {
    params: async (facts) => ({ path: await facts.workspace() }),
    allowed: OWNERS,
    done: true,
    seen: itself,
  },
  'unregister_memory: a memory': {
    params: async (facts) => ({ path: await facts.memory() }),
    allowed: OWNERS,
    done: true,
    seen: itself,
  },
  'workspace_snapshot: of a workspace': {
    params: async (facts) => ({ workspace_path: await facts.workspace() }),
    allowed: WRITERS,
  },
  'workspace_restore: of a workspace': {
    params: async (facts) => ({ workspace_path: await facts.workspace(), snapshot_number: 1 }),
    allowed: WRITERS,
  },
  'workspace_log: of a workspace': {
    params: async (facts) => ({ workspace_path: await facts.workspace() }),
    allowed: READERS,
    done: 2,
    seen: (list: readonly unknown[]) => list.length,
  },
  'workspace_diff: of a workspace': {
    params: async (facts) => ({ workspace_path: await facts.workspace(), snapshot_1: 1, snapshot_2: 2 }),
    allowed: READERS,
    done: 1,
    seen: ({ modified }: { modified: readonly unknown[] }) => modified.length,
  },
}

const same = (params: object = {}): RoleCase<MatrixFacts> => ({ params: () => params, allowed: EVERYBODY })

/** What is about no file of anybody's. */
const SERVER: Rows = {
  get_available_namespaces: {
    params: () => ({}),
    allowed: EVERYBODY,
    done: false,
    otherwise: { admin: true, foreignAdmin: true },
    seen: ({ namespaces }: { namespaces: readonly string[] }) => namespaces.includes('system'),
  },
  semantic_search_index: same(),
  // How much there is of what they cannot see is no business of the tenant's people.
  semantic_search_stats: { params: () => ({}), allowed: ['admin', 'foreignAdmin'] },
  skills_validate_zip: same({ zip_data: '' }),
  oauth_list_credentials: same(),
  oauth_list_providers: same(),
  query_memories: same(),
  sandbox_list: same(),
  sandbox_get_or_create: { params: () => ({ name: 'work' }), allowed: [], refused: -32602 },
}

/** Methods about registered directories, and about the server. */
export const WORKSPACE_ROWS: Rows = { ...WORKSPACES, ...SERVER }
