import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all } from '../../../services/common/sql/script.ts'
import { trimAudit } from '../../../gateway/audit/trim-audit.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

interface Entry {
  readonly entry_id: string
  readonly actor: string
  readonly action: string
  readonly object: string
  readonly outcome: string
  readonly via: string | null
  readonly path: { readonly by: readonly string[]; readonly relationships: readonly string[] } | null
}
interface Page {
  readonly entries: Entry[]
  readonly next_cursor: string | null
  readonly has_more: boolean
}

const HOME = '/tenant:acme/user:alice'

describe.each(ENGINES)('the audit trail on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
    await alice.ok('write', { path: `${HOME}/notes/a.txt`, content: 'a' })
    await alice.ok('write', { path: `${HOME}/b.txt`, content: 'b' })
    await bob.call('read', { path: `${HOME}/b.txt` })
    await admin.ok('read', { path: `${HOME}/b.txt` })
    await alice.ok('register_agent', { agent_id: 'alice,bot', name: 'bot' })
  })
  afterAll(() => system.close())

  const list = (params: object = {}, as = admin) => as.ok<Page>('audit_list', params)

  it('says who did what to which object, whether it was allowed, and by which right', async () => {
    const about = async (params: object) =>
      (await list(params)).entries.map(({ actor, action, object, outcome, via }) => [
        actor,
        action,
        object,
        outcome,
        via,
      ])
    expect(await about({ actor: 'user:bob' })).toEqual([['user:bob', 'read', `${HOME}/b.txt`, 'denied', null]])
    expect(await about({ actor: 'user:alice', object: `${HOME}/notes/` })).toEqual([
      ['user:alice', 'write', `${HOME}/notes/a.txt`, 'allowed', 'relationship'],
    ])
    expect(await about({ actor: 'user:root', action: 'read' })).toEqual([
      ['user:root', 'read', `${HOME}/b.txt`, 'allowed', 'administrator'],
    ])
    expect(await about({ object: 'agent:alice,bot' })).toEqual([
      ['user:alice', 'register_agent', 'agent:alice,bot', 'allowed', 'relationship'],
    ])
    const [entry] = (await list({ actor: 'user:bob' })).entries
    expect(entry).toEqual({
      entry_id: expect.any(String) as string,
      timestamp: expect.stringMatching(/\+00:00$/) as string,
      tenant_id: 'acme',
      actor: 'user:bob',
      key_id: expect.any(String) as string,
      request_id: expect.any(String) as string,
      action: 'read',
      object: `${HOME}/b.txt`,
      outcome: 'denied',
      via: null,
      path: null,
      detail: null,
    })
  })

  it('says by which relationships a change was allowed', async () => {
    const plans = `${HOME}/plans`
    const grant = (subject: string[], relation: string, object: string[]) =>
      alice.ok('rebac_create', { subject, relation, object })
    const share = (user_id: string) =>
      alice.ok('share_with_user', { resource: ['file', plans], user_id, relation: 'editor' })
    await alice.ok('mkdir', { path: plans })
    for (const file of ['own', 'open']) await alice.ok('write', { path: `${plans}/${file}`, content: 'x' })
    await admin.ok('rebac_create', { subject: ['user', 'carol'], relation: 'member', object: ['group', 'sub'] })
    await admin.ok('rebac_create', {
      subject: ['group', 'sub', 'member'],
      relation: 'member',
      object: ['group', 'eng'],
    })
    await grant(['group', 'eng', 'member'], 'direct_editor', ['file', plans])
    await grant(['user', 'dave'], 'direct_editor', ['file', `${plans}/own`])
    await grant(['user', '*'], 'direct_editor', ['file', `${plans}/open`])
    await share('erin')
    await system.makeAgent('alice,heir', { inherits: true })
    const heir = await system.as('alice', { subjectType: 'agent', subjectId: 'alice,heir' })
    const changes: readonly (readonly [GatewayClient, string, unknown])[] = [
      [alice, 'own', { by: ['parent'], relationships: [`user:alice direct_owner file:${HOME}`] }],
      [heir, 'own', { by: ['owner', 'parent'], relationships: [`user:alice direct_owner file:${HOME}`] }],
      [await system.as('dave'), 'own', { by: ['own'], relationships: [`user:dave direct_editor file:${plans}/own`] }],
      [
        await system.as('carol'),
        'own',
        {
          by: ['group', 'parent'],
          relationships: [
            `group:eng#member direct_editor file:${plans}`,
            'group:sub#member member group:eng',
            'user:carol member group:sub',
          ],
        },
      ],
      [
        await system.as('erin'),
        'own',
        { by: ['parent', 'share'], relationships: [`user:erin shared-editor file:${plans}`] },
      ],
      [bob, 'open', { by: ['public'], relationships: [`user:* direct_editor file:${plans}/open`] }],
      [admin, 'own', null],
    ]
    for (const [index, [client, file, path]] of changes.entries()) {
      const request = `way-${index}-${engine}`
      const written = await client.call(
        'write',
        { path: `${plans}/${file}`, content: 'y' },
        { 'x-request-id': request },
      )
      expect(written.error).toBeUndefined()
      const { entries } = await list({ request_id: request, action: 'write' })
      expect(entries).toMatchObject([{ via: path === null ? 'administrator' : 'relationship', path }])
    }
    const [shared] = (await list({ action: 'share' })).entries
    expect(shared).toMatchObject({ path: { by: ['parent'], relationships: [`user:alice direct_owner file:${HOME}`] } })
    // A change of many tells the way of each.
    await alice.call('delete_bulk', { paths: [`${plans}/own`, `${plans}/open`] }, { 'x-request-id': `many-${engine}` })
    const many = await list({ request_id: `many-${engine}` })
    const ways = many.entries.toSorted((a, b) => (a.object < b.object ? -1 : 1)).map((entry) => entry.path?.by)
    expect(ways).toEqual([['parent'], ['parent']])
    // What is new is decided where it comes into being.
    await alice.call('write', { path: `${HOME}/new`, content: 'x' }, { 'x-request-id': `new-${engine}` })
    expect((await list({ request_id: `new-${engine}` })).entries).toMatchObject([{ path: { by: ['parent'] } }])
  })

  it('filters by outcome, request and time', async () => {
    const denied = await list({ outcome: 'denied' })
    expect(denied.entries.length).toBeGreaterThan(0)
    expect(denied.entries.every(({ outcome }) => outcome === 'denied')).toBe(true)
    await alice.call('write', { path: `${HOME}/b.txt`, content: 'c' }, { 'x-request-id': `mine-${engine}` })
    expect((await list({ request_id: `mine-${engine}` })).entries).toMatchObject([{ action: 'write' }])
    expect((await list({ until: '2020-01-01' })).entries).toEqual([])
    expect((await list({ since: '2120-01-01' })).entries).toEqual([])
  })

  it('is complete page by page, the newest first', async () => {
    const all = (await list({ limit: 1000 })).entries.filter(({ action }) => action !== 'audit_list')
    const paged: Entry[] = []
    for (let cursor: string | null = null, more = true; more; ) {
      const page: Page = await list({ limit: 2, ...(cursor === null ? {} : { cursor }) })
      expect(page.entries.length).toBeLessThanOrEqual(2)
      paged.push(...page.entries)
      cursor = page.next_cursor
      more = page.has_more
    }
    expect(paged.map(({ entry_id }) => entry_id)).toEqual(all.map(({ entry_id }) => entry_id))
  })

  it("is for the tenant's administrators, in person", async () => {
    await system.makeAgent('root,helper', { inherits: true })
    const agent = await system.as('root', { subjectType: 'agent', subjectId: 'root,helper' })
    const foreign = await system.as('root', { tenant: 'other', isAdmin: true })
    const chief = await system.as('chief', { tenant: 'hq', isAdmin: true, isGlobalAdmin: true })
    for (const client of [alice, agent]) expect(await client.code('audit_list')).toBe(-32004)
    expect(await foreign.code('audit_list', { tenant_id: 'acme' })).toBe(-32004)
    expect(await foreign.code('audit_list', { tenant_id: '_server' })).toBe(-32004)
    const theirs = await list({}, foreign)
    expect(theirs.entries.every((entry) => entry.actor === 'user:root')).toBe(true)
    expect((await list({ tenant_id: 'acme', actor: 'user:alice' }, chief)).entries.length).toBeGreaterThan(2)
    await chief.ok('write', { path: '/skill/x/readme.md', content: 'x' })
    expect((await list({ tenant_id: '_server' }, chief)).entries).toMatchObject([{ object: '/skill/x/readme.md' }])
    expect((await system.client(null).call('audit_list')).status).toBe(401)
  })

  it.each([
    { cursor: 'x' },
    { cursor: '1.00000000-0000-0000-0000-00000000000' },
    { limit: 0 },
    { limit: 1001 },
    { since: 'yesterday' },
    { outcome: 'ok' },
  ])('refuses %o', async (params) => {
    expect(await admin.code('audit_list', params)).toBe(-32602)
  })

  it('keeps rows as long as it is told, and deletes the older ones of all tenants', async () => {
    const at = Date.now() - 100 * 86_400_000
    const old = ['acme', 'zeta'].flatMap((tenant) =>
      Array.from({ length: tenant === 'acme' ? 1_201 : 3 }, (_, index) => ({
        tenant,
        entryId: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
        at: at + index,
        actor: 'user:old',
        keyId: null,
        requestId: 'r',
        action: 'write',
        path: '/x',
        outcome: 'ok' as const,
        detail: null,
      })),
    )
    await system.db.write('appendAudit', old)
    const before = (await list({ actor: 'user:alice' })).entries.length
    expect(await trimAudit({ db: system.db, retentionMs: 101 * 86_400_000 })).toBe(0)
    expect(await trimAudit({ db: system.db, retentionMs: 99 * 86_400_000 })).toBe(1_204)
    expect((await list({ actor: 'user:old' })).entries).toEqual([])
    expect((await list({ actor: 'user:alice' })).entries).toHaveLength(before)
    expect(await trimAudit({ db: system.db, retentionMs: -86_400_000 })).toBeGreaterThan(0)
    expect(await system.db.read(() => all('select * from audit_ways'))).toEqual([])
  })
})
