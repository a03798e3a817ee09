import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trimShareLinks } from '../../../gateway/share-links/trim-share-links.ts'
import { all } from '../../../services/common/sql/script.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const DENIED = -32004
const NOTHING = -32000
const WRONG = -32602

interface Link {
  readonly link_id: string
  readonly id: string
  readonly path: string | null
  readonly status: string
  readonly has_password: boolean
  readonly access_count: number
}
interface Access {
  readonly name?: string
  readonly download_url: string
  readonly password_required: boolean
}

describe.each(ENGINES)('share links on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let admin: GatewayClient
  let stranger: GatewayClient
  let nobody: GatewayClient
  let files = 0

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    stranger = await system.as('sam')
    nobody = system.client(null)
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
  })
  afterAll(() => system.close())

  const write = async (content = 'the text'): Promise<string> => {
    const path = `${HOME}/file-${files++}.txt`
    await alice.ok('write', { path, content })
    return path
  }
  const make = async (params: object = {}): Promise<Link> =>
    await alice.ok<Link>('create_share_link', { path: await write(), ...params })
  const open = (link: string, password?: string) =>
    nobody.raw(`/api/share/${link}/access`, {
      method: 'POST',
      body: JSON.stringify({ password }),
      headers: { 'content-type': 'application/json' },
    })
  const download = (link: string, headers: Record<string, string> = {}) =>
    nobody.raw(`/api/share/${link}/download`, { headers })
  const manage = (client: GatewayClient, method: string, link_id: string) => client.call(method, { link_id })

  it('create_share_link makes a link by which anybody reads the file, and nothing else', async () => {
    const path = await write('for everybody')
    const link = await alice.ok<Link>('create_share_link', { path })
    expect(link).toEqual({
      link_id: expect.stringMatching(/^[\w-]{32}$/),
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      path,
      permission_level: 'viewer',
      has_password: false,
      status: 'active',
      created_by: 'user:alice',
      created_at: expect.stringMatching(/\+00:00$/),
      expires_at: null,
      max_access_count: null,
      access_count: 0,
      revoked_at: null,
      share_url: `/api/share/${link.link_id}`,
    })
    const look = await nobody.raw(`/api/share/${link.link_id}`)
    expect([look.status, look.headers.get('cache-control'), look.headers.get('referrer-policy')]).toEqual([
      200,
      'no-store',
      'no-referrer',
    ])
    expect(await look.json()).toMatchObject({ name: path.split('/').at(-1), size: 13, password_required: false })
    const answer = await download(link.link_id)
    expect([answer.status, await answer.text()]).toEqual([200, 'for everybody'])
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    expect((await nobody.call('read', { path })).status).toBe(401)
    await alice.ok('write', { path, content: 'changed' })
    expect(await (await download(link.link_id)).text()).toBe('changed')
  })

  it('access_share_link works for callers of every tenant; its ticket downloads, in parts too', async () => {
    const link = await make({ max_access_count: 1 })
    const foreigner = await system.as('olga', { tenant: 'other' })
    const opened = await foreigner.ok<Access>('access_share_link', { link_id: link.link_id })
    expect(opened).toMatchObject({ access_granted: true, permission_level: 'viewer', size: 8 })
    expect(await foreigner.code('access_share_link', { link_id: link.link_id })).toBe(NOTHING)
    expect(await (await nobody.raw(opened.download_url)).text()).toBe('the text')
    const part = await nobody.raw(opened.download_url, { headers: { range: 'bytes=4-' } })
    expect([part.status, await part.text()]).toEqual([206, 'text'])
    expect((await nobody.raw(`${opened.download_url}x`)).status).toBe(404)
    const log = await alice.ok<object[]>('get_share_link_access_logs', { link_id: link.link_id })
    expect(log).toMatchObject([{ success: true, accessed_by: 'other/user:olga' }])
  })

  it('a password opens, and a wrong one does not; without it the file has no name', async () => {
    const link = await make({ password: 'open sesame', max_access_count: 2 })
    const look = await (await nobody.raw(`/api/share/${link.link_id}`)).json()
    expect(look).toEqual({
      link_id: link.link_id,
      permission_level: 'viewer',
      password_required: true,
      expires_at: null,
    })
    expect((await open(link.link_id)).status).toBe(403)
    expect((await open(link.link_id, 'wrong')).status).toBe(403)
    expect((await download(link.link_id)).status).toBe(403)
    expect(await stranger.code('access_share_link', { link_id: link.link_id, password: 'wrong' })).toBe(DENIED)
    expect((await open(link.link_id, 'open sesame')).status).toBe(200)
    expect((await download(link.link_id, { 'x-share-password': 'open sesame' })).status).toBe(200)
    expect((await open(link.link_id, 'open sesame')).status).toBe(404)
    const log = await alice.ok<{ success: boolean }[]>('get_share_link_access_logs', { link_id: link.id })
    expect(log.map(({ success }) => success)).toEqual([true, true, false, false])
  })

  it('passwords cannot be guessed: after ten wrong ones nobody gets in for a while', async () => {
    const link = await make({ password: 'right' })
    const guesses = await Promise.all(Array.from({ length: 14 }, (_, index) => open(link.link_id, `guess ${index}`)))
    const refused = guesses.filter(({ headers }) => Number(headers.get('retry-after')) > 600)
    expect(refused.map(({ status }) => status)).toEqual(Array<number>(4).fill(429))
    // The others were looked at, as far as a busy machine got to hash their passwords before the deadline.
    expect(guesses.filter(({ status }) => status !== 403 && status !== 429)).toEqual([])
    const closed = await open(link.link_id, 'right')
    expect(closed.status).toBe(429)
    expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(600)
  })

  it('max_access_count is exact however many come at once', async () => {
    const link = await make({ max_access_count: 5 })
    const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await open(link.link_id)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
    expect(statuses.filter((status) => status === 404)).toHaveLength(25)
    expect(await alice.ok('get_share_link', { link_id: link.id })).toMatchObject({ access_count: 5, status: 'used_up' })
    expect(await alice.ok('get_share_link_access_logs', { link_id: link.id })).toHaveLength(5)
  })

  it('unknown, revoked, expired and used-up links, and those whose file or right is gone, answer alike', async () => {
    const revoked = await make()
    const expired = await make({ expires_at: new Date(Date.now() + 1_500).toISOString() })
    const usedUp = await make({ max_access_count: 1 })
    const deleted = await make()
    const bob = await system.as('bob')
    const right = await alice.ok('rebac_create', {
      subject: ['user', 'bob'],
      relation: 'direct_owner',
      object: ['file', usedUp.path],
    })
    const powerless = await bob.ok<Link>('create_share_link', { path: usedUp.path, password: 'x' })
    expect((await open(usedUp.link_id)).status).toBe(200)
    await alice.ok('revoke_share_link', { link_id: revoked.link_id })
    await alice.ok('delete', { path: deleted.path })
    await alice.ok('rebac_delete', { tuple_id: right })
    await expect.poll(async () => (await download(expired.link_id)).status, { timeout: 30_000 }).toBe(404)
    const answers = new Set<string>()
    const dead = ['A'.repeat(32), revoked.link_id, expired.link_id, usedUp.link_id, deleted.link_id, revoked.id]
    for (const link of dead) {
      for (const answer of [await nobody.raw(`/api/share/${link}`), await open(link), await download(link)]) {
        answers.add(`${answer.status} ${await answer.text()}`)
      }
      answers.add(
        `404 ${(await stranger.call('access_share_link', { link_id: link })).text.replace('"id":7', '"id":null')}`,
      )
    }
    expect([...answers]).toEqual([expect.stringContaining('There is no such link')])
    // A right password does not bring it back.
    expect((await open(powerless.link_id, 'x')).status).toBe(404)
  })

  it('revoke_share_link ends what was opened before, too', async () => {
    const link = await make()
    const opened = (await (await open(link.link_id)).json()) as Access
    expect((await nobody.raw(opened.download_url)).status).toBe(200)
    expect(await alice.ok('revoke_share_link', { link_id: link.id })).toBe(true)
    expect(await alice.ok('revoke_share_link', { link_id: link.id })).toBe(false)
    expect((await nobody.raw(opened.download_url)).status).toBe(404)
  })

  it('follows its file, also into the trash and back', async () => {
    const link = await make()
    const moved = `${HOME}/moved-${files++}.txt`
    await alice.ok('rename', { old_path: link.path, new_path: moved })
    expect((await download(link.link_id)).status).toBe(200)
    expect(await alice.ok('get_share_link', { link_id: link.id })).toMatchObject({ path: moved })
    await alice.ok('delete', { path: moved })
    await alice.ok('write', { path: moved, content: 'another file' })
    expect((await download(link.link_id)).status).toBe(404)
    expect(await alice.ok('get_share_link', { link_id: link.id })).toMatchObject({ path: null, status: 'gone' })
  })

  it('only who may share makes links, and only they are managed by others than their maker', async () => {
    const link = await make()
    const foreigner = await system.as('alice', { tenant: 'other', isAdmin: true })
    await system.makeAgent('alice,heir', { inherits: true })
    await system.makeAgent('alice,plain', { inherits: false })
    const agent = (id: string) => system.as('alice', { subjectType: 'agent', subjectId: id })
    expect(await (await agent('alice,heir')).code('create_share_link', { path: link.path })).toBe(0)
    for (const client of [stranger, foreigner, await agent('alice,plain')]) {
      expect(await client.code('create_share_link', { path: link.path })).toBe(DENIED)
      expect(await client.code('create_share_link', { path: `${HOME}/missing` })).toBe(DENIED)
      expect((await manage(client, 'get_share_link', link.link_id)).result).toBeNull()
      expect((await manage(client, 'get_share_link', link.id)).result).toBeNull()
      expect((await manage(client, 'get_share_link_access_logs', link.id)).result).toEqual([])
      expect((await manage(client, 'revoke_share_link', link.link_id)).result).toBe(false)
      expect(await client.ok('list_share_links', { path: link.path })).toEqual([])
    }
    expect((await download(link.link_id)).status).toBe(200)
    expect(await admin.ok<Link[]>('list_share_links', { path: link.path })).toHaveLength(2)
    expect((await manage(admin, 'revoke_share_link', link.id)).result).toBe(true)
  })

  it('a link of an administrator ends when he is none any more', async () => {
    const path = await write()
    const { key, keyId } = await system.makeKey('chief', { isAdmin: true })
    const link = await system.client(key).ok<Link>('create_share_link', { path })
    expect((await download(link.link_id)).status).toBe(200)
    await admin.ok('admin_revoke_key', { key_id: keyId })
    expect((await download(link.link_id)).status).toBe(404)
  })

  it('list_share_links has the caller’s, the newest first, without what opens them', async () => {
    const path = await write()
    const links: Link[] = []
    for (let index = 0; index < 3; index++) links.push(await alice.ok<Link>('create_share_link', { path }))
    await alice.ok('revoke_share_link', { link_id: links[0]?.id })
    const list = (params: object = {}) => alice.ok<Link[]>('list_share_links', { path, ...params })
    expect((await list()).map(({ id }) => id)).toEqual([links[2]?.id, links[1]?.id])
    expect((await list({ include_revoked: true })).map(({ status }) => status)).toEqual(['active', 'active', 'revoked'])
    expect((await list({ limit: 1, offset: 1 })).map(({ id }) => id)).toEqual([links[1]?.id])
    const answer = await alice.call('list_share_links', { include_revoked: true, include_expired: true })
    for (const { link_id } of links) expect(answer.text).not.toContain(link_id)
  })

  it('neither what opens a link nor a password is stored', async () => {
    const link = await make({ password: 'a very secret password' })
    const { download_url } = (await (await open(link.link_id, 'a very secret password')).json()) as Access
    const ticket = download_url.split('=').at(-1) ?? ''
    const tables = await system.db.read(function* () {
      return [
        yield* all('select * from share_links'),
        yield* all('select * from share_link_accesses'),
        yield* all('select * from audit'),
      ]
    })
    const text = JSON.stringify(tables)
    for (const secret of [link.link_id, ticket, 'a very secret password']) expect(text).not.toContain(secret)
    expect(text).toContain(link.id)
  })

  it.each([
    [{ permission_level: 'editor' }, WRONG],
    [{ max_access_count: 0 }, WRONG],
    [{ expires_in_hours: -1 }, WRONG],
    [{ expires_at: '2001-01-01T00:00:00Z' }, WRONG],
    [{ expires_at: '2099-01-01T00:00:00Z', expires_in_hours: 1 }, WRONG],
    [{ password: '' }, WRONG],
    [{ path: HOME }, -32002],
    [{ path: `${HOME}/missing` }, NOTHING],
    [{ path: '/skill/x' }, DENIED],
    [{ path: '/a/../b' }, -32002],
  ])('create_share_link refuses %j', async (params, code) => {
    const path = await write()
    expect(await alice.code('create_share_link', { path, ...params })).toBe(code)
    expect(await alice.ok('list_share_links', { path })).toEqual([])
  })

  it.each([
    ['GET', '/api/share/', 404],
    ['GET', `/api/share/${'x'.repeat(200)}`, 404],
    ['GET', '/api/share/%00', 404],
    ['GET', '/api/share/../nfs/status', 200],
    ['GET', `/api/share/${'x'.repeat(32)}/other`, 404],
    ['POST', `/api/share/${'x'.repeat(32)}/download`, 405],
    ['GET', `/api/share/${'x'.repeat(32)}/access`, 405],
    ['HEAD', `/api/share/${'x'.repeat(32)}/download`, 404],
    ['HEAD', `/api/share/${'x'.repeat(32)}/access`, 405],
    ['POST', `/api/share/${'x'.repeat(32)}/access`, 404],
  ])('%s %s is %i', async (method, path, status) => {
    expect((await nobody.raw(path, { method })).status).toBe(status)
  })

  it.each(['{"password":{"$ne":1}}', '["right"]', '"right"', 'null', '{"password":', 'password=right'])(
    'access with the body %s is refused and takes nothing',
    async (body) => {
      const link = await make({ password: 'right' })
      const answer = await nobody.raw(`/api/share/${link.link_id}/access`, { method: 'POST', body })
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: expect.anything() })])
      expect(await alice.ok('get_share_link_access_logs', { link_id: link.id })).toEqual([])
    },
  )

  it('HEAD says what a download would give, and is no access', async () => {
    const link = await make({ password: 'right', max_access_count: 1 })
    const head = (headers: Record<string, string> = {}) =>
      nobody.raw(`/api/share/${link.link_id}/download`, { method: 'HEAD', headers })
    expect((await nobody.raw(`/api/share/${link.link_id}`, { method: 'HEAD' })).status).toBe(200)
    expect((await head()).status).toBe(403)
    expect((await head({ 'x-share-password': 'wrong' })).status).toBe(403)
    for (let time = 0; time < 2; time++) {
      const answer = await head({ 'x-share-password': 'right' })
      expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '8', ''])
    }
    expect(await alice.ok('get_share_link', { link_id: link.id })).toMatchObject({ access_count: 0, status: 'active' })
    expect((await download(link.link_id, { 'x-share-password': 'right' })).status).toBe(200)
    expect((await head({ 'x-share-password': 'right' })).status).toBe(404)
  })

  it('forgets in time who came, and a link when its file is gone for good', async () => {
    const day = 86_400_000
    const logs = (link: Link) => alice.ok<unknown[]>('get_share_link_access_logs', { link_id: link.id })
    const trim = (now: number) => trimShareLinks({ db: system.db, retentionMs: day, now })
    const [kept, lost] = [await make(), await make()]
    for (const { link_id } of [kept, kept, lost, lost]) expect((await open(link_id)).status).toBe(200)
    await alice.ok('delete', { path: lost.path })
    expect(await trim(Date.now() + day - 3_600_000)).toBe(0)
    expect(await logs(kept)).toHaveLength(2)
    expect(await alice.ok('get_share_link', { link_id: lost.id })).toMatchObject({ status: 'gone' })

    const { items } = await alice.ok<{ items: { trash_id: string }[] }>('trash_list', { path: lost.path })
    await alice.ok('trash_purge', { trash_id: items[0]?.trash_id })
    // Step by step, with who came first.
    const step = () => system.db.write('dropDeadLink', { tenant: 'acme', linkId: lost.id, limit: 1 })
    expect([await step(), await alice.ok('get_share_link', { link_id: lost.id })]).toEqual([false, expect.anything()])
    expect(await trim(Date.now())).toBe(1)
    expect(await alice.ok('get_share_link', { link_id: lost.id })).toBeNull()
    expect(await logs(kept)).toHaveLength(2)

    expect(await trim(Date.now() + day + 1)).toBeGreaterThan(1)
    expect(await logs(kept)).toEqual([])
    expect(await alice.ok('get_share_link', { link_id: kept.id })).toMatchObject({ status: 'active', access_count: 2 })
    // However short the retention, a ticket is good for as long as it was given for.
    const again = await open(kept.link_id)
    const { download_url: url } = (await again.json()) as Access
    await trimShareLinks({ db: system.db, retentionMs: 0 })
    expect((await nobody.raw(url)).status).toBe(200)
  })
})
