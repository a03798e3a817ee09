import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Actors, may, outcomeOf, ROLES, UNKNOWN_CALLER } from '../../support/actors.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { ACCOUNT_ROWS } from './support/account-rows.ts'
import { DENIED } from './support/matrix-row.ts'
import { expectedTable, methodOf } from './support/role-case.ts'

const HOME = '/tenant:acme/user:olga'

/** The owner is the user whom everything is about; the others have their rights on the owner's home. */
describe.each(ENGINES)('who may do what to accounts on %s', (engine) => {
  let system: TestSystem
  let actors: Actors
  let made = 0

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    actors = await Actors.enter(system, HOME)
    await actors.as('owner').ok('provision_user', { user_id: 'olga', create_agents: false, import_skills: false })
  })
  afterAll(() => system.close())

  /** A user, an agent of the owner's and a key that may be changed and deleted. */
  async function fresh() {
    const number = ++made
    const agent = `olga,temp${number}`
    await actors.as('owner').ok('register_agent', { agent_id: agent, name: 'temp' })
    const { keyId } = await system.makeKey(`temp${number}`)
    return { user: `temp${number}`, agent, keyId }
  }

  it.each(Object.entries(ACCOUNT_ROWS))('%s', async (name, row) => {
    const table = await actors.table(methodOf(name), async () => row.params(await fresh()), row.seen)
    expect(table).toEqual(expectedTable(row))
  })

  it("an agent acts with its own rights and, only where it inherits, with its owner's", async () => {
    const path = `${HOME}/private.txt`
    await actors.as('owner').ok('write', { path, content: 'x' })
    for (const role of ROLES) {
      const client = actors.as(role)
      const read = outcomeOf(await client.call('read', { path }))
      const written = outcomeOf(await client.call('write', { path, content: 'x' }))
      const expected = [may(role, 'read') ? 0 : DENIED, may(role, 'write') ? 0 : DENIED]
      expect([role, read, written]).toEqual([
        role,
        ...(role === 'anonymous' ? [UNKNOWN_CALLER, UNKNOWN_CALLER] : expected),
      ])
    }
  })
})
