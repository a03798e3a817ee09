import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { WAVES } from '../../waves/calls.ts'

const USERS = 50
/** As the frontend: so many requests of a browser are in flight. */
const PER_BROWSER = 6
const KINDS = ['provisioned', 'without an agent', 'new'] as const
type Kind = (typeof KINDS)[number]

interface Entry {
  readonly path: string
  readonly is_directory: boolean
}
interface Agent {
  readonly agent_id: string
  readonly user_id: string
}
interface Workspace {
  readonly path: string
}

/** Runs tasks of one browser, a few at a time. */
async function browse<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const answers: T[] = []
  for (let start = 0; start < tasks.length; start += PER_BROWSER)
    answers.push(...(await Promise.all(tasks.slice(start, start + PER_BROWSER).map((task) => task()))))
  return answers
}

/** The page-load sequence of the web frontend, in its five dependent waves; every answer of it, and how many. */
async function loadPage(client: GatewayClient) {
  let requests = 0
  const ok = <T>(method: string, params: object = {}) => {
    requests++
    return client.ok<T>(method, params)
  }
  const whoami = async () => {
    requests++
    const answer = await client.raw('/api/auth/whoami')
    expect(answer.status).toBe(200)
    return (await answer.json()) as { authenticated: boolean; tenant_id: string; subject_id: string; user: string }
  }
  const list = (path: string) => ok<{ files: Entry[] }>('list', { path, recursive: false, details: true })
  const who = await whoami()
  expect(who.authenticated).toBe(true)
  const tenant = `/tenant:${who.tenant_id}`
  const home = `${tenant}/user:${who.user}`
  // Wave A.
  const [mounts, root, own, shared, agents, workspaces, again] = await Promise.all([
    ok('list_mounts'),
    list('/'),
    list(home),
    list(tenant),
    ok<Agent[]>('list_agents'),
    ok<Workspace[]>('list_workspaces'),
    ok<Workspace[]>('list_workspaces'),
  ])
  expect(again).toEqual(workspaces)
  // Wave B: is a visible directory a skill?
  const directories = [
    ...own.files,
    ...shared.files.filter(({ path }) => path !== home),
    ...root.files.filter(({ path }) => path !== tenant),
  ].filter((entry) => entry.is_directory)
  const first = agents.find((agent) => agent.user_id === who.user)
  const [exists, agent] = await Promise.all([
    browse(
      directories.map(
        ({ path }) =>
          () =>
            ok<{ exists: boolean }>('exists', { path: `${path}/SKILL.md` }),
      ),
    ),
    first === undefined ? null : ok<object>('get_agent', { agent_id: first.agent_id }),
  ])
  // Waves C, D and E follow an agent.
  const rest: unknown[] = []
  if (agent !== null) {
    rest.push(await ok('sandbox_list', { verify_status: true, status: 'active' }))
    const hasWorkspace = workspaces.some(({ path }) => path.startsWith(`${home}/workspace/`))
    const [agentIs, skills] = await Promise.all([whoami(), hasWorkspace ? list(`${home}/skill`) : null])
    rest.push(agentIs)
    if (skills !== null) {
      const names = skills.files.filter((entry) => entry.is_directory).map(({ path }) => `${path}/SKILL.md`)
      rest.push(skills, await browse(names.map((path) => () => ok('read', { path }))))
    }
  }
  return { requests, answers: { who, mounts, root, own, shared, agents, workspaces, exists, agent, rest } }
}

describe.each(ENGINES)('fifty first pages at once on %s', (engine) => {
  let system: TestSystem
  const users: { readonly kind: Kind; readonly client: GatewayClient }[] = []
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_DEMO: '1' } })
    const admin = system.client(demoKeys.admin)
    for (let number = 0; number < USERS; number++) {
      const kind = KINDS[number % KINDS.length] ?? 'new'
      const user = `user${number}`
      const { api_key: key = '' } = await admin.ok<{ api_key?: string }>('admin_create_key', {
        user_id: user,
        name: 'k',
      })
      const client = system.client(key)
      users.push({ kind, client })
      if (kind === 'new') continue
      const create_agents = kind === 'provisioned'
      await client.ok('provision_user', { user_id: user, create_api_key: false, create_agents, import_skills: false })
      const skill = (name: string) => [
        `/tenant:default/user:${user}/skill/${name}/SKILL.md`,
        `---\nname: ${name}\ndescription: does ${name}\n---\n# ${name}\n`,
      ]
      await client.ok('write_batch', { files: [skill('draw'), skill('write')] })
    }
  }, 300_000)
  afterAll(() => system.close())

  it('are complete, and the same as one alone, while the waves run', async () => {
    const alone = []
    for (const { kind, client } of users) {
      const page = await loadPage(client)
      const { answers } = page
      if (kind === 'new') expect([answers.own.files, answers.workspaces, answers.agents]).toEqual([[], [], []])
      else expect(answers.own.files.map(({ path }) => path.split('/').at(-1))).toEqual(HOME_FOLDERS)
      expect(answers.agents).toHaveLength(kind === 'provisioned' ? 2 : 0)
      if (kind === 'provisioned') expect(answers.rest.at(-1)).toHaveLength(2)
      alone.push(page)
    }
    // A new user sees nothing; one with an agent has all five waves.
    expect(alone.map(({ requests }) => requests).slice(0, 3)).toEqual([21, 15, 9])

    let loading = true
    let rounds = 0
    const waves = async () => {
      const admin = system.client(demoKeys.admin)
      while (loading) {
        for (const { calls } of WAVES) {
          const answers = await Promise.all(calls.map((one) => admin.call(one.method, one.params)))
          for (const [index, { status, error, text }] of answers.entries()) {
            const expected = calls[index]?.expects === 'result' ? undefined : -32602
            expect([status, error?.code], text.slice(0, 300)).toEqual([200, expected])
          }
        }
        rounds++
      }
    }
    const running = waves()
    try {
      const crowd = await Promise.all(users.map(({ client }) => loadPage(client)))
      expect(crowd).toEqual(alone)
    } finally {
      loading = false
      await running
    }
    expect(rounds).toBeGreaterThan(0)
  }, 300_000)
})

const HOME_FOLDERS = ['agent', 'connector', 'memory', 'resource', 'skill', 'workspace']
