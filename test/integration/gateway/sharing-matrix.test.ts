import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Actors } from '../../support/actors.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { MatrixFacts } from './support/matrix-facts.ts'
import { expectedTable, methodOf } from './support/role-case.ts'
import { SHARING_ROWS } from './support/sharing-rows.ts'
import { WORKSPACE_ROWS } from './support/workspace-rows.ts'

const SHARED = '/tenant:acme/shared'

describe.each(ENGINES)('who may do what with shares, links, workspaces and the trash on %s', (engine) => {
  let system: TestSystem
  let actors: Actors
  let facts: MatrixFacts

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    actors = await Actors.enter(system, SHARED)
    facts = new MatrixFacts(actors.as('owner'), actors.as('admin'), SHARED)
  })
  afterAll(() => system.close())

  it.each(Object.entries({ ...SHARING_ROWS, ...WORKSPACE_ROWS }))('%s', async (name, row) => {
    const table = await actors.table(methodOf(name), () => row.params(facts), row.seen)
    expect(table).toEqual(expectedTable(row))
  })
})
