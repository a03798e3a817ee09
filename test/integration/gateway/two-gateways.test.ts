import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'

describe('two gateways on one PostgreSQL', () => {
  let system: TestSystem
  let one: GatewayClient
  let two: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine: 'postgres', twoGateways: true, settings: { NEXUS_DEMO: '1' } })
    one = system.client(demoKeys.admin)
    two = system.secondClient(demoKeys.admin)
  })
  afterAll(() => system.close())

  it('that start together make one demo', async () => {
    const look = async (client: GatewayClient) => [
      await client.ok('list', { path: '/', details: true }),
      await client.ok('skills_list'),
      await client.ok('rebac_list_tuples'),
      await client.ok('list_agents'),
      await client.ok('list_workspaces'),
    ]
    const seen = await look(one)
    expect(await look(two)).toEqual(seen)
    expect(seen[1]).toMatchObject({ count: 6 })
    const metadata = await one.ok<{ version: number }>('read', {
      path: '/tenant:default/user:admin/skill/pdf/SKILL.md',
      return_metadata: true,
    })
    expect(metadata.version).toBe(1)
  })

  it('show each other what was written and granted, at once', async () => {
    const alice = system.secondClient(demoKeys.alice)
    for (let round = 0; round < 10; round++) {
      const path = `/tenant:default/user:admin/resource/shared-${round}.txt`
      await one.ok('write', { path, content: `round ${round}` })
      expect(await two.ok('read', { path })).toEqual(bytes(`round ${round}`))
      expect(await alice.code('read', { path })).toBe(-32004)
      const grant = { subject: ['user', 'alice'], relation: 'direct_viewer', object: ['file', path] }
      const id = await one.ok('rebac_create', grant)
      expect(await alice.ok('read', { path })).toEqual(bytes(`round ${round}`))
      expect(await one.ok('rebac_delete', { tuple_id: id })).toBe(true)
      expect(await alice.code('read', { path })).toBe(-32004)
      await one.ok('delete', { path })
      expect(await two.ok('exists', { path })).toEqual({ exists: false })
    }
  })

  it('both soon refuse a revoked key', async () => {
    const { key_id, api_key: key } = await one.ok<Record<string, string>>('admin_create_key', {
      user_id: 'temp',
      name: 't',
    })
    if (key === undefined) throw new Error('no key')
    expect((await system.client(key).call('list_mounts')).status).toBe(200)
    expect((await system.secondClient(key).call('list_mounts')).status).toBe(200)
    await one.ok('admin_revoke_key', { key_id })
    for (const client of [system.client(key), system.secondClient(key)]) {
      await expect.poll(async () => (await client.call('list_mounts')).status).toBe(401)
    }
  })

  it('both refuse the token of a session that ended on one of them, and know it before', async () => {
    const body = JSON.stringify({ email: 'alice@example.org', password: 'correct horse battery' })
    const { token } = (await (await system.client(null).raw('/auth/register', { method: 'POST', body })).json()) as {
      token: string
    }
    const both = [system.client(token), system.secondClient(token)]
    for (const client of both) expect((await client.call('list_mounts')).status).toBe(200)
    await system.client(token).raw('/auth/logout', { method: 'POST' })
    for (const client of both) await expect.poll(async () => (await client.call('list_mounts')).status).toBe(401)
  })

  it('go on with an upload that was begun on the other one', async () => {
    const path = '/tenant:default/user:admin/resource/in-pieces.txt'
    const tus = { 'tus-resumable': '1.0.0' }
    const begun = await one.raw('/api/uploads', {
      method: 'POST',
      headers: { ...tus, 'upload-length': '8', 'upload-metadata': `path ${Buffer.from(path).toString('base64')}` },
    })
    expect(begun.status).toBe(201)
    const at = `/api/uploads/${begun.headers.get('location')?.split('/').at(-1)}`
    for (const [index, piece] of ['abc', 'def', 'gh'].entries()) {
      const gateway = index % 2 === 0 ? two : one
      const known = await gateway.raw(at, { method: 'HEAD', headers: tus })
      expect(known.headers.get('upload-offset')).toBe(`${index * 3}`)
      const sent = await gateway.raw(at, {
        method: 'PATCH',
        headers: { ...tus, 'upload-offset': `${index * 3}`, 'content-type': 'application/offset+octet-stream' },
        body: piece,
      })
      expect(sent.status).toBe(204)
    }
    for (const gateway of [one, two]) expect(await gateway.ok('read', { path })).toEqual(bytes('abcdefgh'))
    expect(await one.ok('list_versions', { path })).toHaveLength(1)
  })

  it('count guesses of a password together', async () => {
    const post = (index: number, path: string, body: object) => {
      const client = index % 2 === 0 ? system.client(null) : system.secondClient(null)
      return client.raw(path, { method: 'POST', body: JSON.stringify(body) })
    }
    const email = 'bella@example.org'
    expect((await post(0, '/auth/register', { email, password: 'correct horse battery' })).status).toBe(201)
    const path = '/tenant:default/user:admin/resource/linked.txt'
    await one.ok('write', { path, content: 'behind a link' })
    const link = await one.ok<{ link_id: string }>('create_share_link', { path, password: 'open sesame' })
    const signIns: number[] = []
    const visits: number[] = []
    for (let guess = 0; guess < 10; guess += 1) {
      signIns.push((await post(guess, '/auth/login', { identifier: email, password: `guess ${guess}` })).status)
      visits.push((await post(guess, `/api/share/${link.link_id}/access`, { password: `guess ${guess}` })).status)
    }
    expect(signIns).toEqual(Array.from({ length: 10 }, () => 401))
    expect(visits).toEqual(Array.from({ length: 10 }, () => 403))
    for (const gateway of [0, 1]) {
      const signIn = await post(gateway, '/auth/login', { identifier: email, password: 'correct horse battery' })
      const visit = await post(gateway, `/api/share/${link.link_id}/access`, { password: 'open sesame' })
      expect([gateway, signIn.status, visit.status]).toEqual([gateway, 429, 429])
    }
  })

  it('together keep the last administrator, and make one agent of an id', async () => {
    const { keys } = await one.ok<{ keys: { key_id: string }[] }>('admin_list_keys', { is_admin: true })
    const made = await one.ok<{ key_id: string }>('admin_create_key', {
      user_id: 'x',
      name: 'x',
      is_global_admin: true,
    })
    const ids = [made.key_id, ...keys.map(({ key_id }) => key_id)]
    expect(ids).toHaveLength(2)
    const codes = await Promise.all(
      ids.map((key_id, index) => (index === 0 ? one : two).code('admin_update_key', { key_id, is_admin: false })),
    )
    expect(codes.toSorted()).toEqual([-32006, 0])

    const alice = [system.client(demoKeys.alice), system.secondClient(demoKeys.alice)]
    const agent = { agent_id: 'alice,twin', name: 'twin' }
    const outcomes = await Promise.all(alice.map((client) => client.code('register_agent', agent)))
    expect(outcomes.toSorted()).toEqual([-32001, 0])
    for (const client of alice) expect(await client.ok('get_agent', { agent_id: agent.agent_id })).not.toBeNull()
  })

  it('lose no change of what is said of a workspace', async () => {
    const path = '/tenant:default/user:admin/workspace/said'
    await one.ok('register_workspace', { path })
    for (let round = 0; round < 20; round++) {
      const description = `round ${round}`
      await Promise.all([
        one.ok('update_workspace', { path, description }),
        two.ok('update_workspace', { path, metadata: { round } }),
      ])
      expect(await one.ok('get_workspace_info', { path })).toMatchObject({ description, metadata: { round } })
    }
  })
})
