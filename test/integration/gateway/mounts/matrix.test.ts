import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'

const DENIED = -32004
const MEMORY = { backend_type: 'memory', backend_config: {} }
const HOME = '/tenant:acme/user:alice'
const ROLES = ['owner', 'admin', 'editor', 'viewer', 'stranger', 'agent', 'foreigner', 'foreign admin'] as const
type Role = (typeof ROLES)[number]

/** Who may do it; everybody else is denied, whether or not something is mounted there. */
const OWNERS: readonly Role[] = ['owner', 'admin']
const READERS: readonly Role[] = ['owner', 'admin', 'editor', 'viewer']

describe.each(ENGINES)('who may do what with mounts on %s', (engine) => {
  let system: TestSystem
  const clients = new Map<Role, GatewayClient>()
  const as = (role: Role): GatewayClient => {
    const client = clients.get(role)
    if (client === undefined) throw new Error(role)
    return client
  }

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await system.makeAgent('alice,helper')
    clients.set('admin', admin)
    clients.set('owner', await system.as('alice'))
    for (const role of ['editor', 'viewer', 'stranger'] as const) clients.set(role, await system.as(role))
    clients.set('agent', await system.as('alice', { subjectType: 'agent', subjectId: 'alice,helper' }))
    clients.set('foreigner', await system.as('alice', { tenant: 'other' }))
    clients.set('foreign admin', await system.as('eve', { tenant: 'other', isAdmin: true }))
    for (const [user, relation] of [
      ['alice', 'direct_owner'],
      ['editor', 'direct_editor'],
      ['viewer', 'direct_viewer'],
    ])
      await admin.ok('rebac_create', { subject: ['user', user], relation, object: ['file', HOME] })
    await as('owner').ok('add_mount', { mount_point: `${HOME}/there`, ...MEMORY })
    await as('owner').ok('save_mount', { mount_point: `${HOME}/there`, ...MEMORY })
  })
  afterAll(() => system.close())

  let made = 0
  /** A place where something is mounted and saved, or nothing. */
  async function place(there: boolean): Promise<string> {
    const point = `${HOME}/p${++made}`
    if (!there) return point
    await as('owner').ok('add_mount', { mount_point: point, ...MEMORY })
    await as('owner').ok('save_mount', { mount_point: point, ...MEMORY })
    return point
  }

  it.each([
    ['add_mount', 0, 0, MEMORY],
    ['save_mount', 0, 0, MEMORY],
    ['load_mount', 0, -32602, {}],
    ['remove_mount', 0, 0, {}],
    ['delete_saved_mount', 0, 0, {}],
    ['delete_connector', 0, 0, {}],
    ['sync_mount', 0, -32602, {}],
    ['sync_mount_async', 0, -32602, {}],
  ] as const)('%s', async (method, there, missing, rest) => {
    const makes = method === 'add_mount' || method === 'save_mount'
    const table: Record<string, readonly number[]> = {}
    const expected: Record<string, readonly number[]> = {}
    for (const role of ROLES) {
      const codes = []
      for (const exists of [true, false]) {
        // What is made must not be there already; for those who are denied it makes no difference.
        const point = await place(exists && !(makes && OWNERS.includes(role)))
        codes.push(await as(role).code(method, { mount_point: point, ...rest }))
      }
      table[role] = codes
      expected[role] = OWNERS.includes(role) ? [there, missing] : [DENIED, DENIED]
    }
    expect(table).toEqual(expected)
  })

  it('shows a mount to those who may read its mount point, and jobs and what is saved to its owners', async () => {
    const point = await place(true)
    const { job_id: id } = await as('owner').ok<{ job_id: string }>('sync_mount_async', { mount_point: point })
    await expect
      .poll(async () => await as('owner').ok('get_sync_job', { job_id: id }))
      .toMatchObject({ status: 'completed' })
    const has = (list: readonly { readonly mount_point: string }[]) => list.some((one) => one.mount_point === point)
    for (const role of ROLES) {
      const client = as(role)
      const seen = {
        get: (await client.ok('get_mount', { mount_point: point })) !== null,
        has: await client.ok('has_mount', { mount_point: point }),
        list: has(await client.ok('list_mounts')),
        saved: has(await client.ok('list_saved_mounts')),
        job: (await client.ok('get_sync_job', { job_id: id })) !== null,
        jobs: has(await client.ok('list_sync_jobs')),
        cancel: (await client.ok<{ message: string }>('cancel_sync_job', { job_id: id })).message,
        connectors: (await client.ok<readonly object[]>('list_connectors')).length,
      }
      const [reads, owns] = [READERS.includes(role), OWNERS.includes(role)]
      const cancel = owns ? 'The sync job is completed already.' : 'There is no such sync job.'
      const common = { get: reads, has: reads, list: reads, saved: owns, job: owns, jobs: owns }
      expect({ role, ...seen }).toEqual({ role, ...common, cancel, connectors: 3 })
    }
  })

  it('tests the rights on files in a mount as on all others', async () => {
    const point = await place(true)
    await as('owner').ok('write', { path: `${point}/file`, content: 'x' })
    for (const role of ROLES) {
      const codes = [
        await as(role).code('read', { path: `${point}/file` }),
        await as(role).code('read', { path: `${point}/missing` }),
        await as(role).code('write', { path: `${point}/by-${role.replace(' ', '-')}`, content: 'x' }),
        await as(role).code('append', { path: `${point}/file`, content: '' }),
        await as(role).code('mkdir', { path: `${point}/d-${role.replace(' ', '-')}` }),
        await as(role).code('rename', { old_path: `${point}/missing`, new_path: `${point}/other` }),
        await as(role).code('delete', { path: `${point}/missing` }),
      ]
      const writes = role === 'editor' || OWNERS.includes(role)
      const [read, none] = READERS.includes(role) ? [0, -32000] : [DENIED, DENIED]
      const [done, absent] = writes ? [0, -32000] : [DENIED, DENIED]
      expect([role, ...codes]).toEqual([role, read, none, done, done, done, absent, absent])
      expect(await as(role).ok('exists', { path: `${point}/file` })).toEqual({ exists: READERS.includes(role) })
    }
  })
})
