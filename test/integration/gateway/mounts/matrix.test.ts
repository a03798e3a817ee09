import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Actors, may, outcomeOf, ROLES, UNKNOWN_CALLER } from '../../../support/actors.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { MatrixFacts } from '../support/matrix-facts.ts'
import { DENIED, NOTHING } from '../support/matrix-row.ts'
import { MOUNT_CHANGES, MOUNT_ROWS } from '../support/mount-rows.ts'
import { expectedTable } from '../support/role-case.ts'

const HOME = '/tenant:acme/user:olga'

describe.each(ENGINES)('who may do what with mounts on %s', (engine) => {
  let system: TestSystem
  let actors: Actors
  let facts: MatrixFacts

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    actors = await Actors.enter(system, HOME)
    facts = new MatrixFacts(actors.as('owner'), actors.as('admin'), HOME)
  })
  afterAll(() => system.close())

  it.each(Object.entries(MOUNT_CHANGES))('%s', async (method, [there, missing, rest]) => {
    const makes = method === 'add_mount' || method === 'save_mount'
    const table: Record<string, readonly unknown[]> = {}
    const expected: Record<string, readonly unknown[]> = {}
    let made = 0
    for (const role of ROLES) {
      const outcomes = []
      for (const exists of [true, false]) {
        // What is made must not be there already; for those who are denied it makes no difference.
        const is = exists && !(makes && may(role, 'own'))
        const point = is ? await facts.mount() : `${HOME}/${method}-${++made}`
        outcomes.push(outcomeOf(await actors.as(role).call(method, { mount_point: point, ...rest })))
      }
      const refused = role === 'anonymous' ? UNKNOWN_CALLER : DENIED
      table[role] = outcomes
      expected[role] = may(role, 'own') ? [there, missing] : [refused, refused]
    }
    expect(table).toEqual(expected)
  })

  it.each(Object.entries(MOUNT_ROWS))('%s', async (method, row) => {
    const table = await actors.table(method, () => row.params(facts), row.seen)
    expect(table).toEqual(expectedTable(row))
  })

  it('tests the rights on files in a mount as on all others', async () => {
    const point = await facts.mount()
    await actors.as('owner').ok('write', { path: `${point}/file`, content: 'x' })
    for (const role of ROLES) {
      const outcome = async (method: string, params: object) => outcomeOf(await actors.as(role).call(method, params))
      const outcomes = [
        await outcome('read', { path: `${point}/file` }),
        await outcome('read', { path: `${point}/missing` }),
        await outcome('write', { path: `${point}/by-${role}`, content: 'x' }),
        await outcome('append', { path: `${point}/file`, content: '' }),
        await outcome('mkdir', { path: `${point}/d-${role}` }),
        await outcome('rename', { old_path: `${point}/missing`, new_path: `${point}/other` }),
        await outcome('delete', { path: `${point}/missing` }),
      ]
      const refused = role === 'anonymous' ? UNKNOWN_CALLER : DENIED
      const [read, none] = may(role, 'read') ? [0, NOTHING] : [refused, refused]
      const [done, absent] = may(role, 'write') ? [0, NOTHING] : [refused, refused]
      expect([role, ...outcomes]).toEqual([role, read, none, done, done, done, absent, absent])
    }
  })
})
