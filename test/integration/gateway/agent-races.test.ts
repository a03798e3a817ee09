import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const AGENT = { agent_id: 'alice,raced' }
const CONFIG = '/tenant:acme/user:alice/agent/raced/config.yaml'
const ROUNDS = 4
/** Calls of a round for each field. */
const CALLS = 5

interface Agent {
  readonly name: string
  readonly description: string
  readonly metadata: { readonly run: string }
  readonly inherit_permissions: boolean
}

describe.each(ENGINES)('changes of one agent at once on %s', (engine) => {
  const twoGateways = engine === 'postgres'
  let system: TestSystem
  let admin: GatewayClient
  let alice: (call: number) => GatewayClient
  let agentKey: string
  beforeAll(async () => {
    system = await TestSystem.start({ engine, twoGateways })
    admin = await system.as('root', { isAdmin: true })
    const { key } = await system.makeKey('alice')
    alice = (call) => (twoGateways && call % 2 === 1 ? system.secondClient(key) : system.client(key))
    const made = await alice(0).ok<{ api_key: string }>('register_agent', {
      ...AGENT,
      name: 'raced',
      generate_api_key: true,
    })
    agentKey = made.api_key
  })
  afterAll(() => system.close())

  const update = (fields: readonly object[]) =>
    Promise.all(fields.map((field, call) => alice(call).ok<Agent>('update_agent', { ...AGENT, ...field })))

  /** What the record, its file, the relationship and the key say. */
  async function stored() {
    const [agent, file, relationships, key] = await Promise.all([
      admin.ok<Agent>('get_agent', AGENT),
      admin.ok<{ data: string }>('read', { path: CONFIG }),
      admin.ok<{ relation: string }[]>('rebac_list_tuples', { object: ['agent', AGENT.agent_id] }),
      system.client(agentKey).raw('/api/auth/whoami'),
    ])
    const { inherit_permissions: byKey } = (await key.json()) as { inherit_permissions: boolean }
    return {
      agent,
      config: parse(Buffer.from(file.data, 'base64').toString('utf8')) as Agent,
      inherits: { byRelationship: relationships.some(({ relation }) => relation === 'inherits_from'), byKey },
    }
  }

  const calls = Array.from({ length: CALLS }, (_, index) => index)

  it('no field that was acknowledged is lost', async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      await update([{ inherit_permissions: true }])
      const text = (call: number) => `${round}.${call}`
      await update([
        ...calls.map((call) => ({ description: text(call) })),
        { inherit_permissions: false },
        ...calls.map((call) => ({ name: text(call) })),
        ...calls.map((call) => ({ metadata: { run: text(call) } })),
      ])
      const { agent, config, inherits } = await stored()
      const written = calls.map(text)
      expect(written).toContain(agent.name)
      expect(written).toContain(agent.description)
      expect(written).toContain(agent.metadata.run)
      expect(agent.inherit_permissions).toBe(false)
      const { name, description, metadata, inherit_permissions } = agent
      expect(config).toMatchObject({ name, description, metadata, inherit_permissions })
      expect(inherits.byRelationship).toBe(false)
      // A gateway may know a key for a moment.
      await expect.poll(async () => (await stored()).inherits.byKey, { timeout: 30_000 }).toBe(false)
    }
  })

  it('whoever is last about inheriting, record, file, relationship and key agree', async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      await update([
        ...calls.map((call) => ({ inherit_permissions: call % 2 === 0 })),
        ...calls.map((call) => ({ description: `${round}.${call}` })),
      ])
      const { agent, config, inherits } = await stored()
      const { inherit_permissions: said } = agent
      expect(config.inherit_permissions).toBe(said)
      expect(inherits.byRelationship).toBe(said)
      await expect.poll(async () => (await stored()).inherits.byKey, { timeout: 30_000 }).toBe(said)
    }
  })

  it('an answer shows the whole agent as it is then', async () => {
    await update([{ name: 'whole', description: 'before', metadata: { run: 'before' } }])
    const answers = await update([{ description: 'after' }, { metadata: { run: 'after' } }])
    const pairs = answers.map((answer) => [answer.description, answer.metadata.run])
    expect(pairs).toContainEqual(['after', 'after'])
  })
})
