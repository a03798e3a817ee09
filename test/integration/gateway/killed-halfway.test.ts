import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all } from '../../../services/common/sql/script.ts'
import { DyingPermissions, type LastChange } from '../../support/dying-permissions.ts'
import type { GatewayClient, RpcAnswer } from '../../support/gateway-client.ts'
import { type Engine, ENGINES, TestSystem } from '../../support/gateway-process.ts'

const EXISTS = -32001
/** A change that was made, but whose answer was lost, leaves the data as they are when the next one is lost: a database tries either. */
const LAST_CHANGES = { sqlite: ['lost'], postgres: ['made'] } as const satisfies Record<Engine, readonly LastChange[]>
const homeOf = (user: string) => `/tenant:acme/user:${user}`

interface Tuple {
  readonly subject_type: string
  readonly subject_id: string
  readonly relation: string
  readonly object_type: string
  readonly object_id: string
}

/**
 * A gateway that ends after the transaction of a change was committed, and before all of its permissions were made: at
 * each of them in turn, until the change comes through. Another one is started on what it left.
 */
describe.each(ENGINES)('a gateway that is killed half-way, on %s', { timeout: 240_000 }, (engine) => {
  let system: TestSystem
  const permissions = new DyingPermissions()
  let adminKey: string
  let foreignKey: string
  let users = 0
  const admin = (): GatewayClient => system.client(adminKey)
  const foreign = (): GatewayClient => system.client(foreignKey)

  beforeAll(async () => {
    system = await TestSystem.start({ engine, faults: { drainMs: 0, permissions: permissions.between } })
    adminKey = (await system.makeKey('root', { isAdmin: true })).key
    foreignKey = (await system.makeKey('root', { tenant: 'other', isAdmin: true })).key
  })
  afterAll(() => system.close())

  /** True if the gateway was killed in the middle of the call, and another one has finished what it had begun. */
  async function killedDuring(call: () => Promise<RpcAnswer>, changes: number, last: LastChange): Promise<boolean> {
    const died = permissions.dieAfter(changes, last).then(() => 'died' as const)
    const answered = call().catch(() => 'cut off' as const)
    const first = await Promise.race([died, answered])
    if (first === 'died') {
      await system.closeGateway()
      const answer = await answered
      // Nothing was acknowledged.
      expect(answer === 'cut off' || answer.status === 503).toBe(true)
    } else {
      expect(first).toMatchObject({ status: 200, error: undefined })
    }
    permissions.revive()
    if (first === 'died') await system.restartGateway()
    await expect.poll(() => system.db.read(() => all('select seq from outbox'))).toEqual([])
    return first === 'died'
  }

  /** Kills the gateway at every change of a call, each time for another user; `check` is told what came of it. */
  async function atEveryChange(
    last: LastChange,
    prepare: (user: string) => Promise<void>,
    call: (user: string) => Promise<RpcAnswer>,
    check: (user: string, killed: boolean) => Promise<void>,
  ): Promise<number> {
    for (let changes = 0; ; changes++) {
      const user = `user${++users}x`
      await prepare(user)
      const killed = await killedDuring(() => call(user), changes, last)
      await check(user, killed)
      if (!killed) return changes
    }
  }

  /** What relationships say of a name, in both tenants. */
  async function relationshipsOf(name: string): Promise<readonly string[]> {
    const tuples = [
      ...(await admin().ok<Tuple[]>('rebac_list_tuples')),
      ...(await foreign().ok<Tuple[]>('rebac_list_tuples')),
    ]
    return tuples
      .map((one) => `${one.subject_type}:${one.subject_id} ${one.relation} ${one.object_type}:${one.object_id}`)
      .filter((text) => text.includes(name))
      .toSorted()
  }

  /** Everything that a user has, without the name. */
  async function belongingsOf(user: string): Promise<unknown> {
    const mine = (list: readonly object[]) => list.filter((one) => JSON.stringify(one).includes(user))
    const { keys } = await admin().ok<{ keys: Record<string, unknown>[] }>('admin_list_keys', { user_id: user })
    const found = {
      relationships: await relationshipsOf(user),
      files: await admin().ok('list', { path: homeOf(user) }),
      agents: mine(await admin().ok<object[]>('list_agents')),
      workspaces: mine(await admin().ok<object[]>('list_workspaces')),
      keys: keys.map((key) => [key['subject_type'], key['subject_id'], key['revoked']]),
    }
    return JSON.parse(
      JSON.stringify(found)
        .replaceAll(user, 'USER')
        .replaceAll(/[0-9a-f]{12}/g, 'ID')
        .replaceAll(/\d{4}-\d\d-\d\dT[^"]*/g, 'TIME'),
    )
  }

  const provision = (user: string) =>
    admin().call('provision_user', { user_id: user, create_api_key: true, import_skills: false })
  const deprovision = (user: string) => admin().call('deprovision_user', { user_id: user, tenant_id: 'acme' })
  const register = (user: string) =>
    admin().call('register_agent', {
      agent_id: `${user},bot`,
      name: 'bot',
      generate_api_key: true,
      inherit_permissions: true,
    })
  const prepareUser = async (user: string) => void (await provision(user))
  const statusOf = async (key: string) => (await system.client(key).raw('/api/auth/whoami')).status

  /** An agent that others have given rights, in another tenant too. */
  async function prepareAgent(user: string): Promise<string> {
    await prepareUser(user)
    const { result } = await register(user)
    const agent = ['agent', `${user},bot`]
    const path = `${homeOf(user)}/shared.txt`
    await admin().ok('write', { path, content: 'x' })
    await admin().ok('rebac_create', { subject: agent, relation: 'direct_viewer', object: ['file', path] })
    await admin().ok('rebac_create', { subject: agent, relation: 'member', object: ['group', 'eng'] })
    const abroad = `/tenant:other/abroad-${users}.txt`
    await foreign().ok('write', { path: abroad, content: 'x' })
    for (const id of [`${user},bot`, user]) {
      const share = { resource: ['file', abroad], user_id: id, user_tenant_id: 'acme' }
      await foreign().ok('share_with_user', share)
    }
    return (result as { api_key: string }).api_key
  }

  it.each(LAST_CHANGES[engine])('register_agent is complete, if its last change is %s', async (last) => {
    await prepareUser('reference')
    expect((await register('reference')).error).toBeUndefined()
    const reference = await belongingsOf('reference')
    const points = await atEveryChange(last, prepareUser, register, async (user) => {
      expect(await belongingsOf(user)).toEqual(reference)
      expect((await register(user)).error?.code).toBe(EXISTS)
      expect(await belongingsOf(user)).toEqual(reference)
    })
    expect(points).toBeGreaterThan(1)
    await deprovision('reference')
  })

  it.each(LAST_CHANGES[engine])('delete_agent is complete, if its last change is %s', async (last) => {
    let key = ''
    const prepare = async (user: string) => {
      key = await prepareAgent(user)
      expect(await relationshipsOf(`${user},bot`)).toHaveLength(5)
    }
    const remove = (user: string) => admin().call('delete_agent', { agent_id: `${user},bot` })
    const points = await atEveryChange(last, prepare, remove, async (user) => {
      const left = async () => [
        await relationshipsOf(`${user},bot`),
        await admin().ok('get_agent', { agent_id: `${user},bot` }),
        await admin().ok('exists', { path: `${homeOf(user)}/agent/bot` }),
      ]
      expect(await left()).toEqual([[], null, { exists: false }])
      await expect.poll(() => statusOf(key)).toBe(401)
      expect((await remove(user)).result).toBe(false)
      expect(await left()).toEqual([[], null, { exists: false }])
      await register(user)
      expect(await relationshipsOf(`${user},bot`)).toHaveLength(2)
    })
    expect(points).toBeGreaterThan(2)
  })

  it.each(LAST_CHANGES[engine])(
    'provision_user is completed by a second call, if its last change is %s',
    async (last) => {
      await prepareUser('reference')
      const reference = await belongingsOf('reference')
      const nothing = () => Promise.resolve()
      const points = await atEveryChange(last, nothing, provision, async (user, killed) => {
        for (const again of [killed, false]) {
          const { result } = await provision(user)
          // The first call had not come to the key.
          expect([user, (result as { api_key: unknown }).api_key === null]).toEqual([user, !again])
          expect(await belongingsOf(user)).toEqual(reference)
        }
      })
      expect(points).toBeGreaterThan(3)
      await deprovision('reference')
    },
  )

  it.each(LAST_CHANGES[engine])('deprovision_user is complete, if its last change is %s', async (last) => {
    let key = ''
    const prepare = async (user: string) => {
      key = await prepareAgent(user)
    }
    const points = await atEveryChange(last, prepare, deprovision, async (user) => {
      const expected = { relationships: [], files: { files: [] }, agents: [], workspaces: [], keys: [] }
      expect(await belongingsOf(user)).toMatchObject(expected)
      await expect.poll(() => statusOf(key)).toBe(401)
      const { result } = await deprovision(user)
      const nothing = { deleted_directories: [], deleted_api_keys: 0, deleted_agents: 0, user_record_deleted: false }
      expect(result).toMatchObject(nothing)
      expect(await belongingsOf(user)).toMatchObject(expected)
    })
    expect(points).toBeGreaterThan(4)
  })
})
