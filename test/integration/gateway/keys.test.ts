import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { first } from '../../../services/common/sql/script.ts'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const unauthorized = { status: 401, text: '{"detail":"Invalid or missing API key"}' }

describe.each(ENGINES)('keys on %s', (engine) => {
  let system: TestSystem
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
  })
  afterAll(() => system.close())

  it('whoami without a key is nobody, with a bad key 401', async () => {
    const nobody = await system.client(null).raw('/api/auth/whoami')
    expect(nobody.status).toBe(200)
    expect(await nobody.json()).toEqual({
      authenticated: false,
      subject_type: null,
      subject_id: null,
      tenant_id: null,
      is_admin: false,
      inherit_permissions: true,
      user: null,
    })
    for (const key of ['nonsense', demoKeys.admin]) {
      const bad = await system.client(key).raw('/api/auth/whoami')
      expect([bad.status, await bad.text()]).toEqual([401, unauthorized.text])
    }
  })

  it('whoami says whom a key stands for', async () => {
    const alice = await system.as('alice', { isAdmin: true })
    expect(await (await alice.raw('/api/auth/whoami')).json()).toEqual({
      authenticated: true,
      subject_type: 'user',
      subject_id: 'alice',
      tenant_id: 'acme',
      is_admin: true,
      inherit_permissions: false,
      user: 'alice',
    })
  })

  it('no key, a bad key and a malformed header are 401 on calls', async () => {
    const { key } = await system.makeKey('alice')
    const authorizations = [
      undefined,
      'Bearer',
      `Basic ${key}`,
      `Bearer ${key}x`,
      'Bearer sk-1',
      `Bearer ${'x'.repeat(10_000)}`,
    ]
    for (const authorization of authorizations) {
      const headers = authorization === undefined ? {} : { authorization }
      expect(await system.client(null, headers).call('list_mounts')).toMatchObject(unauthorized)
      expect(await system.client(null, headers).call('frobnicate')).toMatchObject(unauthorized)
    }
  })

  it('an expired key is 401', async () => {
    const expired = await system.as('alice', { expiresAt: Date.now() - 1 })
    expect(await expired.call('list_mounts')).toMatchObject(unauthorized)
  })

  // How soon is a matter of the clock: test/unit/gateway-rpc has it with a clock of its own.
  it('a revoked key is 401 before long, although it was in use', async () => {
    const { key, keyId } = await system.makeKey('alice')
    const client = system.client(key)
    expect((await client.call('list_mounts')).status).toBe(200)
    await system.revokeKey(keyId)
    await vi.waitFor(async () => expect(await client.call('list_mounts')).toMatchObject(unauthorized), {
      timeout: 10_000,
      interval: 20,
    })
  })

  it('a new key works although it was asked for before', async () => {
    const { key } = await system.makeKey('carol')
    expect((await system.client(key).call('list_mounts')).status).toBe(200)
  })

  it('times of use are written later, for all keys at once', async () => {
    const { key, keyId } = await system.makeKey('dave')
    await system.client(key).call('list_mounts')
    const used = () =>
      system.db.read(() =>
        first<{ last_used_at: number | null }>('select last_used_at from api_keys where key_id = $1', keyId),
      )
    await vi.waitFor(async () => expect((await used())?.last_used_at).toBeGreaterThan(0), {
      timeout: 8_000,
      interval: 100,
    })
  })

  it("X-Agent-ID takes an agent of one's own; others are denied alike", async () => {
    await system.makeAgent('alice,helper')
    await system.makeAgent('bob,spy')
    const { key } = await system.makeKey('alice', { isAdmin: true })
    const acting = (id: string) => system.client(key, { 'x-agent-id': id })
    const who = await (await acting('alice,helper').raw('/api/auth/whoami')).json()
    expect(who).toMatchObject({ subject_type: 'agent', subject_id: 'alice,helper', user: 'alice', is_admin: false })

    const others = await Promise.all(['bob,spy', 'alice,nobody', 'x'].map((id) => acting(id).call('list_mounts')))
    for (const answer of others) expect(answer).toMatchObject({ status: 200, id: 7, error: { code: -32004 } })
    expect(new Set(others.map(({ text }) => text)).size).toBe(1)
    expect((await acting('bob,spy').raw('/api/auth/whoami')).status).toBe(403)

    const own = await system.as('alice', { subjectType: 'agent', subjectId: 'alice,helper', isAdmin: true })
    expect(await own.ok('list_agents')).toMatchObject([{ agent_id: 'alice,helper', has_api_key: true }])
    expect(await (await own.raw('/api/auth/whoami')).json()).toMatchObject({
      subject_id: 'alice,helper',
      is_admin: false,
    })
  })

  it("lists one's own agents; an administrator sees the tenant's, another tenant none", async () => {
    const ids = async (user: string, facts = {}) =>
      (await (await system.as(user, facts)).ok<{ agent_id: string }[]>('list_agents')).map((agent) => agent.agent_id)
    expect(await ids('alice')).toEqual(['alice,helper'])
    expect(await ids('bob')).toEqual(['bob,spy'])
    expect(await ids('root', { isAdmin: true })).toEqual(['alice,helper', 'bob,spy'])
    expect(await ids('alice', { tenant: 'other', isAdmin: true })).toEqual([])
  })
})
