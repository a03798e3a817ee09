import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const FILE = `${HOME}/docs/plan.txt`
const OBJECT = ['file', FILE]
const DENIED = -32004
const WRONG = -32602

interface PathNode {
  readonly subject: string
  readonly permission: string
  readonly object: string
  readonly granted: boolean
  readonly tuple?: { readonly tuple_id: string; readonly subject_id: string }
  readonly sub_paths?: readonly PathNode[]
}
interface Explanation {
  readonly result: boolean
  readonly cached: boolean
  readonly reason: string
  readonly paths: readonly PathNode[]
  readonly successful_path: PathNode | null
  readonly metadata: Record<string, unknown>
}

/** All nodes of a path. */
function nodes(path: PathNode): readonly PathNode[] {
  return [path, ...(path.sub_paths ?? []).flatMap(nodes)]
}

describe.each(ENGINES)('questions about permissions on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient
  let max: GatewayClient
  let stranger: GatewayClient
  let foreigner: GatewayClient

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    max = await system.as('max')
    stranger = await system.as('sam')
    foreigner = await system.as('alice', { tenant: 'other', isAdmin: true })
    const grant = (client: GatewayClient, subject: string[], relation: string, object: readonly string[]) =>
      client.ok('rebac_create', { subject, relation, object })
    await grant(admin, ['user', 'alice'], 'direct_owner', ['file', HOME])
    await alice.ok('write', { path: FILE, content: 'plan' })
    await grant(alice, ['user', 'bob'], 'direct_viewer', OBJECT)
    await grant(admin, ['user', 'max'], 'member', ['group', 'eng'])
    await grant(admin, ['service', 'ci'], 'member', ['group', 'builders'])
    await grant(admin, ['group', 'builders', 'member'], 'member', ['group', 'eng'])
    await grant(alice, ['group', 'eng', 'member'], 'direct_editor', ['file', `${HOME}/docs`])
  })
  afterAll(() => system.close())

  it('rebac_expand of a permission is everybody who has it, through groups and directories', async () => {
    const expand = (permission: string, object = OBJECT) => alice.ok('rebac_expand', { permission, object })
    expect(await expand('write')).toEqual([
      ['service', 'ci'],
      ['user', 'alice'],
      ['user', 'max'],
    ])
    expect(await expand('read')).toEqual([
      ['service', 'ci'],
      ['user', 'alice'],
      ['user', 'bob'],
      ['user', 'max'],
    ])
    expect(await expand('direct_viewer')).toEqual([['user', 'bob']])
    const other = ['file', `${HOME}/open.txt`]
    await alice.ok('write', { path: other[1], content: '' })
    await alice.ok('make_public', { resource: other })
    await alice.ok('share_with_user', { resource: other, user_id: 'bob', user_tenant_id: 'other' })
    expect(await expand('read', other)).toEqual([
      ['*', '*'],
      ['user', 'alice'],
      ['user', 'tenant:other/bob'],
    ])
  })

  it('rebac_expand agrees with rebac_check about everybody', async () => {
    for (const permission of ['read', 'write', 'execute']) {
      const expanded = await alice.ok<[string, string][]>('rebac_expand', { permission, object: OBJECT })
      const everybody = ['alice', 'bob', 'max', 'sam'].map((id) => ['user', id])
      const checks = everybody.map((subject) => [subject, permission, OBJECT])
      const answers = await alice.ok<boolean[]>('rebac_check_batch', { checks })
      const allowed = everybody.filter((_, index) => answers[index])
      expect(expanded.filter(([type]) => type === 'user')).toEqual(allowed)
    }
  })

  it('rebac_expand and rebac_expand_with_privacy are for owners; a reader sees who consented to him', async () => {
    for (const client of [bob, max, stranger, foreigner]) {
      expect(await client.code('rebac_expand', { permission: 'read', object: OBJECT })).toBe(DENIED)
    }
    const params = { permission: 'read', object: OBJECT }
    const seen = (client: GatewayClient, more: object = {}) =>
      client.ok('rebac_expand_with_privacy', { ...params, ...more })
    expect(await seen(bob)).toEqual([['user', 'bob']])
    await max.ok('grant_consent', { from_subject: ['user', 'max'], to_subject: ['user', 'bob'] })
    expect(await seen(bob)).toEqual([
      ['user', 'bob'],
      ['user', 'max'],
    ])
    expect(await seen(alice)).toEqual([['user', 'alice']])
    expect(await seen(alice, { requester: ['user', 'bob'] })).toEqual(await seen(bob))
    expect(await seen(alice, { respect_consent: false })).toHaveLength(4)
    expect(await bob.code('rebac_expand_with_privacy', { ...params, respect_consent: false })).toBe(DENIED)
    expect(await bob.code('rebac_expand_with_privacy', { ...params, requester: ['user', 'max'] })).toBe(DENIED)
    expect(await stranger.code('rebac_expand_with_privacy', params)).toBe(DENIED)
    expect(await foreigner.code('rebac_expand_with_privacy', params)).toBe(DENIED)
  })

  it('grant_consent and revoke_consent are one’s own, and idempotent', async () => {
    const both = { from_subject: ['user', 'alice'], to_subject: ['user', 'sam'] }
    const id = await alice.ok('grant_consent', both)
    expect(await alice.ok('grant_consent', { ...both, tenant_id: 'default' })).toBe(id)
    expect(await stranger.code('grant_consent', both)).toBe(DENIED)
    expect(await stranger.code('revoke_consent', both)).toBe(DENIED)
    expect(await foreigner.code('grant_consent', { ...both, from_subject: ['user', 'max'] })).toBe(0)
    expect(await alice.ok('revoke_consent', both)).toBe(true)
    expect(await alice.ok('revoke_consent', both)).toBe(false)
    expect(await alice.code('grant_consent', { ...both, expires_at: '2001-01-01T00:00:00Z' })).toBe(WRONG)
    expect(
      await stranger.code('rebac_create', {
        subject: ['user', 'sam'],
        relation: 'consent_granted',
        object: ['user', 'alice'],
      }),
    ).toBe(DENIED)
  })

  it('rebac_check_batch answers in order, and not about others', async () => {
    const mine = (permission: string) => [['user', 'bob'], permission, OBJECT]
    const checks = [mine('read'), mine('write'), mine('nonsense'), [['user', 'bob'], 'read', ['file', '/skill/x']]]
    expect(await bob.ok('rebac_check_batch', { checks })).toEqual([true, false, false, true])
    expect(await bob.ok('rebac_check_batch', { checks: [] })).toEqual([])
    expect(await bob.code('rebac_check_batch', { checks: [...checks, [['user', 'max'], 'read', OBJECT]] })).toBe(DENIED)
    expect(await bob.code('rebac_check_batch', { checks: [['user', 'bob', 'read']] })).toBe(WRONG)
    const many = Array.from({ length: 1_001 }, () => mine('read'))
    expect(await bob.code('rebac_check_batch', { checks: many })).toBe(WRONG)
  })

  it('rebac_explain has the documented shape and agrees with rebac_check', async () => {
    const explain = (subject: readonly string[], permission: string) =>
      alice.ok<Explanation>('rebac_explain', { subject, permission, object: OBJECT })
    const yes = await explain(['user', 'max'], 'write')
    expect(yes).toMatchObject({
      result: true,
      cached: false,
      reason: `user:max has 'write' on file:${FILE}`,
      metadata: { timestamp: expect.stringMatching(/\+00:00$/), max_depth: 0, cache_ttl_seconds: 0 },
    })
    expect(yes.metadata['request_id']).toMatch(/./)
    expect(yes.successful_path).toEqual(yes.paths[0])
    expect(yes.paths[0]).toMatchObject({
      subject: 'user:max',
      permission: 'write',
      object: `file:${FILE}`,
      depth: 0,
      granted: true,
      expanded_to: expect.arrayContaining(['editor']),
      via_union_member: 'editor',
    })
    const all = yes.paths.flatMap(nodes)
    expect(all).toContainEqual(
      expect.objectContaining({
        tupleToUserset: { tupleset: 'parent', computedUserset: 'editor', found_parents: [['file', `${HOME}/docs`]] },
      }),
    )
    expect(all).toContainEqual(expect.objectContaining({ via_userset: 'group:eng#member', granted: true }))
    expect(all).toContainEqual(expect.objectContaining({ direct_relation: 'member', granted: true }))
    const no = await explain(['user', 'bob'], 'write')
    expect(no).toMatchObject({ result: false, reason: `user:bob does not have 'write' on file:${FILE}` })
    expect(no.successful_path).toBeNull()
    expect(no.paths[0]?.granted).toBe(false)
    expect(nodes(no.paths[0] as PathNode).length).toBeGreaterThan(3)
  })

  it('rebac_explain tells oneself why, and nothing of what others were given', async () => {
    const about = (client: GatewayClient, subject: string[], permission: string) =>
      client.call('rebac_explain', { subject, permission, object: OBJECT })
    const granted = (await about(bob, ['user', 'bob'], 'read')).result as Explanation
    expect(nodes(granted.paths[0] as PathNode).flatMap(({ tuple }) => tuple?.subject_id ?? [])).toEqual(['bob'])
    const refused = await about(bob, ['user', 'bob'], 'write')
    expect((refused.result as Explanation).result).toBe(false)
    for (const other of ['eng', 'user:max', 'alice', 'builders']) {
      expect(refused.text.replaceAll(`file:${FILE}`, '')).not.toContain(other)
    }
    expect((await about(stranger, ['user', 'bob'], 'read')).error?.code).toBe(DENIED)
    expect((await about(foreigner, ['user', 'bob'], 'read')).error?.code).toBe(DENIED)
    const missing = await stranger.call('rebac_explain', {
      subject: ['user', 'sam'],
      permission: 'read',
      object: ['file', `${HOME}/docs/none`],
    })
    const there = await about(stranger, ['user', 'sam'], 'read')
    expect((missing.result as Explanation).paths).toEqual(
      (there.result as Explanation).paths.map((path) => ({ ...path, object: `file:${HOME}/docs/none` })),
    )
  })

  it('rebac_explain of an agent follows what it inherits', async () => {
    await system.makeAgent('alice,heir', { inherits: true })
    await system.makeAgent('alice,plain', { inherits: false })
    for (const [id, result] of [
      ['alice,heir', true],
      ['alice,plain', false],
    ] as const) {
      const params = { subject: ['agent', id], permission: 'write', object: OBJECT }
      expect(await alice.ok('rebac_explain', params)).toMatchObject({ result })
      expect(await alice.ok('rebac_check', params)).toBe(result)
    }
  })

  it('get_rebac_option and set_rebac_option are kept for the tenant; a depth that is reached is an error', async () => {
    expect(await bob.ok('get_rebac_option', { key: 'max_depth' })).toBe(0)
    expect(await bob.code('set_rebac_option', { key: 'max_depth', value: 3 })).toBe(DENIED)
    expect(await admin.ok('set_rebac_option', { key: 'max_depth', value: 1 })).toBeNull()
    expect(await admin.ok('set_rebac_option', { key: 'cache_ttl', value: 60 })).toBeNull()
    expect(await bob.ok('get_rebac_option', { key: 'cache_ttl' })).toBe(60)
    expect(await foreigner.ok('get_rebac_option', { key: 'max_depth' })).toBe(0)
    const params = { subject: ['user', 'max'], permission: 'write', object: OBJECT }
    expect(await alice.ok('rebac_explain', params)).toMatchObject({
      result: false,
      successful_path: null,
      reason: expect.stringMatching(/could not be decided .*: .*depth/i),
    })
    await admin.ok('set_rebac_option', { key: 'max_depth', value: 0 })
    expect(await alice.ok('rebac_explain', params)).toMatchObject({ result: true })
    expect(await admin.code('set_rebac_option', { key: 'max_depth', value: -1 })).toBe(WRONG)
    expect(await admin.code('set_rebac_option', { key: 'max_depth', value: 10_001 })).toBe(WRONG)
    expect(await admin.code('set_rebac_option', { key: 'nonsense', value: 1 })).toBe(WRONG)
  })

  it('a relationship with conditions counts when they hold, and comes back with them', async () => {
    const object = ['file', `${HOME}/conditional.txt`]
    await alice.ok('write', { path: object[1], content: 'x' })
    const give = (conditions: object) =>
      alice.call('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object, conditions })
    const reads = (headers: Record<string, string> = {}) => bob.call('read', { path: object[1] }, headers)
    await give({ allowed_devices: ['laptop'] })
    expect((await reads()).error?.code).toBe(DENIED)
    expect((await reads({ 'x-nexus-device': 'phone' })).error?.code).toBe(DENIED)
    expect((await reads({ 'x-nexus-device': 'laptop' })).error).toBeUndefined()
    expect(await alice.ok('rebac_list_tuples', { object, subject: ['user', 'bob'] })).toMatchObject([
      { conditions: { allowed_devices: ['laptop'] } },
    ])
    await give({ allowed_ips: ['10.0.0.0/8'] })
    expect((await reads({ 'x-nexus-device': 'laptop' })).error?.code).toBe(DENIED)
    await give({ allowed_ips: ['127.0.0.0/8', '::1'], time_window: { start: '00:00', end: '23:59:59' } })
    expect((await reads()).error).toBeUndefined()
    expect((await give({ allowed_ips: ['not an address'] })).error?.code).toBe(WRONG)
    expect((await give({ unknown_part: true })).error?.code).toBe(WRONG)
  })
})
