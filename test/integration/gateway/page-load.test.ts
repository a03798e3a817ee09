import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

interface Entry {
  readonly path: string
  readonly is_directory: boolean
}

/** What the web frontend asks when somebody has logged in, in its five dependent waves. */
describe.each(ENGINES)("the frontend's first page on %s", (engine) => {
  let system: TestSystem
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_DEMO: '1' } })
  })
  afterAll(() => system.close())

  it.each(['admin', 'alice'] as const)('loads for %s, many times at once, always the same', async (user) => {
    const client = system.client(demoKeys[user])
    const load = async () => {
      const who = (await (await client.raw('/api/auth/whoami')).json()) as { tenant_id: string; user: string }
      const home = `/tenant:${who.tenant_id}/user:${who.user}`
      const list = (path: string) => client.ok<{ files: Entry[] }>('list', { path, recursive: false, details: true })
      const [mounts, root, own, tenant, agents, workspaces, again] = await Promise.all([
        client.ok('list_mounts'),
        list('/'),
        list(home),
        list(`/tenant:${who.tenant_id}`),
        client.ok('list_agents'),
        client.ok('list_workspaces'),
        client.ok('list_workspaces'),
      ])
      expect(again).toEqual(workspaces)
      const directories = [...root.files, ...own.files, ...tenant.files].filter((entry) => entry.is_directory)
      expect(directories.length).toBeGreaterThan(3)
      const exists = await Promise.all(directories.map(({ path }) => client.ok('exists', { path: `${path}/SKILL.md` })))
      expect(await client.ok('get_agent', { agent_id: `${who.user},first` })).toBeNull()
      const skills = await list(`${home}/skill`)
      const texts = await Promise.all(
        skills.files
          .filter((entry) => entry.is_directory)
          .map(({ path }) => client.ok('read', { path: `${path}/SKILL.md` })),
      )
      return { mounts, root, own, tenant, agents, workspaces, exists, skills, texts }
    }
    const alone = await load()
    expect(alone.texts).toHaveLength(user === 'admin' ? 6 : 1)
    for (const one of await Promise.all(Array.from({ length: 8 }, load))) expect(one).toEqual(alone)
  })
})
