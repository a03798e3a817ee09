import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { GatewayClient } from '../../support/gateway-client.ts'
import { s3Stores, S3_SECRET, type Stores } from '../../support/mounts/stores.ts'
import { sqliteDatabases } from '../../waves/system/sqlite.ts'
import { makeFolder, System } from '../../waves/system/system.ts'

const ADMIN = 'sk-default_root_0a1b2c3d_4e5f60718293a4b5c6d7e8f901234567'
const SESSION_TOKEN = 'session-token-of-a-bucket-5d1e9a'
const LINK_PASSWORDS = ['open-Sesame-4c1d', 'wrong-Sesame-8e2f']
const PASSWORDS = ['first-Password-9d2c', 'second-Password-77aa', 'wrong-Password-0b1c', 'short7x']

/** Everything that the processes write, while every secret that they handle is used rightly and wrongly. */
describe('keys, passwords and tokens', () => {
  const folder = makeFolder()
  const secrets = new Set<string>([ADMIN, ...PASSWORDS, ...LINK_PASSWORDS])
  /** The server cannot do without them: they stand in its database, and in no log. */
  const kept = new Set<string>([S3_SECRET, SESSION_TOKEN])
  let system: System
  let buckets: Stores
  beforeAll(async () => {
    buckets = await s3Stores()
    const databases = sqliteDatabases(join(folder.path, 'data'))
    const settings = { NEXUS_LOG_LEVEL: 'debug', NEXUS_ADMIN_KEY: ADMIN }
    system = await System.create(folder.path, { ...databases, environment: { ...databases.environment, ...settings } })
    await system.start()
    const ready = async () => {
      const { status } = await new GatewayClient(system.url, null).raw('/health/ready')
      expect(status).toBe(200)
    }
    await vi.waitFor(ready, { timeout: 100_000, interval: 100 })
    await useEverySecret()
    await useEveryLink()
    await useBuckets()
    expect(await system.stop()).toEqual([])
    secrets.add(readFileSync(join(folder.path, 'data/rebac-token'), 'utf8').trim())
  })
  afterAll(async () => {
    folder.remove()
    await buckets.close()
  })

  function secret(value: unknown): string {
    const text = String(value)
    expect(text.length).toBeGreaterThan(20)
    secrets.add(text)
    return text
  }

  async function auth(path: string, body: unknown, token?: string): Promise<Record<string, unknown>> {
    const client = new GatewayClient(system.url, token ?? null)
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await client.raw(`/auth${path}`, { method: 'POST', body: sent })
    return (await answer.json()) as Record<string, unknown>
  }

  async function useEverySecret(): Promise<void> {
    const [first = '', second = '', wrong = '', short = ''] = PASSWORDS
    const admin = new GatewayClient(system.url, ADMIN)
    const email = 'alice@example.org'
    const registered = secret((await auth('/register', { email, username: 'alice', password: first }))['token'])
    await auth('/register', { email, username: 'alice', password: first })
    await auth('/register', { email: 'bob@example.org', password: short })
    await auth('/login', { identifier: 'alice', password: wrong })
    await auth('/login', { identifier: first, password: first })
    await auth('/login', `{"identifier":"alice","password":"${first}"`)
    await auth('/login', { identifier: { password: first }, password: [second] })
    const session = secret((await auth('/login', { identifier: 'alice', password: first }))['token'])
    await auth('/change-password', { old_password: wrong, new_password: second }, session)
    secret((await auth('/change-password', { old_password: first, new_password: second }, session))['token'])
    for (const token of [registered, session]) await new GatewayClient(system.url, token).call('list')

    const made = await admin.ok<Record<string, string>>('admin_create_key', { user_id: 'carol', name: 'k' })
    const carol = new GatewayClient(system.url, secret(made['api_key']))
    await carol.ok('write', { path: '/tenant:default/user:carol/a.txt', content: 'a' })
    await carol.call('read', { path: '/tenant:default/user:admin/x' })
    await carol.raw('/api/files/tenant:default/user:carol/a.txt')
    const rotated = await admin.ok<Record<string, string>>('admin_rotate_key', { key_id: made['key_id'] })
    secret(rotated['api_key'])
    const agent = await carol.ok<Record<string, string>>('register_agent', {
      agent_id: 'carol,bot',
      name: 'bot',
      generate_api_key: true,
      inherit_permissions: true,
    })
    await new GatewayClient(system.url, secret(agent['api_key'])).call('list_agents')
    const provisioned = await admin.ok<Record<string, string>>('provision_user', {
      user_id: 'dave',
      create_agents: true,
      import_skills: false,
    })
    const dave = new GatewayClient(system.url, secret(provisioned['api_key']))
    await dave.call('delete_agent', { agent_id: 'carol,bot' })
    await carol.call('delete_agent', { agent_id: 'carol,bot' })
    await admin.ok('admin_revoke_key', { key_id: made['key_id'] })
    await admin.ok('admin_list_keys', { include_revoked: true })

    const bad = secret('sk-default_admin_deadbeef_00112233445566778899aabbccddeeff')
    for (const path of ['/api/nfs/list', '/api/auth/whoami', `/api/nfs/${bad}`, `/api/nfs/list?key=${bad}`])
      await new GatewayClient(system.url, bad).raw(path, { method: path.includes('nfs') ? 'POST' : 'GET' })
    await carol.post('list', `{"params":{"path":"/","api_key":"${bad}"}}`)
    await carol.post('write', `{"params":{"content":"${bad}"`)
    await carol.call('read', { path: bad, [bad]: bad })
    await admin.ok('deprovision_user', { user_id: 'dave' })
  }

  /** Links to share and to download, rightly and wrongly, while they work and when they do not. */
  async function useEveryLink(): Promise<void> {
    const [right = '', wrong = ''] = LINK_PASSWORDS
    const admin = new GatewayClient(system.url, ADMIN)
    const nobody = new GatewayClient(system.url, null)
    const path = '/tenant:default/user:root/shared.txt'
    await admin.ok('write', { path, content: 'shared' })
    for (const given of [{}, { password: right }]) {
      const made = await admin.ok<Record<string, string>>('create_share_link', { path, ...given })
      const link = secret(made['link_id'])
      const at = `/api/share/${link}`
      const access = (body: string) => nobody.raw(`${at}/access`, { method: 'POST', body })
      await access(JSON.stringify({ password: wrong }))
      await access(`{"password":"${right}"`)
      const opened = (await (await access(JSON.stringify({ password: right }))).json()) as Record<string, string>
      const url = String(opened['download_url'])
      secret(url.split('=').at(-1))
      expect((await nobody.raw(url)).status).toBe(200)
      for (const password of [right, wrong])
        await nobody.raw(`${at}/download`, { headers: { 'x-share-password': password } })
      for (const method of ['access_share_link', 'get_share_link', 'get_share_link_access_logs'])
        await admin.call(method, { link_id: link, ...(method === 'access_share_link' ? { password: right } : {}) })
      await nobody.raw(`${at}/nowhere`)
      await admin.call('read', { path: link, password: right })
      await admin.ok('revoke_share_link', { link_id: link })
      await nobody.raw(url)
    }
    const { download_url: url } = await admin.ok<Record<string, string>>('read', { path, return_url: true })
    const token = secret(new URL(String(url), system.url).searchParams.get('token'))
    secret(token.split('.').at(-1))
    expect((await nobody.raw(String(url))).status).toBe(200)
    await nobody.raw(`/api/files/tenant:default/user:root/other.txt?token=${token}`)
    await admin.ok('delete', { path })
    expect((await nobody.raw(String(url))).status).toBe(404)
  }

  /** Mounts of a bucket that answers, of one that refuses, and of none. */
  async function useBuckets(): Promise<void> {
    const admin = new GatewayClient(system.url, ADMIN)
    const { spec } = await buckets.make()
    const config = { ...spec.backend_config, session_token: SESSION_TOKEN }
    const places = [
      ['/works', spec.backend_config],
      ['/refused', { ...config, bucket: 'another' }],
      ['/down', { ...config, endpoint: 'http://127.0.0.1:1' }],
      ['/wrong', { ...config, unknown: S3_SECRET }],
    ] as const
    for (const [mount_point, backend_config] of places) {
      const mount = { mount_point, backend_type: spec.backend_type, backend_config }
      await admin.call('add_mount', mount)
      await admin.call('save_mount', mount)
      await admin.call('load_mount', { mount_point })
      await admin.call('write', { path: `${mount_point}/a`, content: 'a' })
      await admin.call('read', { path: `${mount_point}/a` })
      await admin.call('sync_mount', { mount_point })
    }
    expect(await admin.ok('exists', { path: '/works/a' })).toEqual({ exists: true })
    await admin.ok('list_saved_mounts')
  }

  function found(bytes: string, looked: Iterable<string> = secrets): string[] {
    return [...looked].filter((one) => bytes.includes(one)).map((one) => `${one.slice(0, 12)}...`)
  }

  it('stand in no log', () => {
    for (const name of ['gateway.log', 'rebac.log']) {
      const log = readFileSync(join(folder.path, name), 'utf8')
      expect(log.split('\n').length).toBeGreaterThan(1)
      expect([name, found(log, [...secrets, ...kept])]).toEqual([name, []])
    }
  })

  it('stand in no database and in no file, but for the secret of the two processes', () => {
    const files = readdirSync(join(folder.path, 'data'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'rebac-token')
      .map((entry) => join(entry.parentPath, entry.name))
    expect(files.some((file) => file.endsWith('gateway.db'))).toBe(true)
    for (const file of files) expect([file, found(readFileSync(file, 'latin1'))]).toEqual([file, []])
  })

  it('would be found', () => {
    expect(found(`x ${ADMIN} x`)).toHaveLength(1)
    expect(secrets.size).toBeGreaterThan(20)
  })
})
