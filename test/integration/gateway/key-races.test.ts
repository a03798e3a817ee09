import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuditor } from '../../../gateway/audit/auditor.ts'
import type { CallContext } from '../../../gateway/context.ts'
import { createKeyAdministration, type KeyAdministration } from '../../../gateway/keys/key-admin.ts'
import type { Outbox } from '../../../gateway/outbox/applier.ts'
import type { GatewayDatabase } from '../../../gateway/store/open-store.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

describe.each(ENGINES)('keys that change while they are handled on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
  })
  afterAll(() => system.close())

  /** Keys as a gateway handles them, where something else happens between what is read and what is written. */
  function keysWhile(event: () => Promise<unknown>): KeyAdministration {
    const { db } = system
    const slow: GatewayDatabase = {
      dialect: db.dialect,
      queueDepth: 0,
      read: (script, options) => db.read(script, options),
      async write(command, argument, options) {
        await event()
        return await db.write(command, argument, options)
      },
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
    const never = () => Promise.reject(new Error('no permissions change here'))
    const outbox: Outbox = {
      leaseOwner: null,
      appliedThrough: () => 0,
      committed: never,
      passed: never,
      opened: never,
      close: never,
    }
    return createKeyAdministration({ db: slow, outbox, auditor: createAuditor({ db }) })
  }

  const asRoot = (): CallContext => ({
    caller: {
      keyId: 'key',
      tenant: 'acme',
      subject: { tenant: '', type: 'user', id: 'root', relation: '' },
      user: 'root',
      agentId: null,
      isAdmin: true,
      isGlobalAdmin: false,
      inheritPermissions: false,
    },
    requestId: 'request',
    scope: { context: {}, deadline: Date.now() + 30_000, atLeastAsFresh: null },
    now: Date.now(),
  })

  const how = { overlapMs: 60_000, expiresAt: null }
  const whoami = async (key: string) => (await (await system.client(key).raw('/api/auth/whoami')).json()) as object
  const agentKey = (subjectId: string) => ({
    tenant: undefined,
    userId: undefined,
    subjectType: 'agent' as const,
    subjectId,
    name: 'k',
    isAdmin: false,
    isGlobalAdmin: false,
    expiresAt: null,
  })

  it('rotating does not give back the rights that a key has just lost', async () => {
    const { key_id: keyId } = await admin.ok<{ key_id: string }>('admin_create_key', {
      user_id: 'deputy',
      name: 'old',
      is_admin: true,
    })
    const keys = keysWhile(() => admin.ok('admin_update_key', { key_id: keyId, is_admin: false, name: 'new' }))
    const rotated = await keys.rotate(asRoot(), keyId, how)
    expect(rotated.record).toMatchObject({ name: 'new', isAdmin: false })
    expect(await whoami(rotated.key)).toMatchObject({ is_admin: false })
    expect(await admin.ok('admin_get_key', { key_id: rotated.record.keyId })).toMatchObject({ name: 'new' })
  })

  it("an agent's new key says what the agent does now about inheriting", async () => {
    const agent = { agent_id: 'alice,heir' }
    const register = { ...agent, name: 'heir', inherit_permissions: true, generate_api_key: true }
    await admin.ok('register_agent', register)
    const { keys: known } = await admin.ok<{ keys: { key_id: string }[] }>('admin_list_keys', { user_id: 'alice' })
    const say = (inherits: boolean) => admin.ok('update_agent', { ...agent, inherit_permissions: inherits })
    const made = await keysWhile(() => say(false)).create(asRoot(), agentKey(agent.agent_id))
    expect(await whoami(made.key)).toMatchObject({ inherit_permissions: false })
    const rotated = await keysWhile(() => say(true)).rotate(asRoot(), known[0]?.key_id ?? '', how)
    expect(await whoami(rotated.key)).toMatchObject({ inherit_permissions: true })
  })

  it('an agent that is just deleted gets no key', async () => {
    const agent = { agent_id: 'alice,gone' }
    await admin.ok('register_agent', { ...agent, name: 'gone' })
    const keys = keysWhile(() => admin.ok('delete_agent', agent))
    await expect(keys.create(asRoot(), agentKey(agent.agent_id))).rejects.toThrow(/'alice,gone' is not registered/)
    const live = { user_id: 'alice', include_revoked: true, include_expired: true }
    expect(JSON.stringify(await admin.ok('admin_list_keys', live))).not.toContain('alice,gone')
  })
})
