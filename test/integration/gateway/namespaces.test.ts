import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const DENIED = -32004
const WRONG = -32602
const STRANDED = -32006
const NOTE = {
  relations: { owner: {}, reader: {}, blocked: {}, not_blocked: { exclusion: 'blocked' } },
  permissions: { read: { intersection: ['reader', 'not_blocked'] }, write: ['owner'] },
}

interface Namespace {
  readonly namespace_id: string
  readonly object_type: string
  readonly config: object
  readonly created_at: string
  readonly updated_at: string
}

describe.each(ENGINES)('namespaces on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let user: GatewayClient
  let other: GatewayClient

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    user = await system.as('una')
    other = await system.as('root', { tenant: 'other', isAdmin: true })
  })
  afterAll(() => system.close())

  const types = async (client: GatewayClient) =>
    (await client.ok<Namespace[]>('namespace_list')).map(({ object_type }) => object_type)

  it('namespace_list has the built-in ones', async () => {
    expect(await types(user)).toEqual(['agent', 'file', 'group', 'memory', 'playbook', 'skill', 'trajectory'])
    const group = await user.ok<Namespace>('namespace_get', { object_type: 'group' })
    expect(group).toEqual({
      namespace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      object_type: 'group',
      config: {
        relations: { member: {}, admin: {}, viewer: { union: ['admin', 'member'] } },
        permissions: { read: ['viewer', 'member', 'admin'], write: ['admin'], manage: ['admin'] },
      },
      created_at: expect.stringMatching(/\+00:00$/),
      updated_at: expect.stringMatching(/\+00:00$/),
    })
    expect(await user.ok('get_namespace', { object_type: 'group' })).toEqual(group)
    expect(await user.ok('namespace_get', { object_type: 'nothing' })).toBeNull()
  })

  it('namespace_create makes one that permissions follow from, in this tenant alone', async () => {
    expect(await admin.ok('namespace_create', { object_type: 'note', config: NOTE })).toBeNull()
    expect(await user.ok<Namespace>('namespace_get', { object_type: 'note' })).toMatchObject({ config: NOTE })
    expect(await other.ok('namespace_get', { object_type: 'note' })).toBeNull()
    const give = (relation: string) =>
      admin.ok('rebac_create', { subject: ['user', 'una'], relation, object: ['note', 'n1'] })
    const reads = () => user.ok('rebac_check', { subject: ['user', 'una'], permission: 'read', object: ['note', 'n1'] })
    await give('reader')
    expect(await reads()).toBe(true)
    await give('blocked')
    expect(await reads()).toBe(false)
    // What was there goes on.
    await admin.ok('rebac_create', { subject: ['user', 'una'], relation: 'direct_owner', object: ['file', '/una'] })
    expect(await user.code('write', { path: '/una/x', content: '' })).toBe(0)
  })

  it('register_namespace is the same, and an upsert keeps when it was made', async () => {
    const before = await admin.ok<Namespace>('namespace_get', { object_type: 'note' })
    const config = { ...NOTE, permissions: { ...NOTE.permissions, share: ['owner'] } }
    expect(await admin.ok('register_namespace', { namespace: { object_type: 'note', config } })).toBeNull()
    const after = await admin.ok<Namespace>('namespace_get', { object_type: 'note' })
    expect(after).toMatchObject({ namespace_id: before.namespace_id, created_at: before.created_at, config })
    expect(after.updated_at > before.updated_at).toBe(true)
    expect(await admin.code('register_namespace', {})).toBe(WRONG)
  })

  it('what is stored keeps its effect: a change or a deletion that strands it is refused', async () => {
    const { reader: _, ...fewer } = NOTE.relations
    const without = { relations: fewer, permissions: { read: ['owner'] } }
    const computed = { ...NOTE, relations: { ...NOTE.relations, reader: { union: ['owner'] } } }
    for (const config of [without, computed]) {
      const answer = await admin.call('namespace_create', { object_type: 'note', config })
      expect(answer.error).toMatchObject({ code: STRANDED, data: { relations: ['reader'] } })
      expect(answer.error?.message).toContain('such as reader on note:n1')
    }
    expect(await admin.code('namespace_delete', { object_type: 'note' })).toBe(STRANDED)
    const tuples = await admin.ok<{ tuple_id: string }[]>('rebac_list_tuples', { object: ['note', 'n1'] })
    for (const { tuple_id } of tuples) await admin.ok('rebac_delete', { tuple_id })
    expect(await admin.ok('namespace_delete', { object_type: 'note' })).toBe(true)
    expect(await admin.ok('namespace_delete', { object_type: 'note' })).toBe(false)
    expect(await types(user)).not.toContain('note')
    // Without a namespace a relation counts by its name; to make it a computed one would strand it as well.
    await admin.ok('rebac_create', { subject: ['user', 'una'], relation: 'reader', object: ['memo', 'm'] })
    expect(await admin.code('namespace_create', { object_type: 'memo', config: computed })).toBe(STRANDED)
    expect(await admin.code('namespace_create', { object_type: 'memo', config: NOTE })).toBe(0)
  })

  it('what the server needs can be changed and not deleted', async () => {
    for (const object_type of ['file', 'group', 'agent']) {
      expect(await admin.code('namespace_delete', { object_type })).toBe(WRONG)
    }
    expect(await admin.ok('namespace_delete', { object_type: 'trajectory' })).toBe(true)
  })

  it('only administrators of the tenant change them', async () => {
    for (const client of [user, await system.as('una', { subjectType: 'agent', subjectId: 'una,a', isAdmin: true })]) {
      expect(await client.code('namespace_create', { object_type: 'x', config: NOTE })).toBe(DENIED)
      expect(await client.code('register_namespace', { namespace: { object_type: 'x', config: NOTE } })).toBe(DENIED)
      expect(await client.code('namespace_delete', { object_type: 'x' })).toBe(DENIED)
    }
    expect((await system.client(null).call('namespace_list')).status).toBe(401)
  })

  it('all of many that are made at once are there', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `at-once-${index}`)
    const made = names.map((object_type) => admin.call('namespace_create', { object_type, config: NOTE }))
    expect((await Promise.all(made)).map(({ error }) => error)).toEqual(names.map(() => undefined))
    expect(await types(admin)).toEqual(expect.arrayContaining(names))
  })

  it.each([
    [{ object_type: 'bad', config: { relations: { a: { exclusion: 'b' } }, permissions: {} } }, 'exclusion'],
    [{ object_type: 'bad', config: { relations: { a: { union: ['a'] } }, permissions: {} } }, 'a'],
    [{ object_type: 'bad', config: { relations: { a: { nonsense: 1 } } } }, 'bad'],
    [{ object_type: 'bad', config: { permissions: {} } }, 'relations'],
    [{ object_type: 'bad', config: { ...NOTE, more: 1 } }, 'more'],
    [{ object_type: 'b:d#x', config: NOTE }, 'b:d#x'],
    [{ object_type: '', config: NOTE }, 'object_type'],
    [{ object_type: 'file', config: { relations: { direct_owner: {} }, permissions: {} } }, 'parent'],
  ])('refuses %j', async (params, message) => {
    const { error } = await admin.call('namespace_create', params)
    expect([error?.code, error?.message]).toEqual([WRONG, expect.stringContaining(message)])
    expect(await types(admin)).not.toContain('bad')
  })

  it('a tenant whose schema is a model in the modelling language is told so', async () => {
    const model = 'model\n  schema 1.1\ntype user\ntype file\n  relations\n    define read: [user]\n'
    const { version } = await system.permissions.insight.readSchema('modelled', Date.now() + 10_000)
    await system.permissions.insight.writeSchema({
      tenant: 'modelled',
      schema: { format: 'dsl', model, hierarchies: [] },
      expectedVersion: version,
      deadline: Date.now() + 10_000,
    })
    const client = await system.as('root', { tenant: 'modelled', isAdmin: true })
    for (const [method, params] of [
      ['namespace_list', {}],
      ['namespace_create', { object_type: 'x', config: NOTE }],
    ] as const) {
      const { error } = await client.call(method, params)
      expect([error?.code, error?.message]).toEqual([WRONG, expect.stringContaining('modelling language')])
    }
    expect(await types(admin)).toContain('file')
  })
})
