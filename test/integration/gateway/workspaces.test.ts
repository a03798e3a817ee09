import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/) as string
const REGISTRIES = [
  ['register_workspace', 'get_workspace_info', 'list_workspaces', 'unregister_workspace'],
  ['register_memory', 'get_memory_info', 'list_registered_memories', 'unregister_memory'],
] as const

describe.each(ENGINES)('registered directories on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let bob: GatewayClient
  const home = '/tenant:acme/user:alice'

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    alice = await system.as('alice')
    bob = await system.as('bob')
  })
  afterAll(() => system.close())

  it.each(REGISTRIES)('%s, and back', async (register, get, list, unregister) => {
    const path = `${home}/${register}/one`
    const facts = { name: 'one', description: 'the first', metadata: { user_id: 'alice', deep: [1, null] } }
    const shown = { path, ...facts, created_at: TIME, created_by: 'alice' }
    expect(await alice.ok(register, { path: `${path}/`, ...facts, created_by: 'somebody' })).toEqual(shown)
    expect(await alice.ok('is_directory', { path })).toEqual({ is_directory: true })
    expect(await alice.ok(get, { path })).toEqual(shown)
    expect(await alice.ok(list)).toEqual([shown])
    expect(await alice.ok(register, { path: `${path}2` })).toMatchObject({
      name: null,
      description: null,
      metadata: {},
    })
    const again = await alice.call(register, { path, name: 'other' })
    expect(again.error).toMatchObject({ code: -32602, message: expect.stringMatching(/already registered/) as string })
    await alice.ok('write', { path: `${path}/file`, content: 'stays' })
    expect(await alice.ok(unregister, { path })).toBe(true)
    expect(await alice.ok(unregister, { path })).toBe(false)
    expect(await alice.ok(get, { path })).toBeNull()
    expect(await alice.ok('exists', { path: `${path}/file` })).toEqual({ exists: true })
    expect(await alice.ok(register, { path })).toMatchObject({ path, name: null })
  })

  it.each(REGISTRIES)('%s as clients send it: with tags, a session and a time to live', async (register, get, list) => {
    const path = `${home}/${register}/sent`
    const nothing = { description: null, created_by: null, tags: null, metadata: null, session_id: null, ttl: null }
    expect(await alice.ok(register, { path, name: 'sent', ...nothing })).toEqual({
      path,
      name: 'sent',
      description: null,
      created_at: TIME,
      created_by: 'alice',
      metadata: {},
    })
    const ttl = { __type__: 'timedelta', seconds: 3_600 }
    const kept = await alice.ok<{ created_at: string; expires_at: string }>(register, {
      path: `${path}/kept`,
      tags: ['a', 'b'],
      session_id: 'session 1',
      ttl,
    })
    expect(kept).toMatchObject({ tags: ['a', 'b'], session_id: 'session 1' })
    expect(Date.parse(kept.expires_at) - Date.parse(kept.created_at)).toBe(3_600_000)
    expect(await alice.ok(get, { path: `${path}/kept` })).toEqual(kept)
    expect(await alice.ok(list)).toContainEqual(kept)
    for (const wrong of [{ __type__: 'timedelta', seconds: 0 }, -1, 1e300, 'an hour']) {
      const answer = await alice.call(register, { path: `${path}/wrong`, ttl: wrong })
      expect(answer.error).toMatchObject({ code: -32602, message: expect.stringContaining("'ttl' must be") as string })
    }
    expect(await alice.ok('exists', { path: `${path}/wrong` })).toEqual({ exists: false })
  })

  it.each(REGISTRIES)(
    '%s: a registration ends with its time, the directory stays',
    async (register, get, list, end) => {
      const path = `${home}/${register}/short`
      await alice.ok(register, { path, name: 'short', ttl: 0.001 })
      await expect.poll(() => alice.ok(get, { path }), { timeout: 30_000 }).toBeNull()
      expect(await alice.ok<{ path: string }[]>(list)).not.toContainEqual(expect.objectContaining({ path }))
      expect(await alice.ok(end, { path })).toBe(false)
      expect(await alice.ok('is_directory', { path })).toEqual({ is_directory: true })
      if (register === 'register_workspace') {
        expect(await alice.code('workspace_log', { workspace_path: path })).toBe(-32602)
        expect(await alice.code('update_workspace', { path, name: 'late' })).toBe(-32602)
      }
      expect(await alice.ok(register, { path, name: 'again' })).toMatchObject({ path, name: 'again' })
      await alice.ok(register, { path: `${path}/er`, ttl: 0.001 })
      await expect
        .poll(() => system.db.write('dropExpiredRegistrations', { now: Date.now() }, { group: 'registrations' }))
        .toBeGreaterThan(0)
      expect(await alice.ok(get, { path })).toMatchObject({ name: 'again' })
    },
  )

  it.each(REGISTRIES)(
    '%s needs ownership; what is not readable is not seen',
    async (register, get, list, unregister) => {
      const path = `${home}/${register}/closed`
      await alice.ok(register, { path })
      const seen = async () => [await bob.ok(get, { path }), await bob.ok(list)]
      expect(await seen()).toEqual([null, []])
      for (const relation of ['direct_viewer', 'direct_editor']) {
        const code = (method: string, at: string) => bob.code(method, { path: at })
        expect(await code(register, path)).toBe(-32004)
        expect(await code(unregister, path)).toBe(-32004)
        expect(await code(unregister, `${path}-none`)).toBe(-32004)
        await alice.ok('rebac_create', { subject: ['user', 'bob'], relation, object: ['file', path] })
      }
      expect(await bob.code(unregister, { path })).toBe(-32004)
      // An editor does not become owner by registering what is there.
      await alice.ok('mkdir', { path: `${path}/below` })
      expect(await bob.code(register, { path: `${path}/below` })).toBe(-32004)
      expect(await bob.ok(register, { path: `${path}/new` })).toMatchObject({ created_by: 'bob' })
      expect(await bob.ok(get, { path })).toMatchObject({ path })
      const eve = await system.as('eve', { tenant: 'other', isAdmin: true })
      expect([await eve.ok(get, { path }), await eve.ok(list)]).toEqual([null, []])
      for (const method of [register, unregister]) expect(await eve.code(method, { path })).toBe(-32004)
      expect(await alice.ok(get, { path })).toMatchObject({ created_by: 'alice' })
    },
  )

  it.each(REGISTRIES)('%s refuses what is no directory', async (register, get, _list, unregister) => {
    await alice.ok('write', { path: `${home}/file`, content: '' })
    expect(await alice.code(register, { path: `${home}/file` })).toBe(-32001)
    expect(await alice.code(register, { path: '/skill/x' })).toBe(-32004)
    for (const method of [register, get, unregister]) {
      expect(await alice.code(method, { path: '/' })).toBe(-32002)
      expect(await alice.code(method, {})).toBe(-32602)
    }
    expect(await alice.code(register, { path: `${home}/x`, metadata: 'text' })).toBe(-32602)
    expect(await alice.code(register, { path: `${home}/x`, colour: 'red' })).toBe(-32602)
    expect(await alice.ok('exists', { path: `${home}/x` })).toEqual({ exists: false })
  })

  it('update_workspace changes what it is given', async () => {
    const path = `${home}/updated`
    await alice.ok('register_workspace', { path, name: 'old', description: 'kept' })
    const updated = await alice.ok('update_workspace', { path, name: 'new', metadata: { a: 1 } })
    expect(updated).toMatchObject({ path, name: 'new', description: 'kept', metadata: { a: 1 } })
    expect(await alice.ok('get_workspace_info', { path })).toEqual(updated)
    expect(await alice.code('update_workspace', { path: `${home}/none`, name: 'x' })).toBe(-32602)
    expect(await bob.code('update_workspace', { path, name: 'x' })).toBe(-32004)
  })

  it('a registration follows its directory', async () => {
    const [from, to] = [`${home}/from`, `${home}/to`]
    for (const [register] of REGISTRIES) await alice.ok(register, { path: from, name: 'moving' })
    await alice.ok('rename', { old_path: from, new_path: to })
    for (const [, get] of REGISTRIES) {
      expect(await alice.ok(get, { path: from })).toBeNull()
      expect(await alice.ok(get, { path: to })).toMatchObject({ path: to, name: 'moving' })
    }
  })

  it('relationships of a workspace follow its directory, in place of those that stood there', async () => {
    const admin = await system.as('root', { isAdmin: true })
    const [from, to] = [`${home}/moved-from`, `${home}/moved-to`]
    await alice.ok('mkdir', { path: `${from}/below`, parents: true })
    const grant = (id: string, subject: readonly string[]) =>
      admin.ok('rebac_create', { subject, relation: 'viewer', object: ['workspace', id], expires_at: '2100-01-01' })
    for (const id of [from, `${from}/below`, `${from}-beside`, to]) await grant(id, ['user', 'bob'])
    await grant(`${home}/other`, ['workspace', from, 'viewer'])
    await grant(`${to}/stale`, ['user', 'bob'])
    await alice.ok('rename', { old_path: from, new_path: to })
    const rows = await admin.ok<{ object_id: string; subject_id: string; expires_at: string }[]>('rebac_list_tuples', {
      relation: 'viewer',
      object_type: 'workspace',
    })
    expect(rows.map(({ object_id, subject_id }) => `${object_id} ${subject_id}`).toSorted()).toEqual(
      [`${from}-beside bob`, `${home}/other ${to}`, `${to} bob`, `${to}/below bob`].toSorted(),
    )
    for (const { expires_at } of rows) expect(expires_at).toBe('2100-01-01T00:00:00.000+00:00')
  })

  it('every change is in the audit trail', async () => {
    const path = `${home}/audited`
    await alice.ok('register_workspace', { path })
    await alice.ok('update_workspace', { path, name: 'x' })
    await alice.ok('unregister_workspace', { path })
    const lines = (await system.auditOf('acme')).filter((line) => line.path === path && line.outcome === 'ok')
    const actions = ['mkdir', 'register_workspace', 'update_workspace', 'unregister_workspace']
    expect(lines.map(({ actor, action }) => [actor, action])).toEqual(actions.map((action) => ['user:alice', action]))
  })
})
