import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient, RpcAnswer } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const TABLE = `${HOME}/staff.csv`
const DENIED = -32004
const WRONG = -32602
const SECRET = '98765'
const STAFF = `name,age,salary\nAda,36,${SECRET}\n"Bob, jr.",40,${SECRET}\n`
const CONFIG = { hidden_columns: ['salary'], aggregations: { age: 'mean' } }

interface View {
  readonly content: { readonly data: string }
  readonly is_filtered: boolean
  readonly config: object | null
  readonly aggregations: object
  readonly columns_shown: readonly string[]
  readonly aggregated_columns: readonly string[]
}

const text = ({ content }: View): string => Buffer.from(content.data, 'base64').toString()

describe.each(ENGINES)('views of tables on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let bob: GatewayClient
  let stranger: GatewayClient
  let admin: GatewayClient

  const view = (client: GatewayClient, subject: readonly string[], file_path = TABLE) =>
    client.call('read_with_dynamic_viewer', { subject, file_path })
  const give = (client: GatewayClient, subject: readonly string[], column_config: object = CONFIG, path = TABLE) =>
    client.ok<string>('rebac_create', { subject, relation: 'dynamic_viewer', object: ['file', path], column_config })

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    stranger = await system.as('sam')
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
    await alice.ok('write', { path: TABLE, content: STAFF })
    await alice.ok('write', { path: TABLE, content: STAFF })
    await give(alice, ['user', 'bob'])
  })
  afterAll(() => system.close())

  it('read_with_dynamic_viewer shows what the configuration shows', async () => {
    const answer = (await view(bob, ['user', 'bob'])).result as View
    expect(text(answer)).toBe('name,mean(age)\nAda,38\n"Bob, jr.",38\n')
    expect({ ...answer, content: null }).toEqual({
      content: null,
      is_filtered: true,
      config: CONFIG,
      aggregations: { age: { mean: 38 } },
      columns_shown: ['name'],
      aggregated_columns: ['mean(age)'],
    })
  })

  it('get_dynamic_viewer_config is for oneself and for the owner', async () => {
    const config = (client: GatewayClient, subject: string[]) =>
      client.call('get_dynamic_viewer_config', { subject, file_path: TABLE })
    expect((await config(bob, ['user', 'bob'])).result).toEqual(CONFIG)
    expect((await config(alice, ['user', 'bob'])).result).toEqual(CONFIG)
    expect((await config(admin, ['user', 'bob'])).result).toEqual(CONFIG)
    expect((await config(stranger, ['user', 'sam'])).result).toBeNull()
    expect((await config(stranger, ['user', 'bob'])).error?.code).toBe(DENIED)
  })

  it('an owner sees the whole, and what others see; a stranger sees nothing', async () => {
    const whole = (await view(alice, ['user', 'alice'])).result as View
    expect([text(whole), whole.is_filtered, whole.config]).toEqual([STAFF, false, null])
    expect(text((await view(alice, ['user', 'bob'])).result as View)).not.toContain(SECRET)
    expect(text((await view(admin, ['user', 'root'])).result as View)).toBe(STAFF)
    expect((await view(alice, ['user', 'sam'])).error?.code).toBe(DENIED)
    expect((await view(stranger, ['user', 'sam'])).error?.code).toBe(DENIED)
    expect((await view(stranger, ['user', 'bob'])).error?.code).toBe(DENIED)
    expect((await view(stranger, ['user', 'sam'], `${HOME}/none.csv`)).error?.code).toBe(DENIED)
    const foreigner = await system.as('bob', { tenant: 'other', isAdmin: true })
    expect((await view(foreigner, ['user', 'bob'])).error?.code).toBe(DENIED)
  })

  it('no other way leads a dynamic viewer to the file, or to a trace of what it holds', async () => {
    await system.makeAgent('bob,heir', { inherits: true })
    const heir = await system.as('bob', { subjectType: 'agent', subjectId: 'bob,heir' })
    const own = '/tenant:acme/user:bob'
    await admin.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_owner', object: ['file', own] })
    const path = TABLE
    const calls: readonly (readonly [string, object])[] = [
      ['read', { path }],
      ['read', { path, return_metadata: true }],
      ['read_range', { path, start: 0, end: 1_000 }],
      ['stream', { path }],
      ['read_bulk', { paths: [path] }],
      ['get_etag', { path }],
      ['get_metadata', { path }],
      ['stat', { path }],
      ['stat_bulk', { paths: [path] }],
      ['metadata_batch', { paths: [path] }],
      ['batch_get_content_ids', { paths: [path] }],
      ['exists', { path }],
      ['list', { path: HOME, details: true }],
      ['list', { path: '/', recursive: true, details: true }],
      ['glob', { pattern: '**/*.csv', path: '/' }],
      ['grep', { pattern: SECRET, path: '/' }],
      ['grep', { pattern: SECRET, path }],
      ['list_versions', { path }],
      ['get_version', { path, version: 1 }],
      ['diff_versions', { path, v1: 1, v2: 2, mode: 'content' }],
      ['rollback', { path, version: 1 }],
      ['copy', { src_path: path, dst_path: `${own}/stolen.csv` }],
      ['rename', { old_path: path, new_path: `${own}/stolen.csv` }],
      ['edit', { path, edits: [{ old_str: 'Ada', new_str: 'Eve' }], preview: true }],
      ['append', { path, content: 'x' }],
      ['write', { path, content: 'x', if_match: '0'.repeat(64) }],
      ['delete', { path }],
      ['rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', path] }],
      ['make_public', { resource: ['file', path] }],
      ['rebac_expand', { permission: 'read', object: ['file', path] }],
    ]
    const etag = (await alice.ok<{ etag: string }>('get_etag', { path })).etag
    for (const client of [bob, heir]) {
      for (const [method, params] of calls) {
        const { text: said } = await client.call(method, params)
        expect([method, said.includes(SECRET) || said.includes(etag) || said.includes(btoa(STAFF))]).toEqual([
          method,
          false,
        ])
      }
      expect((await client.raw(`/api/files${path}`)).status).toBe(403)
      expect((await client.raw(`/api/files${path}`, { method: 'HEAD' })).status).toBe(403)
      expect((await client.call('read', { path }, { 'if-none-match': etag })).status).toBe(200)
      expect(await client.code('read', { path })).toBe(DENIED)
      expect(await client.ok('exists', { path })).toEqual({ exists: false })
    }
    expect(await bob.code('read', { path: `${own}/stolen.csv` })).toBe(-32000)
    expect(Buffer.from((await alice.ok<{ data: string }>('read', { path })).data, 'base64').toString()).toBe(STAFF)
  })

  it('one’s own configuration comes before a group’s, and the first of several groups’', async () => {
    const path = `${HOME}/groups.csv`
    await alice.ok('write', { path, content: 'a,b,c\n1,2,3\n' })
    for (const group of ['one', 'two']) {
      await admin.ok('rebac_create', { subject: ['user', 'max'], relation: 'member', object: ['group', group] })
    }
    const max = await system.as('max')
    const seen = async () => text((await view(max, ['user', 'max'], path)).result as View)
    await give(alice, ['group', 'one', 'member'], { visible_columns: ['a'] }, path)
    await give(alice, ['group', 'two', 'member'], { visible_columns: ['b'] }, path)
    expect(await seen()).toBe('a\n1\n')
    const id = await give(alice, ['user', 'max'], { visible_columns: ['c'] }, path)
    expect(await seen()).toBe('c\n3\n')
    await alice.ok('rebac_delete', { tuple_id: id })
    expect(await seen()).toBe('a\n1\n')
  })

  it('a view ends with its relationship, with its expiry, and with the file', async () => {
    const path = `${HOME}/short.csv`
    const code = async (): Promise<number> => (await view(bob, ['user', 'bob'], path)).error?.code ?? 0
    await alice.ok('write', { path, content: STAFF })
    const id = await give(alice, ['user', 'bob'], CONFIG, path)
    expect(await code()).toBe(0)
    await alice.ok('rebac_delete', { tuple_id: id })
    expect(await code()).toBe(DENIED)
    await give(alice, ['user', 'bob'], CONFIG, path)
    await alice.ok('delete', { path })
    await alice.ok('write', { path, content: STAFF })
    expect(await code()).toBe(DENIED)
    const params = {
      subject: ['user', 'bob'],
      relation: 'dynamic_viewer',
      object: ['file', path],
      column_config: CONFIG,
    }
    await alice.ok('rebac_create', { ...params, expires_at: new Date(Date.now() + 3_000).toISOString() })
    expect(await code()).toBe(0)
    await expect.poll(code, { timeout: 30_000 }).toBe(DENIED)
  })

  it('shows nothing when the owner has renamed a hidden column', async () => {
    const path = `${HOME}/renamed.csv`
    await alice.ok('write', { path, content: STAFF })
    await give(alice, ['user', 'bob'], CONFIG, path)
    await alice.ok('write', { path, content: STAFF.replace('salary', 'pay') })
    const answer: RpcAnswer = await view(bob, ['user', 'bob'], path)
    expect(answer.error?.code).toBe(WRONG)
    expect(answer.text).not.toContain(SECRET)
  })

  it('apply_dynamic_viewer_filter needs no file', async () => {
    expect(await bob.ok('apply_dynamic_viewer_filter', { data: STAFF, column_config: CONFIG })).toEqual({
      filtered_data: 'name,mean(age)\nAda,38\n"Bob, jr.",38\n',
      aggregations: { age: { mean: 38 } },
      columns_shown: ['name'],
      aggregated_columns: ['mean(age)'],
    })
    const code = (params: object) =>
      bob.code('apply_dynamic_viewer_filter', { data: STAFF, column_config: CONFIG, ...params })
    expect(await code({ file_format: 'xlsx' })).toBe(WRONG)
    expect(await code({ data: `name\n${'1\n'.repeat(16_777_216)}` })).toBe(-32013)
    expect(await code({ column_config: {} })).toBe(WRONG)
    expect(await code({ column_config: { aggregations: { name: 'sum' } } })).toBe(WRONG)
  })

  it.each([
    [{ column_config: { hidden: ['salary'] } }, "'column_config"],
    [{ column_config: { hidden_columns: ['a'], visible_columns: ['a'] } }, 'one place'],
    [{}, "needs 'column_config'"],
    [{ column_config: CONFIG, conditions: { allowed_devices: ['x'] } }, 'cannot stand together'],
    [{ column_config: CONFIG, object: ['file', `${HOME}/x.txt`] }, '.csv'],
    [{ column_config: CONFIG, relation: 'direct_viewer' }, 'only for the relation'],
  ])('rebac_create refuses %j', async (more, message) => {
    const params = { subject: ['user', 'x'], relation: 'dynamic_viewer', object: ['file', TABLE], ...more }
    const { error } = await alice.call('rebac_create', params)
    expect([error?.code, error?.message]).toEqual([WRONG, expect.stringContaining(message)])
  })
})
