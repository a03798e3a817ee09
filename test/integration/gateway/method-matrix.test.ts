import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servedCatalogue } from '../../../gateway/rpc/catalogue.ts'
import type { GatewayClient, RpcAnswer } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import {
  DENIED,
  EXISTS,
  NOTHING,
  NOT_EMPTY,
  type Outcomes,
  type Right,
  type Row,
  WRONG,
  WRONG_KIND,
} from './support/matrix-row.ts'
import { PERMISSION_ROWS } from './support/permission-rows.ts'

const SHARED = '/tenant:acme/shared'
const ROLES = {
  owner: ['read', 'write', 'own'],
  editor: ['read', 'write'],
  viewer: ['read'],
  member: ['read'],
  agent: ['read'],
  stranger: [],
  foreigner: [],
  admin: ['read', 'write', 'own'],
} as const satisfies Record<string, readonly Right[]>
type Role = keyof typeof ROLES

const only = (path: string): object => ({ path })
const nothing: Outcomes = [false, false, false]
const byPath = (result: Record<string, unknown>, path: string): unknown => result[path] ?? false
const isThere = (result: Record<string, unknown>, path: string): boolean => byPath(result, path) !== false
const succeeded = (result: Record<string, { success: boolean }>, path: string): unknown => result[path]?.success

const MATRIX: Readonly<Record<string, Row>> = {
  read: { params: only, needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  read_range: { params: (path) => ({ path, start: 0, end: 1 }), needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  stream: { params: only, needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  stat: { params: only, needs: 'read', allowed: [0, 0, NOTHING] },
  list_versions: { params: only, needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  get_version: { params: (path) => ({ path, version: 1 }), needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  diff_versions: { params: (path) => ({ path, v1: 1, v2: 1 }), needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },

  exists: {
    params: only,
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: ({ exists }: { exists: boolean }) => exists,
  },
  is_directory: {
    params: only,
    needs: 'read',
    allowed: [false, true, false],
    denied: nothing,
    seen: (result: { is_directory: boolean }) => result.is_directory,
  },
  get_metadata: {
    params: only,
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: ({ metadata }: { metadata: unknown }) => metadata !== null,
  },
  get_etag: {
    params: only,
    needs: 'read',
    allowed: [true, false, false],
    denied: nothing,
    seen: ({ etag }: { etag: unknown }) => etag !== null,
  },
  exists_batch: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: byPath,
  },
  metadata_batch: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: isThere,
  },
  stat_bulk: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: isThere,
  },
  batch_get_content_ids: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, false, false],
    denied: nothing,
    seen: isThere,
  },
  read_bulk: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, false, false],
    denied: nothing,
    seen: isThere,
  },
  list: {
    params: only,
    needs: 'read',
    allowed: [0, 1, 0],
    denied: [0, 0, 0],
    seen: ({ files }: { files: unknown[] }) => files.length,
  },
  glob: {
    params: (path) => ({ path, pattern: '**' }),
    needs: 'read',
    allowed: [0, 1, 0],
    denied: [0, 0, 0],
    seen: ({ matches }: { matches: unknown[] }) => matches.length,
  },
  glob_batch: {
    params: (path) => ({ path, patterns: ['*'] }),
    needs: 'read',
    allowed: [0, 1, 0],
    denied: [0, 0, 0],
    seen: (result: Record<string, unknown[]>) => result['*']?.length,
  },
  grep: {
    params: (path) => ({ path, pattern: 'text' }),
    needs: 'read',
    allowed: [1, 1, 0],
    denied: [0, 0, 0],
    seen: ({ results }: { results: unknown[] }) => results.length,
  },
  search: {
    params: (path) => ({ path, query: 'text' }),
    needs: 'read',
    allowed: [1, 1, 0],
    denied: [0, 0, 0],
    seen: ({ results }: { results: unknown[] }) => results.length,
  },
  semantic_search: {
    params: (path) => ({ path, query: 'text' }),
    needs: 'read',
    allowed: [1, 1, 0],
    denied: [0, 0, 0],
    seen: (results: unknown[]) => results.length,
  },
  trash_list: {
    params: only,
    needs: 'read',
    allowed: [0, 0, 0],
    denied: [0, 0, 0],
    seen: ({ items }: { items: unknown[] }) => items.length,
  },

  write: { params: (path) => ({ path, content: 'new' }), needs: 'write', allowed: [0, EXISTS, 0], changes: true },
  write_stream: {
    params: (path) => ({ path, chunks: ['new'] }),
    needs: 'write',
    allowed: [0, EXISTS, 0],
    changes: true,
  },
  write_batch: {
    params: (path, other) => ({
      files: [
        [path, 'new'],
        [other, 'new'],
      ],
    }),
    needs: 'write',
    allowed: [0, EXISTS, 0],
    changes: true,
  },
  append: {
    params: (path) => ({ path, content: 'new' }),
    needs: 'write',
    allowed: [0, WRONG_KIND, 0],
    toReaders: [DENIED, WRONG_KIND, DENIED],
    changes: true,
  },
  edit: {
    params: (path) => ({ path, edits: [{ old_str: 'text', new_str: 'new' }] }),
    needs: 'write',
    allowed: [0, WRONG_KIND, NOTHING],
    toReaders: [DENIED, WRONG_KIND, NOTHING],
    changes: true,
  },
  rollback: {
    params: (path) => ({ path, version: 1 }),
    needs: 'write',
    allowed: [0, WRONG_KIND, NOTHING],
    changes: true,
  },
  copy: {
    params: (path, other) => ({ src_path: path, dst_path: other }),
    needs: 'write',
    allowed: [0, WRONG_KIND, NOTHING],
    toReaders: [DENIED, WRONG_KIND, NOTHING],
    changes: true,
  },
  rename: {
    params: (path, other) => ({ old_path: path, new_path: other }),
    needs: 'write',
    allowed: [0, 0, NOTHING],
    changes: true,
  },
  rename_bulk: {
    params: (path, other) => ({ renames: [[path, other]] }),
    needs: 'write',
    allowed: [true, true, false],
    denied: nothing,
    seen: succeeded,
    changes: true,
  },
  mkdir: { params: only, needs: 'write', allowed: [EXISTS, EXISTS, 0], changes: true },
  delete: { params: only, needs: 'write', allowed: [0, NOT_EMPTY, NOTHING], changes: true },
  rmdir: {
    params: (path) => ({ path, recursive: true }),
    needs: 'write',
    allowed: [WRONG_KIND, 0, NOTHING],
    changes: true,
  },
  delete_bulk: {
    params: (path) => ({ paths: [path], recursive: true }),
    needs: 'write',
    allowed: [true, true, false],
    denied: nothing,
    seen: succeeded,
    changes: true,
  },
  workspace_snapshot: {
    params: (path) => ({ workspace_path: path }),
    needs: 'write',
    allowed: [WRONG, WRONG, WRONG],
  },
  workspace_restore: {
    params: (path) => ({ workspace_path: path, snapshot_number: 1 }),
    needs: 'write',
    allowed: [WRONG, WRONG, WRONG],
  },
  workspace_log: { params: (path) => ({ workspace_path: path }), needs: 'read', allowed: [WRONG, WRONG, WRONG] },
  workspace_diff: {
    params: (path) => ({ workspace_path: path, snapshot_1: 1, snapshot_2: 2 }),
    needs: 'read',
    allowed: [WRONG, WRONG, WRONG],
  },

  register_workspace: {
    params: only,
    needs: 'own',
    allowed: [EXISTS, 0, 0],
    // Who makes the directory owns it.
    toEditors: [EXISTS, DENIED, 0],
    changes: true,
  },
  register_memory: {
    params: only,
    needs: 'own',
    allowed: [EXISTS, 0, 0],
    // Who makes the directory owns it.
    toEditors: [EXISTS, DENIED, 0],
    changes: true,
  },
  update_workspace: {
    params: (path) => ({ path, name: 'new' }),
    needs: 'own',
    allowed: [WRONG, WRONG, WRONG],
  },
  unregister_workspace: {
    params: only,
    needs: 'own',
    allowed: [false, false, false],
    seen: (result: boolean) => result,
  },
  unregister_memory: { params: only, needs: 'own', allowed: [false, false, false], seen: (result: boolean) => result },
  get_workspace_info: {
    params: only,
    needs: 'read',
    allowed: [null, null, null],
    denied: [null, null, null],
    seen: (result: unknown) => result,
  },
  get_memory_info: {
    params: only,
    needs: 'read',
    allowed: [null, null, null],
    denied: [null, null, null],
    seen: (result: unknown) => result,
  },
  ...PERMISSION_ROWS,
}

/** Methods that are not about a path that the caller names. */
const WITHOUT_PATH: readonly string[] = [
  'access_share_link',
  'get_share_link',
  'get_share_link_access_logs',
  'revoke_share_link',
  'audit_list',
  'deprovision_user',
  'provision_user',
  'admin_create_key',
  'admin_get_key',
  'admin_list_keys',
  'admin_revoke_key',
  'admin_rotate_key',
  'admin_update_key',
  'delete_agent',
  'get_agent',
  'register_agent',
  'update_agent',
  'apply_dynamic_viewer_filter',
  'get_available_namespaces',
  'get_namespace',
  'get_rebac_option',
  'grant_consent',
  'list_agents',
  'list_incoming_shares',
  'list_mounts',
  'list_registered_memories',
  'list_workspaces',
  'oauth_list_credentials',
  'oauth_list_providers',
  'query_memories',
  'namespace_create',
  'namespace_delete',
  'namespace_get',
  'namespace_list',
  'rebac_delete',
  'semantic_search_index',
  'semantic_search_stats',
  'register_namespace',
  'revoke_consent',
  'revoke_share_by_id',
  'sandbox_get_or_create',
  'set_rebac_option',
  'sandbox_list',
  // These have a matrix of their own.
  ...servedCatalogue.skills,
  'trash_purge',
  'trash_restore',
]

/** Methods of mounts: mounts/matrix.test.ts. */
const OF_MOUNTS = [
  'add_mount',
  'cancel_sync_job',
  'delete_connector',
  'delete_saved_mount',
  'get_mount',
  'get_sync_job',
  'has_mount',
  'list_connectors',
  'list_saved_mounts',
  'list_sync_jobs',
  'load_mount',
  'remove_mount',
  'save_mount',
  'sync_mount',
  'sync_mount_async',
]

function expectedOf(row: Row, rights: readonly Right[]): Outcomes {
  const { needs, allowed, denied = [DENIED, DENIED, DENIED], toReaders = denied, toEditors = denied } = row
  if (rights.includes(needs)) return allowed
  if (rights.includes('write')) return toEditors
  return rights.includes('read') ? toReaders : denied
}

describe.each(ENGINES)('each method, for each caller and whatever is there, on %s', (engine) => {
  let system: TestSystem
  let scratch = 0
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
    clients.set('foreigner', await system.as('olga', { tenant: 'other', isAdmin: true }))
    for (const [role, user] of [
      ['owner', 'olga'],
      ['editor', 'ed'],
      ['viewer', 'vera'],
      ['member', 'max'],
      ['stranger', 'sam'],
    ] as const) {
      clients.set(role, await system.as(user))
    }
    await system.makeAgent('olga,reader', { inherits: false })
    clients.set('agent', await system.as('olga', { subjectType: 'agent', subjectId: 'olga,reader' }))
    const grant = (subject: readonly string[], relation: string, object: readonly string[]) =>
      admin.ok('rebac_create', { subject, relation, object })
    await grant(['user', 'olga'], 'direct_owner', ['file', SHARED])
    await grant(['user', 'ed'], 'direct_editor', ['file', SHARED])
    await grant(['user', 'vera'], 'direct_viewer', ['file', SHARED])
    await grant(['user', 'max'], 'member', ['group', 'eng'])
    await grant(['group', 'eng', 'member'], 'direct_viewer', ['file', SHARED])
    await grant(['agent', 'olga,reader'], 'direct_viewer', ['file', SHARED])
    await make('all')
  })
  afterAll(() => system.close())

  /** A file, a directory with a file in it, and a path at which there is nothing. */
  async function make(name: string): Promise<readonly string[]> {
    const base = `${SHARED}/${name}`
    const files = ['file', 'directory/inside'].map((file) => [`${base}/${file}`, 'text'])
    await as('owner').ok('write_batch', { files })
    return [`${base}/file`, `${base}/directory`, `${base}/missing`]
  }

  it('has a row for every method that is about a path', async () => {
    const status = await (await as('owner').raw('/api/nfs/status')).json()
    const { methods } = status as { methods: string[] }
    expect([...Object.keys(MATRIX), ...WITHOUT_PATH, ...OF_MOUNTS].toSorted()).toEqual(methods.toSorted())
  })

  it.each(Object.entries(MATRIX))('%s', async (method, row) => {
    const outcome = ({ error, result }: RpcAnswer, path: string): unknown =>
      error?.code ?? (row.seen === undefined ? 0 : row.seen(result as never, path))
    const table: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const [role, rights] of Object.entries(ROLES) as [Role, readonly Right[]][]) {
      const paths = await make(row.changes === true ? `${method}-${role}` : 'all')
      const outcomes: unknown[] = []
      for (const path of paths) {
        const other = `${SHARED}/${row.changes === true ? `${method}-${role}` : 'all'}/other-${scratch++}`
        outcomes.push(outcome(await as(role).call(method, row.params(path, other)), path))
      }
      table[role] = outcomes
      expected[role] = expectedOf(row, rights)
    }
    expect(table).toEqual(expected)
    const anonymous = await system.client(null).call(method, row.params(`${SHARED}/all/file`, `${SHARED}/x`))
    expect([anonymous.status, anonymous.result]).toEqual([401, undefined])
  })

  it.each([
    ['GET', 'read', [200, 400, 404]],
    ['HEAD', 'read', [200, 400, 404]],
    ['PUT', 'write', [200, 409, 201]],
  ] as const)('%s /api/files', async (method, needs, allowed) => {
    for (const [role, rights] of Object.entries(ROLES) as [Role, readonly Right[]][]) {
      const statuses: number[] = []
      for (const path of await make(`${method}-${role}`)) {
        const body = method === 'PUT' ? { body: 'new' } : {}
        statuses.push((await as(role).raw(`/api/files${path}`, { method, ...body })).status)
      }
      expect([role, statuses]).toEqual([role, rights.includes(needs) ? allowed : [403, 403, 403]])
    }
    expect((await system.client(null).raw(`/api/files${SHARED}/all/file`, { method })).status).toBe(401)
  })
})
