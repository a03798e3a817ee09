import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const NAME = 'x-nexus-revision'

/** The header of an answer that must be a success. */
async function revisionOf(client: GatewayClient, method: string, params: object): Promise<string | null> {
  const { error, headers } = await client.call(method, params)
  expect([method, error]).toEqual([method, undefined])
  return headers.get(NAME)
}

describe.each(ENGINES)('revisions on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true, isGlobalAdmin: true })
    await admin.ok('write', { path: '/seen/a.txt', content: 'a' })
  })
  afterAll(() => system.close())

  it('come with answers of calls that change permissions, and with no others', async () => {
    const grant = { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', '/seen/a.txt'] }
    const resource = ['file', '/seen/a.txt']
    const changes: readonly [string, object][] = [
      ['write', { path: '/new/b.txt', content: 'b' }],
      ['rename', { old_path: '/new/b.txt', new_path: '/new/c.txt' }],
      ['delete', { path: '/new/c.txt' }],
      ['rebac_create', grant],
      ['share_with_user', { resource, user_id: 'carol' }],
      ['revoke_share', { resource, user_id: 'carol' }],
      ['make_public', { resource }],
      ['make_private', { resource }],
      ['register_agent', { agent_id: 'root,helper', name: 'helper' }],
      ['namespace_create', { object_type: 'note', config: { relations: { owner: {} }, permissions: {} } }],
    ]
    const seen = new Set<string>()
    for (const [method, params] of changes) {
      const revision = await revisionOf(admin, method, params)
      expect([method, revision]).toEqual([method, expect.stringMatching(/^[\w-]{24,}$/)])
      seen.add(String(revision))
    }
    expect(seen.size).toBe(changes.length)
    for (const [method, params] of [
      ['read', { path: '/seen/a.txt' }],
      ['list', { path: '/' }],
      ['write', { path: '/seen/a.txt', content: 'again: nobody may do more or less than before' }],
      ['rebac_check', { subject: ['user', 'bob'], permission: 'read', object: ['file', '/seen/a.txt'] }],
    ] as const) {
      expect([method, await revisionOf(admin, method, params)]).toEqual([method, expect.toSatisfy(isKnown(seen))])
    }
  })

  it('can be sent back; what was not given is refused, and nothing is done', async () => {
    // An administrator's calls ask for no permission.
    const dora = await system.as('dora')
    await admin.ok('mkdir', { path: '/back' })
    const grant = { subject: ['user', 'dora'], relation: 'direct_owner', object: ['file', '/back'] }
    const revision = String(await revisionOf(admin, 'rebac_create', grant))
    await dora.ok('write', { path: '/back/a.txt', content: 'a' })
    const read = (given: string) => dora.call('read', { path: '/back/a.txt' }, { [NAME]: given })
    expect((await read(revision)).result).toEqual(bytes('a'))
    expect((await read(`acme:${revision}`)).result).toEqual(bytes('a'))
    const made = `${revision.slice(0, -1)}${revision.endsWith('A') ? 'B' : 'A'}`
    for (const wrong of ['x y', '=', `${revision}, ${revision}`, 'a,'.repeat(5_000), made]) {
      expect((await read(wrong)).error).toMatchObject({ code: -32602, message: expect.stringMatching(/given|issued/) })
    }
    const put = { method: 'PUT', body: 'b', headers: { [NAME]: '=' } }
    expect((await admin.raw('/api/files/back/b.txt', put)).status).toBe(400)
    expect(await admin.ok('exists', { path: '/back/b.txt' })).toEqual({ exists: false })
  })

  it("of another tenant stand after its name, and leave one's own questions alone", async () => {
    const path = '/tenant:beta/x.txt'
    await admin.ok('write', { path, content: 'x' })
    const share = { resource: ['file', path], user_id: 'erin', user_tenant_id: 'acme' }
    const erin = await system.as('erin')
    const revision = String(await revisionOf(admin, 'share_with_user', share))
    expect(revision).toMatch(/^beta:[\w-]{24,}$/)
    const own = String(await revisionOf(admin, 'share_with_user', { ...share, resource: ['file', '/seen/a.txt'] }))
    for (const given of [revision, own, `${own}, ${revision}`]) {
      for (const read of ['/seen/a.txt', path]) {
        const { result } = await erin.call('exists', { path: read }, { [NAME]: given })
        expect([read, result]).toEqual([read, { exists: true }])
      }
      expect((await erin.call('list', { path: '/' }, { [NAME]: given })).error).toBeUndefined()
    }
  })

  it('come with uploads of every kind, for browsers too', async () => {
    const origin = { origin: 'http://ui.example' }
    const put = await admin.raw('/api/files/up/put.txt', { method: 'PUT', body: 'b', headers: origin })
    expect([put.status, put.headers.get(NAME)]).toEqual([201, expect.stringMatching(/^[\w-]{24,}$/)])
    expect(put.headers.get('access-control-expose-headers')?.toLowerCase()).toContain(NAME)

    const path = Buffer.from('/up/tus.txt').toString('base64')
    const tus = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream', ...origin }
    const headers = { ...tus, 'upload-length': '4', 'upload-metadata': `path ${path}` }
    const sent = await admin.raw('/api/uploads', { method: 'POST', headers, body: 'text' })
    expect([sent.status, sent.headers.get(NAME)]).toEqual([201, expect.stringMatching(/^[\w-]{24,}$/)])
    expect(sent.headers.get('access-control-expose-headers')?.toLowerCase()).toContain(NAME)
    const preflight = await admin.raw('/api/uploads', {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(NAME)
  })

  it('come with errors of what was done in part', async () => {
    await admin.ok('write', { path: '/part/a.txt', content: 'a' })
    const answer = await admin.call('delete_bulk', { paths: ['/part/a.txt', '/part/none.txt'] })
    expect(answer.result).toMatchObject({ '/part/none.txt': { success: false } })
    expect(answer.headers.get(NAME)).toMatch(/^[\w-]{24,}$/)
  })
})

/** Nothing, or what was known before. */
function isKnown(seen: ReadonlySet<string>) {
  return (revision: string | null) => revision === null || seen.has(revision)
}

describe('two gateways with a permission service each, which answer from what they know', () => {
  let system: TestSystem
  beforeAll(async () => {
    const settings = { NEXUS_CONSISTENCY: 'minimize_latency' }
    system = await TestSystem.start({ engine: 'postgres', twoGateways: true, twoServices: true, settings })
  })
  afterAll(() => system.close())

  it('obey grants and revocations of each other that come with their revision', async () => {
    const { key } = await system.makeKey('root', { isAdmin: true })
    const bob = (await system.makeKey('bob')).key
    const path = '/shared/a.txt'
    await system.client(key).ok('write', { path, content: 'a' })
    const subject = ['user', 'bob']
    for (let round = 0; round < 12; round += 1) {
      const near = round % 2 === 0
      const writer = near ? system.client(key) : system.secondClient(key)
      const reader = (given: string | null) =>
        near ? system.secondClient(bob, { [NAME]: given ?? '' }) : system.client(bob, { [NAME]: given ?? '' })
      const grant = { subject, relation: 'direct_viewer', object: ['file', path] }
      const granted = await writer.call('rebac_create', grant)
      expect(await reader(granted.headers.get(NAME)).ok('read', { path })).toEqual(bytes('a'))
      const revoked = await revisionOf(writer, 'rebac_delete', { tuple_id: granted.result })
      expect([round, await reader(revoked).code('read', { path })]).toEqual([round, -32004])
    }
  })

  it('name the revision of what the other one applied', async () => {
    const { key } = await system.makeKey('root', { isAdmin: true })
    const { key: carol } = await system.makeKey('carol')
    const ends = [
      [system.client(key), (given: string) => system.secondClient(carol, { [NAME]: given })],
      [system.secondClient(key), (given: string) => system.client(carol, { [NAME]: given })],
    ] as const
    await system.client(key).ok('rebac_create', {
      subject: ['user', 'carol'],
      relation: 'direct_viewer',
      object: ['file', '/busy'],
    })
    // Both write to one tenant, so that one of them holds its lease and applies for both.
    const files = Array.from({ length: 16 }, (_, index) => index)
    await Promise.all(
      files.map(async (index) => {
        const [writer, reader] = ends[index % 2 === 0 ? 0 : 1]
        const [path, moved] = [`/else/${index}.txt`, `/busy/${index}.txt`]
        await writer.ok('write', { path, content: 'a' })
        await writer.ok('rebac_create', {
          subject: ['user', 'carol'],
          relation: 'direct_viewer',
          object: ['file', path],
        })
        const revision = await revisionOf(writer, 'delete', { path })
        await writer.ok('write', { path, content: 'b' })
        expect(revision).toMatch(/^[\w-]{24,}$/)
        expect([path, await reader(String(revision)).code('read', { path })]).toEqual([path, -32004])
        expect(await writer.ok('rename', { old_path: path, new_path: moved })).toMatchObject({ renamed: true })
      }),
    )
  })
})
