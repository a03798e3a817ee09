import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

interface Tuple {
  readonly tuple_id: string
  readonly subject_type: string
  readonly subject_id: string
  readonly subject_relation: string | null
  readonly relation: string
  readonly object_type: string
  readonly object_id: string
  readonly expires_at: string | null
  readonly tenant_id: string
}

describe.each(ENGINES)('relationships on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  const home = '/tenant:acme/user:alice'
  const list = (client: GatewayClient, params: object) => client.ok<Tuple[]>('rebac_list_tuples', params)

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
  })
  afterAll(() => system.close())

  it('an identical live relationship keeps its id', async () => {
    const params = { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', `${home}/a`] }
    const id = await alice.ok('rebac_create', params)
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await alice.ok('rebac_create', { ...params, tenant_id: 'default' })).toBe(id)
    expect(await Promise.all([1, 2, 3, 4].map(() => alice.ok('rebac_create', params)))).toEqual([id, id, id, id])
    expect(await list(alice, { object: ['file', `${home}/a`] })).toHaveLength(1)
  })

  it('keeps its id when its expiry changes, and goes when it is over', async () => {
    const params = { subject: ['user', 'bob'], relation: 'direct_editor', object: ['file', `${home}/e`] }
    const id = await alice.ok('rebac_create', { ...params, expires_at: '2099-01-01T00:00:00Z' })
    expect(await list(alice, { object: params.object })).toMatchObject([
      { expires_at: '2099-01-01T00:00:00.000+00:00' },
    ])
    expect(await alice.ok('rebac_create', { ...params, expires_at: '2098-01-01T00:00:00' })).toBe(id)
    expect(await list(alice, { object: params.object })).toMatchObject([
      { expires_at: '2098-01-01T00:00:00.000+00:00' },
    ])
    const check = { subject: ['user', 'bob'], permission: 'write', object: params.object }
    expect(await alice.ok('rebac_check', check)).toBe(true)
    await alice.ok('rebac_create', { ...params, expires_at: new Date(Date.now() + 5_000).toISOString() })
    await expect.poll(() => alice.ok('rebac_check', check)).toBe(false)
    expect(await list(alice, { object: params.object })).toEqual([])
    expect(await alice.ok('rebac_create', params)).not.toBe(id)
  })

  it('a trailing slash counts for the directory and comes back as it was written', async () => {
    const written = `${home}/skill/pdf/`
    await alice.ok('rebac_create', {
      subject: ['agent', 'alice,helper'],
      relation: 'direct_viewer',
      object: ['file', written],
    })
    const [tuple] = await list(alice, { subject: ['agent', 'alice,helper'] })
    expect(tuple?.object_id).toBe(written)
    for (const path of [written, written.slice(0, -1)])
      expect(await list(alice, { object: ['file', path] })).toEqual([tuple])
    const check = {
      subject: ['agent', 'alice,helper'],
      permission: 'read',
      object: ['file', `${home}/skill/pdf/SKILL.md`],
    }
    expect(await alice.ok('rebac_check', check)).toBe(true)
    expect(await alice.ok('rebac_delete', { tuple_id: tuple?.tuple_id })).toBe(true)
    expect(await alice.ok('rebac_check', check)).toBe(false)
  })

  it('filters by pair, by single fields, by several relations', async () => {
    const object = ['file', `${home}/filtered`]
    for (const [subject, relation] of [
      [['user', 'u1'], 'direct_viewer'],
      [['user', 'u2'], 'direct_editor'],
      [['group', 'g', 'member'], 'direct_viewer'],
    ] as const) {
      await alice.ok('rebac_create', { subject, relation, object })
    }
    const subjects = async (params: object) =>
      (await list(alice, { object, ...params })).map((tuple) => tuple.subject_id)
    expect(await subjects({})).toEqual(['u1', 'u2', 'g'])
    expect(await subjects({ relation: 'direct_viewer' })).toEqual(['u1', 'g'])
    expect(await subjects({ relation_in: ['direct_editor', 'direct_owner'] })).toEqual(['u2'])
    expect(await subjects({ relation_in: [] })).toEqual([])
    expect(await subjects({ subject_type: 'user' })).toEqual(['u1', 'u2'])
    expect(await subjects({ subject_id: 'u2' })).toEqual(['u2'])
    expect(await subjects({ subject: ['group', 'g', 'member'] })).toEqual(['g'])
    expect(await list(alice, { object_type: 'file', object_id: `${home}/filtered/`, subject_id: 'u1' })).toHaveLength(1)
    expect(await alice.code('rebac_list_tuples', { object, object_id: '/other' })).toBe(-32602)
    expect(await list(alice, { object })).toContainEqual(
      expect.objectContaining({
        subject_type: 'group',
        subject_id: 'g',
        subject_relation: 'member',
        tenant_id: 'acme',
      }),
    )
  })

  it('shows everybody what is about him and his agents, and nothing of others', async () => {
    await alice.ok('rebac_create', {
      subject: ['user', 'vera'],
      relation: 'direct_viewer',
      object: ['file', `${home}/v`],
    })
    await alice.ok('rebac_create', {
      subject: ['agent', 'vera,bot'],
      relation: 'direct_viewer',
      object: ['file', `${home}/v`],
    })
    const vera = await system.as('vera')
    expect((await list(vera, {})).map((tuple) => tuple.subject_id)).toEqual(['vera', 'vera,bot'])
    expect(await list(vera, { object: ['file', home] })).toEqual([])
    const bot = await system.as('vera', { subjectType: 'agent', subjectId: 'vera,bot' })
    expect((await list(bot, {})).map((tuple) => tuple.subject_id)).toEqual(['vera,bot'])
    const foreign = await system.as('root', { tenant: 'other', isAdmin: true })
    expect(await list(foreign, { tenant_id: 'acme' })).toEqual([])
    expect(await list(foreign, { object: ['file', `${home}/v`] })).toEqual([])
    expect((await list(admin, {})).length).toBeGreaterThan(3)
  })

  it('deleting what one may not see and what is not there is the same', async () => {
    const [tuple] = await list(admin, { object: ['file', home] })
    const stranger = await system.as('stranger')
    const foreign = await system.as('root', { tenant: 'other', isAdmin: true, isGlobalAdmin: true })
    for (const client of [stranger, foreign]) {
      const there = await client.call('rebac_delete', { tuple_id: tuple?.tuple_id })
      const missing = await client.call('rebac_delete', { tuple_id: '01890000-0000-7000-8000-000000000000' })
      expect(there.text).toBe(missing.text)
      expect(there.result).toBe(false)
    }
    expect(await stranger.ok('rebac_delete', { tuple_id: 'nonsense' })).toBe(false)
    expect(await list(admin, { object: ['file', home] })).toEqual([tuple])
  })

  it('groups are given by those who manage them', async () => {
    const join = (user: string) => ({ subject: ['user', user], relation: 'member', object: ['group', 'eng'] })
    expect(await alice.code('rebac_create', join('alice'))).toBe(-32004)
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'admin', object: ['group', 'eng'] })
    await alice.ok('rebac_create', join('max'))
    await alice.ok('rebac_create', {
      subject: ['group', 'eng'],
      relation: 'direct_viewer',
      object: ['file', `${home}/plain`],
    })
    await alice.ok('rebac_create', {
      subject: ['group', 'eng', 'member'],
      relation: 'direct_viewer',
      object: ['file', `${home}/userset`],
    })
    const max = await system.as('max')
    for (const path of ['plain', 'userset']) {
      expect(
        await max.ok('rebac_check', {
          subject: ['user', 'max'],
          permission: 'read',
          object: ['file', `${home}/${path}`],
        }),
      ).toBe(true)
    }
  })

  it('relations that mean nothing are kept, and workspaces belong to the owner of their path', async () => {
    const path = `${home}/workspace/ws_x`
    await alice.ok('rebac_create', {
      subject: ['user', 'alice'],
      relation: 'owner-of',
      object: ['file', path],
      tenant_id: 'default',
    })
    const id = await alice.ok('rebac_create', {
      subject: ['user', 'bob'],
      relation: 'viewer-of',
      object: ['workspace', path],
    })
    const stranger = await system.as('stranger')
    expect(
      await stranger.code('rebac_create', {
        subject: ['user', 'x'],
        relation: 'viewer-of',
        object: ['workspace', path],
      }),
    ).toBe(-32004)
    expect(
      await alice.ok('rebac_check', { subject: ['user', 'bob'], permission: 'read', object: ['file', path] }),
    ).toBe(false)
    expect(await alice.ok('rebac_delete', { tuple_id: id })).toBe(true)
  })

  it('nobody makes himself owner of what nobody owns', async () => {
    for (const object of [
      ['skill', 'x'],
      ['memory', 'x'],
      ['agent', 'alice,helper'],
      ['file', '/'],
      ['file', '/tenant:acme'],
      ['nonsense', 'x'],
    ]) {
      expect(await alice.code('rebac_create', { subject: ['user', 'alice'], relation: 'owner', object })).toBe(-32004)
    }
    const bob = await system.as('bob')
    expect(
      await bob.code('rebac_create', { subject: ['user', 'bob'], relation: 'direct_owner', object: ['file', home] }),
    ).toBe(-32004)
  })

  it('a parent that follows from the path is accepted and nothing is stored', async () => {
    const params = { subject: ['file', home], relation: 'parent', object: ['file', `${home}/child`] }
    expect(await alice.ok('rebac_create', params)).toBe(await alice.ok('rebac_create', params))
    expect(await list(alice, { object: params.object })).toEqual([])
  })

  it('the server-wide tree takes none', async () => {
    const object = ['file', '/skill/x/SKILL.md']
    const chief = await system.as('chief', { isAdmin: true, isGlobalAdmin: true })
    const grant = { subject: ['user', 'alice'], relation: 'direct_owner', object }
    expect(await alice.code('rebac_create', grant)).toBe(-32602)
    expect(await chief.code('rebac_create', grant)).toBe(-32602)
    expect(await chief.ok('rebac_list_tuples', { object })).toEqual([])
    const check = (permission: string) => alice.ok('rebac_check', { subject: ['user', 'bob'], permission, object })
    expect([await check('read'), await check('write')]).toEqual([true, false])
  })

  it('column_config is kept for the dynamic viewer of a .csv file', async () => {
    const params = {
      subject: ['user', 'bob'],
      relation: 'dynamic_viewer',
      object: ['file', `${home}/t.csv`],
      column_config: { hidden_columns: ['salary'] },
    }
    const id = await alice.ok('rebac_create', params)
    expect(await alice.ok('rebac_create', params)).toBe(id)
    expect(await alice.code('rebac_create', { ...params, object: ['file', `${home}/t.txt`] })).toBe(-32602)
    const [row] = await system.permissions.read({
      tenant: 'acme',
      filter: { ids: [String(id)] },
      deadline: Date.now() + 5_000,
    })
    expect(row?.attributes).toEqual({ column_config: { hidden_columns: ['salary'] } })
  })

  it('every change is in the audit trail, with who made it', async () => {
    const id = await alice.ok('rebac_create', {
      subject: ['user', 'aud'],
      relation: 'direct_viewer',
      object: ['file', `${home}/aud`],
    })
    await alice.ok('rebac_delete', { tuple_id: id })
    const actions = (await system.auditOf('acme')).filter((row) => row.path === `file:${home}/aud`)
    expect(actions.map(({ actor, action, outcome }) => [actor, action, outcome])).toEqual([
      ['user:alice', 'rebac_create', 'ok'],
      ['user:alice', 'rebac_delete', 'ok'],
    ])
  })
})
