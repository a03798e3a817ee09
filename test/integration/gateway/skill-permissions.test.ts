import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Actors, nameOf, type Role, ROLES, UNKNOWN_CALLER } from '../../support/actors.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { DENIED } from './support/matrix-row.ts'
import { countOf, expectedOfSkill, MAKING_ROWS, SKILL_ROWS, UNKNOWN_SKILL } from './support/skill-rows.ts'

const HOME = '/tenant:acme/user:olga/skill'

describe.each(ENGINES)('who may do what with skills on %s', (engine) => {
  let system: TestSystem
  let actors: Actors

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    actors = await Actors.enter(system, HOME)
    const chief = await system.as('chief', { isAdmin: true, isGlobalAdmin: true })
    await chief.ok('write', { path: '/skill/base/SKILL.md', content: '---\nname: base\ndescription: d\n---\n' })
  })
  afterAll(() => system.close())

  it.each(Object.entries(SKILL_ROWS))('%s', async (method, row) => {
    const nameFor = (role: Role) => `${method.replaceAll('_', '-')}-${role.toLowerCase()}`
    const table = await actors.table(
      method,
      async (role) => {
        const name = nameFor(role)
        const path = `${HOME}/${name}`
        await actors.as('owner').ok('skills_create', { name, description: 'Something' })
        const approver = { subject: ['user', nameOf('approver')], relation: 'approver', object: ['skill', path] }
        await actors.as('admin').ok('rebac_create', approver)
        const submitted = { skill_name: name, submitted_by: nameOf('owner') }
        const { approval_id: approval } = await actors
          .as('owner')
          .ok<{ approval_id: string }>('skills_submit_approval', submitted)
        return row.params({ name, path, approval, who: nameOf(role) })
      },
      (result, role) => (row.hidden === 0 ? countOf(result, nameFor(role)) : 'done'),
    )
    const expected = Object.fromEntries(ROLES.map((role) => [role, expectedOfSkill(method, row, role)]))
    expect(table).toEqual(expected)
    const paths = ROLES.map((role) => `${HOME}/${nameFor(role)}`)
    await actors.as('owner').ok('delete_bulk', { paths, recursive: true })
  })

  it.each(Object.entries(MAKING_ROWS))('%s', async (method, params) => {
    const into = (tier: string) =>
      actors.table(
        method,
        (role) => params(tier, `${tier}-${role.toLowerCase()}-${method.length}`),
        () => 'done',
      )
    const everybody = (outcome: unknown) =>
      Object.fromEntries(ROLES.map((role) => [role, role === 'anonymous' ? UNKNOWN_CALLER : outcome]))
    expect(await into('personal')).toEqual({
      // The home of each of the others is not theirs until somebody grants it.
      ...everybody(DENIED),
      owner: 'done',
      inheritingAgent: 'done',
      admin: 'done',
      foreignAdmin: 'done',
    })
    // An administrator of a tenant writes all of it, and nothing of the server's.
    expect(await into('tenant')).toEqual({ ...everybody(DENIED), admin: 'done', foreignAdmin: 'done' })
    // It is there already: whoever asks, there is nothing to publish.
    expect(await into('system')).toEqual(everybody(method === 'skills_publish' ? UNKNOWN_SKILL : DENIED))
  })
})
