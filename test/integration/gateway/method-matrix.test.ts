import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Actors, may, outcomeOf, ROLES, UNKNOWN_CALLER } from '../../support/actors.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { ACCOUNT_ROWS } from './support/account-rows.ts'
import { expectedOf } from './support/matrix-row.ts'
import { MOUNT_CHANGES, MOUNT_ROWS } from './support/mount-rows.ts'
import { PATH_ROWS } from './support/path-rows.ts'
import { PERMISSION_ROWS } from './support/permission-rows.ts'
import { methodOf } from './support/role-case.ts'
import { SHARING_ROWS } from './support/sharing-rows.ts'
import { MAKING_ROWS, SKILL_ROWS } from './support/skill-rows.ts'
import { WORKSPACE_ROWS } from './support/workspace-rows.ts'

const SHARED = '/tenant:acme/shared'
const ABOUT_PATHS = { ...PATH_ROWS, ...PERMISSION_ROWS }
const ELSEWHERE = {
  'mounts/matrix.test.ts': { ...MOUNT_ROWS, ...MOUNT_CHANGES },
  'people-matrix.test.ts': ACCOUNT_ROWS,
  'sharing-matrix.test.ts': { ...SHARING_ROWS, ...WORKSPACE_ROWS },
  'skill-permissions.test.ts': { ...SKILL_ROWS, ...MAKING_ROWS },
}

describe.each(ENGINES)('each method, for each caller and whatever is there, on %s', (engine) => {
  let system: TestSystem
  let actors: Actors
  let scratch = 0

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    actors = await Actors.enter(system, SHARED)
    await make('all')
  })
  afterAll(() => system.close())

  /** A file, a directory with a file in it, and a path at which there is nothing. */
  async function make(name: string): Promise<readonly string[]> {
    const base = `${SHARED}/${name}`
    const files = ['file', 'directory/inside'].map((file) => [`${base}/${file}`, 'text'])
    await actors.as('owner').ok('write_batch', { files })
    return pathsOf(name)
  }

  const pathsOf = (name: string) => ['file', 'directory', 'missing'].map((part) => `${SHARED}/${name}/${part}`)

  it('every method that is registered is asked by every caller, here or in another file', async () => {
    const { methods } = (await (await actors.as('owner').raw('/api/nfs/status')).json()) as { methods: string[] }
    const rows = [ABOUT_PATHS, ...Object.values(ELSEWHERE)].flatMap((table) => Object.keys(table))
    expect([...new Set(rows.map(methodOf))].toSorted()).toEqual(methods.toSorted())
  })

  it.each(Object.entries(ABOUT_PATHS))('%s', async (method, row) => {
    const table: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const role of ROLES) {
      const directory = row.changes === true ? `${method}-${role}` : 'all'
      const outcomes: unknown[] = []
      for (const path of row.changes === true ? await make(directory) : pathsOf(directory)) {
        const params = row.params(path, `${SHARED}/${directory}/other-${scratch++}`)
        const seen = (result: never) => (row.seen === undefined ? 0 : row.seen(result, path))
        outcomes.push(outcomeOf(await actors.as(role).call(method, params), seen))
      }
      table[role] = outcomes
      expected[role] = role === 'anonymous' ? outcomes.map(() => UNKNOWN_CALLER) : expectedOf(row, role)
    }
    expect(table).toEqual(expected)
  })

  it.each([
    ['GET', 'read', [200, 400, 404]],
    ['HEAD', 'read', [200, 400, 404]],
    ['PUT', 'write', [200, 409, 201]],
  ] as const)('%s /api/files', async (method, needs, allowed) => {
    for (const role of ROLES) {
      const statuses: number[] = []
      for (const path of await make(`${method}-${role}`)) {
        const body = method === 'PUT' ? { body: 'new' } : {}
        statuses.push((await actors.as(role).raw(`/api/files${path}`, { method, ...body })).status)
      }
      const refused = role === 'anonymous' ? 401 : 403
      expect([role, statuses]).toEqual([role, may(role, needs) ? allowed : [refused, refused, refused]])
    }
  })
})
