import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servedCatalogue } from '../../../gateway/rpc/catalogue.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { makeZip } from '../../support/zip.ts'

const HOME = '/tenant:acme/user:olga/skill'
const DENIED = -32004
/** What is not seen is not there. */
const UNKNOWN = -32005

type Right = 'read' | 'write' | 'own' | 'approve'
const ROLES = {
  owner: ['read', 'write', 'own'],
  editor: ['read', 'write'],
  viewer: ['read'],
  member: ['read'],
  heir: ['read', 'write', 'own'],
  agent: ['read'],
  plainAgent: [],
  approver: ['approve'],
  stranger: [],
  foreigner: [],
  admin: ['write', 'own', 'approve'],
} as const satisfies Record<string, readonly Right[]>
type Role = keyof typeof ROLES

interface Row {
  readonly params: (facts: { name: string; path: string; approval: string; who: string }) => object
  readonly needs: Right
  /** What one without any right is told. @default that it is not there */
  readonly hidden?: unknown
  /** What one is told who may read, but not do this. @default denied */
  readonly toReaders?: unknown
  readonly seen?: (result: never) => unknown
}

const zip_data = makeZip([['made/SKILL.md', '---\nname: made\ndescription: d\n---\n']]).toString('base64')
const byName = ({ name }: { name: string }) => ({ skill_name: name })
const byPath = ({ path }: { path: string }) => ({ skill_path: path })
const shareWith = ({ path }: { path: string }) => ({ skill_path: path, share_with: 'user:guest' })
const review = ({ approval, who }: { approval: string; who: string }) => ({ approval_id: approval, reviewed_by: who })
const unknown = { hidden: UNKNOWN }
const denied = { hidden: DENIED }

/** About somebody's skill. */
const MATRIX: Readonly<Record<string, Row>> = {
  skills_info: { params: byName, needs: 'read', ...unknown },
  skills_versions: { params: byName, needs: 'read', ...unknown },
  skills_usage: { params: byName, needs: 'read', ...unknown },
  skills_export: { params: byName, needs: 'read', ...unknown },
  skills_audit: { params: byName, needs: 'own', ...unknown },
  skills_load: { params: byPath, needs: 'read', ...denied },
  skills_subscribe: { params: byPath, needs: 'read', ...denied },
  skills_unsubscribe: { params: byPath, needs: 'read', ...denied },
  skills_share: { params: shareWith, needs: 'own', ...denied },
  skills_unshare: { params: shareWith, needs: 'own', ...denied },
  skills_submit_approval: {
    params: ({ name, who }) => ({ skill_name: name, submitted_by: who }),
    needs: 'write',
    ...unknown,
  },
  skills_approve: { params: review, needs: 'approve', hidden: UNKNOWN, toReaders: UNKNOWN },
  skills_reject: { params: review, needs: 'approve', hidden: UNKNOWN, toReaders: UNKNOWN },
  skills_list: { params: () => ({}), needs: 'read', hidden: 0 },
  skills_search: { params: ({ name }) => ({ query: name }), needs: 'read', hidden: 0 },
  skills_discover: { params: () => ({}), needs: 'read', hidden: 0 },
  skills_get_prompt_context: { params: () => ({}), needs: 'read', hidden: 0 },
  skills_list_approvals: { params: byName, needs: 'write', hidden: 0, toReaders: 0 },
}

/** Into the owner's personal tier, or into the tenant's. */
const MAKING: Readonly<Record<string, (tier: string, unique: string) => object>> = {
  skills_create: (tier, name) => ({ name, description: 'd', tier }),
  skills_create_from_content: (tier, name) => ({ name, description: 'd', content: 'c', tier }),
  skills_create_from_file: (tier, name) => ({ source: 'a.md', file_data: 'YQ==', name, tier }),
  skills_fork: (tier, name) => ({ source_name: 'base', target_name: name, tier }),
  skills_import: (tier) => ({ zip_data, tier, allow_overwrite: true }),
  skills_publish: (tier) => ({ skill_name: 'base', source_tier: 'system', target_tier: tier }),
}

describe.each(ENGINES)('who may do what with skills on %s', (engine) => {
  let system: TestSystem
  const clients = new Map<Role, GatewayClient>()
  const ids = new Map<Role, string>()
  const as = (role: Role): GatewayClient => {
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
      ['approver', 'ann'],
      ['stranger', 'sam'],
    ] as const)
      clients.set(role, await system.as(user)).get(role)
    for (const [role, name] of [
      ['heir', 'heir'],
      ['agent', 'reader'],
      ['plainAgent', 'plain'],
    ] as const) {
      await system.makeAgent(`olga,${name}`, { inherits: role === 'heir' })
      clients.set(role, await system.as('olga', { subjectType: 'agent', subjectId: `olga,${name}` }))
      ids.set(role, `olga,${name}`)
    }
    for (const [role, id] of Object.entries({
      owner: 'olga',
      editor: 'ed',
      viewer: 'vera',
      member: 'max',
      approver: 'ann',
      stranger: 'sam',
      foreigner: 'olga',
      admin: 'root',
    }))
      ids.set(role as Role, id)
    const grant = (subject: readonly string[], relation: string, object: readonly string[]) =>
      admin.ok('rebac_create', { subject, relation, object })
    await grant(['user', 'olga'], 'direct_owner', ['file', '/tenant:acme/user:olga'])
    await grant(['user', 'ed'], 'direct_editor', ['file', HOME])
    await grant(['user', 'vera'], 'direct_viewer', ['file', HOME])
    await grant(['user', 'max'], 'member', ['group', 'eng'])
    await grant(['group', 'eng', 'member'], 'direct_viewer', ['file', HOME])
    await grant(['agent', 'olga,reader'], 'direct_viewer', ['file', HOME])
    const chief = await system.as('chief', { isAdmin: true, isGlobalAdmin: true })
    await chief.ok('write', { path: '/skill/base/SKILL.md', content: '---\nname: base\ndescription: d\n---\n' })
  })
  afterAll(() => system.close())

  it('has a row for every method', () => {
    const rows = [...Object.keys(MATRIX), ...Object.keys(MAKING), 'skills_validate_zip']
    expect(rows.toSorted()).toEqual([...servedCatalogue.skills].toSorted())
  })

  it.each(Object.entries(MATRIX))('%s', async (method, row) => {
    const table: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const [role, rights] of Object.entries(ROLES) as [Role, readonly Right[]][]) {
      const name = `${method.replaceAll('_', '-')}-${role.toLowerCase()}`
      const path = `${HOME}/${name}`
      await as('owner').ok('skills_create', { name, description: 'Something' })
      await as('admin').ok('rebac_create', { subject: ['user', 'ann'], relation: 'approver', object: ['skill', path] })
      const { approval_id: approval } = await as('owner').ok<{ approval_id: string }>('skills_submit_approval', {
        skill_name: name,
        submitted_by: 'olga',
      })
      const params = row.params({ name, path, approval, who: ids.get(role) ?? '' })
      const { error, result } = await as(role).call(method, params)
      table[role] = error?.code ?? (typeof row.hidden === 'number' && row.hidden === 0 ? countOf(result, name) : 'done')
      expected[role] = outcomeOf(method, row, role, rights)
      await as('owner').ok('rmdir', { path, recursive: true })
    }
    expect(table).toEqual(expected)
    const nobody = await system
      .client(null)
      .call(method, row.params({ name: 'x', path: HOME, approval: 'x', who: 'x' }))
    expect(nobody.status).toBe(401)
  })

  it.each(Object.entries(MAKING))('%s', async (method, params) => {
    const table: Record<string, unknown> = {}
    for (const role of Object.keys(ROLES) as Role[]) {
      const into = async (tier: string) =>
        (await as(role).call(method, params(tier, `${tier}-${role.toLowerCase()}-${method.length}`))).error?.code ??
        'done'
      table[role] = [await into('personal'), await into('tenant'), await into('system')]
    }
    // It is there already: whoever asks, there is nothing to publish.
    const server = method === 'skills_publish' ? UNKNOWN : DENIED
    const none = [DENIED, DENIED, server]
    expect(table).toEqual({
      owner: ['done', DENIED, server],
      heir: ['done', DENIED, server],
      // The home of each of these is not theirs until somebody grants it.
      editor: none,
      viewer: none,
      member: none,
      agent: none,
      plainAgent: none,
      approver: none,
      stranger: none,
      foreigner: ['done', 'done', server],
      // An administrator of a tenant writes all of it, and nothing of the server's.
      admin: ['done', 'done', server],
    })
    expect((await system.client(null).call(method, params('personal', 'x'))).status).toBe(401)
  })
})

/** How often a skill stands in a list. */
function countOf(result: unknown, name: string): number {
  const lists = Object.values(result as Record<string, unknown>).filter(Array.isArray) as Record<string, unknown>[][]
  return lists.flat().filter((item) => item['name'] === name || item['skill_name'] === name).length
}

function outcomeOf(method: string, row: Row, role: Role, rights: readonly Right[]): unknown {
  const isList = row.hidden === 0
  const done = isList ? 1 : 'done'
  // Being an administrator opens files, but does not make others' personal skills one's own.
  if (role === 'admin') {
    if (method === 'skills_list_approvals') return 1
    if (isList || row.hidden === UNKNOWN) return row.needs === 'approve' ? 'done' : isList ? 0 : UNKNOWN
    return 'done'
  }
  if (role === 'approver' && method === 'skills_list_approvals') return 1
  if (rights.includes(row.needs)) return done
  if (row.needs === 'approve' && rights.includes('write')) return DENIED
  return rights.includes('read') ? (row.toReaders ?? DENIED) : row.hidden
}
