import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const DENIED = -32004
const UNKNOWN = -32000
const WRONG = -32602
const CONFLICT = -32006

interface Key {
  readonly key_id: string
  readonly api_key: string
  readonly expires_at: string | null
}

describe.each(ENGINES)('administering keys on %s', (engine) => {
  let system: TestSystem
  let chief: GatewayClient
  let admin: GatewayClient
  let adminKeyId: string
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    chief = await system.as('chief', { tenant: 'hq', isAdmin: true, isGlobalAdmin: true })
    const { key, keyId } = await system.makeKey('root', { isAdmin: true })
    admin = system.client(key)
    adminKeyId = keyId
  })
  afterAll(() => system.close())

  const create = (params: object, as = admin) => as.ok<Key>('admin_create_key', { name: 'k', ...params })
  const status = async (key: string) => (await system.client(key).raw('/api/auth/whoami')).status
  const whoami = async (key: string) => (await (await system.client(key).raw('/api/auth/whoami')).json()) as object

  it('admin_create_key answers the key once; its user owns the home', async () => {
    const made = await create({ user_id: 'alice', name: 'laptop', expires_days: 90, tenant_id: 'acme' })
    expect(made).toEqual({
      key_id: expect.any(String) as string,
      api_key: expect.stringMatching(/^sk-acme_alice_[0-9a-f]{8}_[0-9a-f]{32}$/) as string,
      user_id: 'alice',
      name: 'laptop',
      subject_type: 'user',
      subject_id: 'alice',
      tenant_id: 'acme',
      is_admin: false,
      expires_at: expect.stringMatching(/\+00:00$/) as string,
    })
    const days = (Date.parse(made.expires_at ?? '') - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(90)
    const alice = system.client(made.api_key)
    expect(await whoami(made.api_key)).toMatchObject({ user: 'alice', tenant_id: 'acme', is_admin: false })
    await alice.ok('write', { path: '/tenant:acme/user:alice/a.txt', content: 'a' })
    expect(await alice.code('write', { path: '/tenant:acme/user:bob/a.txt', content: 'a' })).toBe(DENIED)
    expect(await alice.code('write', { path: '/tenant:acme/a.txt', content: 'a' })).toBe(DENIED)
  })

  it('a key for nobody in particular is for a new user', async () => {
    const [one, two] = [await create({}), await create({ user_id: null })]
    const users = await Promise.all([whoami(one.api_key), whoami(two.api_key)])
    for (const user of users)
      expect(user).toMatchObject({ user: expect.stringMatching(/^user_[0-9a-f]{12}$/) as string })
    expect(users[0]).not.toEqual(users[1])
  })

  it('lists, describes and pages, without the keys themselves', async () => {
    const made = await create({ user_id: 'lister', name: 'one' })
    await create({ user_id: 'lister', name: 'two' })
    const listed = await admin.call('admin_list_keys', { user_id: 'lister' })
    expect(listed.result).toEqual({
      keys: [
        expect.objectContaining({ name: 'two' }) as object,
        {
          key_id: made.key_id,
          user_id: 'lister',
          subject_type: 'user',
          subject_id: 'lister',
          name: 'one',
          tenant_id: 'acme',
          is_admin: false,
          created_at: expect.stringMatching(/\+00:00$/) as string,
          expires_at: null,
          revoked: false,
          revoked_at: null,
          last_used_at: null,
        },
      ],
      total: 2,
    })
    expect(listed.text).not.toContain(made.api_key)
    const page = { user_id: 'lister', limit: 1, offset: 1 }
    expect(await admin.ok('admin_list_keys', page)).toMatchObject({ keys: [{ name: 'one' }], total: 2 })
    expect(await admin.ok('admin_get_key', { key_id: made.key_id })).toMatchObject({ name: 'one', revoked: false })
    expect(await admin.ok('admin_list_keys', { is_admin: true })).toMatchObject({
      keys: [{ user_id: 'root' }],
      total: 1,
    })
  })

  it('revokes for good, again without an error; a list shows it when asked to', async () => {
    const made = await create({ user_id: 'gone' })
    expect(await status(made.api_key)).toBe(200)
    for (let round = 0; round < 2; round++)
      expect(await admin.ok('admin_revoke_key', { key_id: made.key_id })).toEqual({
        success: true,
        key_id: made.key_id,
      })
    await expect.poll(() => status(made.api_key)).toBe(401)
    expect(await admin.ok('admin_list_keys', { user_id: 'gone' })).toEqual({ keys: [], total: 0 })
    const shown = await admin.ok<{ keys: object[] }>('admin_list_keys', { user_id: 'gone', include_revoked: true })
    expect(shown.keys).toMatchObject([{ revoked: true, revoked_at: expect.any(String) as string }])
    expect(await admin.code('admin_update_key', { key_id: made.key_id, name: 'x' })).toBe(CONFLICT)
    expect(await admin.code('admin_rotate_key', { key_id: made.key_id })).toBe(CONFLICT)
  })

  it('updates name, role and expiry; what is left out or null stays', async () => {
    const made = await create({ user_id: 'upd', name: 'before' })
    const update = (params: object) => admin.ok('admin_update_key', { key_id: made.key_id, ...params })
    const same = { success: true, key_id: made.key_id, is_admin: false, expires_at: null }
    expect(await update({ name: 'after', is_admin: null, expires_days: null })).toEqual({ ...same, name: 'after' })
    expect(await update({ is_admin: true })).toEqual({ ...same, name: 'after', is_admin: true })
    await expect.poll(() => whoami(made.api_key)).toMatchObject({ is_admin: true })
    expect(await update({ is_admin: false, expires_days: 1 })).toMatchObject({
      expires_at: expect.any(String) as string,
    })
    await expect.poll(() => whoami(made.api_key)).toMatchObject({ is_admin: false })
  })

  it('rotates with an overlap, and without one', async () => {
    const old = await create({ user_id: 'rot', name: 'service', expires_days: 10 })
    const next = await admin.ok<Key & { replaces: object }>('admin_rotate_key', {
      key_id: old.key_id,
      overlap_hours: 2,
    })
    expect(next).toMatchObject({ user_id: 'rot', name: 'service', replaces: { key_id: old.key_id }, expires_at: null })
    expect([await status(old.api_key), await status(next.api_key)]).toEqual([200, 200])
    const { expires_at: ends } = await admin.ok<Key>('admin_get_key', { key_id: old.key_id })
    expect(Math.round((Date.parse(ends ?? '') - Date.now()) / 3_600_000)).toBe(2)

    const last = await admin.ok<Key>('admin_rotate_key', { key_id: next.key_id, overlap_hours: 0, expires_days: 5 })
    await expect.poll(() => status(next.api_key)).toBe(401)
    expect(await status(last.api_key)).toBe(200)
    expect(await admin.code('admin_rotate_key', { key_id: next.key_id })).toBe(CONFLICT)
    expect(await admin.ok('admin_list_keys', { user_id: 'rot' })).toMatchObject({ total: 2 })
    expect(await admin.ok('admin_list_keys', { user_id: 'rot', include_expired: true })).toMatchObject({ total: 3 })
  })

  it("makes agents' keys, which are never an administrator's", async () => {
    const params = { user_id: 'alice', subject_type: 'agent', subject_id: 'alice,bot' }
    expect(await admin.code('admin_create_key', { name: 'k', ...params })).toBe(WRONG)
    await admin.ok('register_agent', { agent_id: 'alice,bot', name: 'bot', inherit_permissions: true })
    const made = await create(params)
    expect(await whoami(made.api_key)).toMatchObject({
      subject_type: 'agent',
      subject_id: 'alice,bot',
      user: 'alice',
      inherit_permissions: true,
      is_admin: false,
    })
    expect(await admin.code('admin_create_key', { name: 'k', ...params, is_admin: true })).toBe(WRONG)
    expect(await admin.code('admin_update_key', { key_id: made.key_id, is_admin: true })).toBe(WRONG)
    expect(await admin.code('admin_create_key', { name: 'k', ...params, user_id: 'bob' })).toBe(WRONG)
    expect(await system.client(made.api_key).code('admin_list_keys')).toBe(DENIED)
  })

  it('keeps tenants apart, but for global administrators', async () => {
    const theirs = await create({ user_id: 'x' })
    const foreign = await system.as('root', { tenant: 'other', isAdmin: true })
    expect(await foreign.code('admin_create_key', { user_id: 'x', name: 'k', tenant_id: 'acme' })).toBe(DENIED)
    expect(await foreign.code('admin_list_keys', { tenant_id: 'acme' })).toBe(DENIED)
    for (const method of ['admin_get_key', 'admin_revoke_key', 'admin_update_key', 'admin_rotate_key']) {
      const unknown = (await foreign.call(method, { key_id: 'nothing' })).error
      const hidden = (await foreign.call(method, { key_id: theirs.key_id })).error
      expect(unknown?.code).toBe(UNKNOWN)
      expect(hidden?.message.replace(theirs.key_id, 'nothing')).toBe(unknown?.message)
    }
    expect(await foreign.ok('admin_list_keys', {})).toMatchObject({ total: 1 })

    const made = await create({ user_id: 'first', tenant_id: 'fresh', is_admin: true }, chief)
    expect(await whoami(made.api_key)).toMatchObject({ tenant_id: 'fresh', is_admin: true })
    expect(await chief.ok('admin_get_key', { key_id: theirs.key_id })).toMatchObject({ tenant_id: 'acme' })
    expect(await chief.ok('admin_list_keys', { tenant_id: 'fresh' })).toMatchObject({ total: 1 })
    expect((await chief.ok<{ total: number }>('admin_list_keys', { limit: 1 })).total).toBeGreaterThan(5)
    expect(await chief.code('admin_create_key', { user_id: 'x', name: 'k', tenant_id: 'Not a tenant' })).toBe(WRONG)
  })

  it("an administrator of a tenant neither becomes a global one nor touches a global one's key", async () => {
    const local = await system.as('local', { tenant: 'hq', isAdmin: true })
    expect(await local.code('admin_create_key', { name: 'k', is_global_admin: true })).toBe(DENIED)
    const { keys } = await chief.ok<{ keys: Key[] }>('admin_list_keys', { tenant_id: 'hq', user_id: 'chief' })
    const key_id = keys[0]?.key_id
    expect(keys[0]).toMatchObject({ is_global_admin: true })
    for (const method of ['admin_revoke_key', 'admin_update_key', 'admin_rotate_key'])
      expect(await local.code(method, { key_id })).toBe(DENIED)
    const made = await create({ user_id: 'second', is_global_admin: true }, chief)
    expect(await system.client(made.api_key).code('admin_list_keys', { tenant_id: 'acme' })).toBe(0)
    await chief.ok('admin_revoke_key', { key_id: made.key_id })
  })

  it('only administrators, in person', async () => {
    const user = await system.as('user')
    await system.makeAgent('root,helper', { inherits: true })
    const asAgent = await system.as('root', { subjectType: 'agent', subjectId: 'root,helper', isAdmin: true })
    const calls: [string, object][] = [
      ['admin_create_key', { name: 'k' }],
      ['admin_list_keys', {}],
      ['admin_get_key', { key_id: adminKeyId }],
      ['admin_revoke_key', { key_id: adminKeyId }],
      ['admin_update_key', { key_id: adminKeyId }],
      ['admin_rotate_key', { key_id: adminKeyId }],
    ]
    for (const [method, params] of calls) {
      for (const client of [user, asAgent]) {
        const { error } = await client.call(method, params)
        expect([method, error?.code, error?.message]).toEqual([
          method,
          DENIED,
          expect.stringContaining('Admin privileges required') as string,
        ])
      }
      expect((await system.client(null).call(method, params)).status).toBe(401)
    }
  })

  it("the last administrator's key stays, however many try at once", async () => {
    const tenant = `guard-${engine}`
    const made = await create({ user_id: 'a', tenant_id: tenant, is_admin: true }, chief)
    const a = system.client(made.api_key)
    expect(await a.code('admin_revoke_key', { key_id: made.key_id })).toBe(CONFLICT)
    expect(await a.code('admin_update_key', { key_id: made.key_id, is_admin: false })).toBe(CONFLICT)
    expect(await a.code('admin_update_key', { key_id: made.key_id, name: 'still here' })).toBe(0)

    const more = await Promise.all([1, 2, 3, 4].map((n) => create({ user_id: `a${n}`, is_admin: true }, a)))
    const all = [made, ...more].map(({ key_id }) => key_id)
    const outcomes = await Promise.all(all.map((key_id) => chief.code('admin_revoke_key', { key_id })))
    expect(outcomes.toSorted()).toEqual([CONFLICT, 0, 0, 0, 0].toSorted())
    const left = await chief.ok('admin_list_keys', { tenant_id: tenant, is_admin: true })
    expect(left).toMatchObject({ total: 1 })
  })

  it("the last global administrator's key stays too, although the tenant has others", async () => {
    const { keys } = await chief.ok<{ keys: Key[] }>('admin_list_keys', { tenant_id: 'hq', user_id: 'chief' })
    await create({ user_id: 'deputy', is_admin: true }, chief)
    expect(await chief.code('admin_revoke_key', { key_id: keys[0]?.key_id })).toBe(CONFLICT)
  })

  it.each([
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a day that is none', { name: 'k', expires_days: 0 }],
    ['a user with a slash', { name: 'k', user_id: 'a/b' }],
    ['everybody', { name: 'k', user_id: '*' }],
    ['a subject of another kind', { name: 'k', subject_type: 'group' }],
    ['another subject than the user', { name: 'k', user_id: 'a', subject_id: 'b' }],
    ['an unknown parameter', { name: 'k', role: 'admin' }],
  ])('refuses %s, and makes no key', async (_, params) => {
    const { total } = await admin.ok<{ total: number }>('admin_list_keys', {})
    expect(await admin.code('admin_create_key', params)).toBe(WRONG)
    expect(await admin.ok('admin_list_keys', {})).toMatchObject({ total })
  })
})
