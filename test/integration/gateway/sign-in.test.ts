import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { first } from '../../../services/common/sql/script.ts'
import { signInAttempt } from '../../../gateway/sign-in/attempts.ts'
import { trimSignIns } from '../../../gateway/sign-in/trim-sign-ins.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const PASSWORD = 'correct horse battery'
const WRONG = { status: 401, body: { detail: 'Invalid email, username or password' } }

describe.each(ENGINES)('signing in on %s', (engine) => {
  let system: TestSystem
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_REGISTRATION_TENANT: 'acme', NEXUS_TRUST_PROXY: '1' } })
  })
  afterAll(() => system.close())

  async function send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
    const init = { method, headers: { 'content-type': 'application/json', ...headers } }
    const response = await system
      .client(null)
      .raw(`/auth${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) })
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
      headers: response.headers,
    }
  }
  const post = (path: string, body: unknown, headers = {}) => send('POST', path, body, headers)
  const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const register = (name: string) =>
    post('/register', { email: `${name}@Example.org`, password: PASSWORD, username: name, display_name: name })
  const login = (identifier: string, password = PASSWORD, headers = {}) =>
    post('/login', { identifier, password }, headers)
  const status = async (token: unknown) => (await system.client(String(token)).raw('/api/auth/whoami')).status

  it('registers, and answers a token that opens what a key would', async () => {
    const made = await register('alice')
    expect([made.status, made.body]).toEqual([
      201,
      {
        user_id: expect.stringMatching(/^user_[0-9a-f]{16}$/) as string,
        email: 'alice@Example.org',
        username: 'alice',
        display_name: 'alice',
        avatar_url: null,
        primary_auth_method: 'password',
        is_global_admin: false,
        email_verified: false,
        api_key: null,
        tenant_id: 'acme',
        created_at: expect.stringMatching(/\+00:00$/) as string,
        last_login_at: expect.stringMatching(/\+00:00$/) as string,
        token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/) as string,
      },
    ])
    const user = String(made.body['user_id'])
    const client = system.client(String(made.body['token']))
    expect(await (await client.raw('/api/auth/whoami')).json()).toEqual({
      authenticated: true,
      subject_type: 'user',
      subject_id: user,
      tenant_id: 'acme',
      is_admin: false,
      inherit_permissions: false,
      user,
    })
    const provision = { user_id: user, create_api_key: false, create_agents: true, import_skills: false }
    await client.ok('provision_user', provision)
    await client.ok('write', { path: `/tenant:acme/user:${user}/a.txt`, content: 'a' })
    expect((await client.raw(`/api/files/tenant:acme/user:${user}/a.txt`)).status).toBe(200)
    expect(await client.code('admin_list_keys')).toBe(-32004)
    const acting = system.client(String(made.body['token']), { 'x-agent-id': `${user},ImpersonatedUser` })
    expect(await (await acting.raw('/api/auth/whoami')).json()).toMatchObject({ subject_type: 'agent' })
  })

  it('signs in by address or name, however it is written', async () => {
    await register('bob')
    for (const identifier of ['bob@example.org', 'BOB@EXAMPLE.ORG', ' Bob ', 'bob']) {
      const { status: code, body } = await login(identifier)
      expect([code, Object.keys(body).sort()]).toEqual([200, ['token', 'user']])
      expect(body['user']).toMatchObject({ username: 'bob', tenant_id: 'acme', api_key: null })
    }
  })

  it('does not say who exists', async () => {
    await register('carol')
    const wrong = await login('carol', 'wrong password', from('10.0.0.1'))
    const nobody = await login('nobody', 'wrong password', from('10.0.0.1'))
    const injection = await login("' or 1=1 --", PASSWORD, from('10.0.0.1'))
    for (const { status: code, body } of [wrong, nobody, injection]) expect({ status: code, body }).toEqual(WRONG)
    // One who has keys only, and so no password.
    await system.as('keyed')
    expect(await login('keyed', '', from('10.0.0.1'))).toMatchObject(WRONG)
  })

  it.each([
    [{ password: PASSWORD }, /email/],
    [{ email: 'x', password: PASSWORD }, /email must be an address/],
    [{ email: 'x@example.org', password: 'short' }, /at least 8/],
    [{ email: 'x@example.org', password: 'x'.repeat(1_025) }, /at most 1024 bytes/],
    [{ email: 'x@example.org', password: PASSWORD, username: 'a@b' }, /username/],
    [{ email: 'x@example.org', password: 7 }, /password/],
    [[], /JSON object/],
  ])('refuses to register %o', async (body, message) => {
    const answer = await post('/register', body)
    expect([answer.status, answer.body['detail']]).toEqual([400, expect.stringMatching(message) as string])
  })

  it('takes an address and a name once, also for many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => register('dora')))
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409])
    const same = { email: 'other@example.org', username: 'DORA', password: PASSWORD }
    expect((await post('/register', same)).status).toBe(409)
  })

  it('shows and changes the profile', async () => {
    const { body } = await register('eve')
    const me = await send('GET', '/me', undefined, bearer(body['token']))
    expect(me.body).toMatchObject({ username: 'eve', display_name: 'eve' })
    const changes = { display_name: 'Eve', avatar_url: 'https://example.org/eve.png' }
    expect((await send('PATCH', '/me', changes, bearer(body['token']))).body).toMatchObject(changes)
    const cleared = await send('PATCH', '/me', { avatar_url: null }, bearer(body['token']))
    expect(cleared.body).toMatchObject({ display_name: 'Eve', avatar_url: null })
    const script = await send('PATCH', '/me', { avatar_url: 'javascript:alert(1)' }, bearer(body['token']))
    expect(script.status).toBe(400)
    expect((await send('GET', '/me', undefined)).status).toBe(401)

    const { key } = await system.makeKey('keyed')
    expect((await send('GET', '/me', undefined, bearer(key))).body).toMatchObject({ user_id: 'keyed', email: null })
    expect((await send('PATCH', '/me', changes, bearer(key))).status).toBe(404)
    await system.makeAgent('keyed,bot', { inherits: true })
    const agent = { ...bearer(key), 'x-agent-id': 'keyed,bot' }
    expect((await send('GET', '/me', undefined, agent)).status).toBe(403)
  })

  it('a new password ends every session but the new one', async () => {
    const first = (await register('frank')).body['token']
    const second = (await login('frank')).body['token']
    const change = (old_password: string, new_password: string, token = first) =>
      post('/change-password', { old_password, new_password }, bearer(token))
    const wrong = await change('not the old one', 'another password')
    expect([wrong.status, wrong.body]).toEqual([
      400,
      { detail: expect.stringMatching(/old password is wrong/) as string },
    ])
    expect((await change(PASSWORD, 'short')).status).toBe(400)
    expect((await change(PASSWORD, PASSWORD)).status).toBe(400)
    expect(await status(first)).toBe(200)

    const changed = await change(PASSWORD, 'another password')
    expect(changed.status).toBe(200)
    for (const token of [first, second]) await expect.poll(() => status(token)).toBe(401)
    expect(await status(changed.body['token'])).toBe(200)
    expect((await login('frank')).status).toBe(401)
    expect((await login('frank', 'another password')).status).toBe(200)
  })

  it('signing out ends one session', async () => {
    const one = (await register('gina')).body['token']
    const two = (await login('gina')).body['token']
    expect((await post('/logout', undefined, bearer(one))).status).toBe(200)
    await expect.poll(() => status(one)).toBe(401)
    expect(await status(two)).toBe(200)
  })

  it('with the account its sessions go, and a new one of that name is another', async () => {
    const { body } = await register('hugo')
    const user = String(body['user_id'])
    const client = system.client(String(body['token']))
    const params = { user_id: user, tenant_id: 'acme', delete_user_record: true, force: false }
    await client.ok('deprovision_user', params)
    await expect.poll(() => status(body['token'])).toBe(401)
    expect((await login('hugo')).status).toBe(401)
    const anew = await register('hugo')
    expect(anew.status).toBe(201)
    expect(anew.body['user_id']).not.toBe(user)
  })

  it('whoever has left does not come back without an administrator, though the account stays', async () => {
    const admin = await system.as('root', { isAdmin: true })
    const { body } = await register('nina')
    const user = String(body['user_id'])
    const path = `/tenant:acme/user:${user}/a.txt`
    const leave = { user_id: user, delete_user_record: false }
    const small = { user_id: user, create_agents: false, import_skills: false }
    await system.client(String(body['token'])).ok('provision_user', small)
    const left = await system.client(String(body['token'])).ok('deprovision_user', leave)
    expect(left).toMatchObject({ success: true, user_record_deleted: false })
    await expect.poll(() => status(body['token'])).toBe(401)
    expect(await login('nina')).toMatchObject(WRONG)
    expect(await login('nina', 'wrong password')).toMatchObject(WRONG)
    expect((await register('nina')).status).toBe(409)

    // As a key or session that a gateway still knows for a moment.
    const before = await system.as(user)
    const refused = await before.call('provision_user', small)
    expect(refused.error).toMatchObject({ code: -32004, message: expect.stringMatching(/was deprovisioned/) as string })
    expect(await before.code('write', { path, content: 'a' })).toBe(-32004)
    expect(await login('nina')).toMatchObject(WRONG)

    const again = { ...small, create_api_key: false }
    expect(await admin.ok('provision_user', again)).toMatchObject({ created_resources: { user: true } })
    const { body: back, status: code } = await login('nina')
    expect([code, back['user']]).toEqual([200, expect.objectContaining({ user_id: user })])
    await system.client(String(back['token'])).ok('write', { path, content: 'a' })
    expect(await admin.ok('provision_user', again)).toMatchObject({ created_resources: { user: false } })

    await admin.ok('deprovision_user', leave)
    expect(await login('nina')).toMatchObject(WRONG)
    const made = await admin.ok<{ api_key: string }>('admin_create_key', { user_id: user, name: 'back' })
    await system.client(made.api_key).ok('write', { path, content: 'a' })
    expect((await login('nina')).status).toBe(200)
  })

  it.each([true, false])('who signs in while leaving has no session (record deleted: %s)', async (deleted) => {
    const admin = await system.as('root', { isAdmin: true })
    const name = `olaf-${deleted}`
    const { body } = await register(name)
    const changed = 'another password'
    const change = { old_password: PASSWORD, new_password: changed }
    const signIns = [1, 2, 3].map((client) => login(name, PASSWORD, from(`192.0.2.${client}`)))
    const answers = await Promise.all([
      ...signIns,
      post('/change-password', change, bearer(body['token'])),
      admin.ok('deprovision_user', { user_id: body['user_id'], delete_user_record: deleted }),
      login(name, PASSWORD, from('192.0.2.4')),
    ])
    for (const answer of answers) {
      const token = (answer as { body?: Record<string, unknown> }).body?.['token']
      if (token !== undefined) await expect.poll(() => status(token), { timeout: 30_000 }).toBe(401)
    }
    for (const password of [PASSWORD, changed]) expect(await login(name, password)).toMatchObject(WRONG)
  })

  it('accepts no token that it did not sign, and none of a session that is not there', async () => {
    const { body } = await register('ida')
    const token = String(body['token'])
    const [head = '', payload = '', signature = ''] = token.split('.')
    const other = Buffer.from(payload, 'base64url')
      .toString('utf8')
      .replace(/user_[0-9a-f]+/, 'user_0000000000000000')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const forged = [
      `${head}.${Buffer.from(other).toString('base64url')}.${signature}`,
      `${none}.${payload}.`,
      `${none}.${payload}.x`,
      await new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setJti('x')
        .sign(Buffer.from('guessed'.repeat(6))),
      `${token}x`,
    ]
    for (const one of forged) expect([one, await status(one)]).toEqual([one, 401])
    expect(await status(token)).toBe(200)

    const secret = await system.db.read(() =>
      first<{ value: string }>('select value from meta where key = $1', 'session-secret'),
    )
    const key = Buffer.from(secret?.value ?? '', 'base64')
    const sign = (claims: Record<string, string>, expires: string) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('nexus')
        .setSubject('root')
        .setExpirationTime(expires)
        .sign(key)
    expect(await status(await sign({ jti: 'unknown' }, '1h'))).toBe(401)
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { jti: string }
    expect(await status(await sign({ jti }, '-1s'))).toBe(401)
  })

  it('after many failures nobody may try from there for a while; elsewhere the owner may', async () => {
    await register('julia')
    const attacker = from('192.0.2.1')
    const failures = await Promise.all(Array.from({ length: 14 }, () => login('julia', 'guess', attacker)))
    const refused = failures.filter(({ headers }) => Number(headers.get('retry-after')) > 1)
    expect(refused.map(({ status }) => status)).toEqual(Array<number>(4).fill(429))
    // The others were looked at, as far as a busy machine got to hash their passwords before the deadline.
    expect(failures.filter(({ status }) => status !== 401 && status !== 429)).toEqual([])
    const locked = await login('julia', PASSWORD, attacker)
    expect([locked.status, locked.body['detail']]).toEqual([
      429,
      expect.stringMatching(/try again in \d+ seconds/) as string,
    ])
    const wait = Number(locked.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect((await login('julia', PASSWORD, from('192.0.2.2'))).status).toBe(200)
    // Nobody learns from a lock whether there is such an account.
    const unknown = await Promise.all(Array.from({ length: 11 }, () => login('unknown', 'guess', attacker)))
    expect(
      unknown
        .map((answer) => answer.status)
        .sort()
        .at(-1),
    ).toBe(429)
  })

  it('guesses from everywhere do not lock the owner out', async () => {
    await register('karl')
    expect((await login('karl', PASSWORD, from('198.51.100.1'))).status).toBe(200)
    const now = Date.now()
    for (let guess = 0; guess < 100; guess++) {
      await system.db.write('beginAttempt', { attempt: signInAttempt('karl', `203.0.113.${guess}`), now })
    }
    expect((await login('karl', PASSWORD, from('203.0.113.250'))).status).toBe(429)
    expect((await login('karl', PASSWORD, from('198.51.100.1'))).status).toBe(200)
  })

  it('a lock ends, although it was tried during it', async () => {
    const attempt = signInAttempt('lena', '192.0.2.9')
    const begin = (now: number) => system.db.write('beginAttempt', { attempt, now })
    const start = Date.now()
    for (let guess = 0; guess < 10; guess++) expect(await begin(start)).toBe(0)
    for (let guess = 0; guess < 50; guess++) expect(await begin(start + 30_000)).toBe(30_000)
    expect(await begin(start + 60_001)).toBe(0)
  })

  it('what means nothing any more is deleted', async () => {
    await register('mona')
    expect(await trimSignIns(system.db, Date.now())).toBe(0)
    expect(await trimSignIns(system.db, Date.now() + 100 * 86_400_000)).toBeGreaterThan(10)
  })

  it('says of OAuth that it is not set up', async () => {
    for (const path of ['/oauth/check', '/oauth/confirm', '/oauth/callback']) {
      const answer = await post(path, { provider: 'google', code: 'x', state: 'y' })
      expect([answer.status, answer.body]).toEqual([501, { detail: expect.stringMatching(/not configured/) as string }])
    }
    expect((await post('/frobnicate', {})).status).toBe(404)
  })

  it('stands in the audit trail', async () => {
    const admin = await system.as('root', { isAdmin: true })
    const trail = async (action: string, outcome: string) =>
      (await admin.ok<{ entries: object[] }>('audit_list', { action, outcome })).entries.length
    expect(await trail('sign_in', 'allowed')).toBeGreaterThan(3)
    expect(await trail('sign_in', 'denied')).toBeGreaterThan(5)
    expect(await trail('change_password', 'allowed')).toBe(1)
  })
})

describe('where registration is closed', () => {
  it('nobody registers', async () => {
    const system = await TestSystem.start({ engine: 'sqlite', settings: { NEXUS_REGISTRATION: 'closed' } })
    const body = JSON.stringify({ email: 'a@example.org', password: PASSWORD })
    const answer = await system.client(null).raw('/auth/register', { method: 'POST', body })
    expect([answer.status, await answer.json()]).toEqual([403, { detail: expect.stringMatching(/closed/) as string }])
    await system.close()
  })
})
