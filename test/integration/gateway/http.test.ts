import http from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'

describe('HTTP', () => {
  let system: TestSystem
  let admin: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine: 'sqlite', settings: { NEXUS_MAX_IN_FLIGHT: '2' } })
    admin = await system.as('root', { isAdmin: true })
  })
  afterAll(() => system.close())

  it('says that it lives, in these bytes', async () => {
    const answer = await system.client(null).raw('/health')
    expect([answer.status, await answer.text()]).toEqual([200, '{"status":"healthy","service":"nexus-rpc"}'])
  })

  it('says that it is ready', async () => {
    const answer = await system.client(null).raw('/health/ready')
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ready', service: 'nexus-rpc' }])
  })

  it('names the methods that it serves, all of which it serves', async () => {
    const status = (await (await system.client(null).raw('/api/nfs/status')).json()) as { methods: string[] }
    expect(status).toMatchObject({ status: 'running', service: 'nexus-rpc', version: '1.0', async: true })
    expect(status.methods).toContain('skills_list')
    const codes: Record<string, number> = {}
    for (const method of status.methods) codes[method] = await admin.code(method, { 'no such': 1 })
    expect(Object.entries(codes).filter(([, code]) => code !== -32602)).toEqual([])
  })

  it('does not find what is not there', async () => {
    for (const path of ['/', '/nope', '/api/nfs', '/api/nfs/list']) {
      const answer = await admin.raw(path)
      expect([answer.status, await answer.json()]).toEqual([404, { detail: 'Not Found' }])
    }
    expect((await admin.raw('/api/nfs/%E0%A4%A', { method: 'POST' })).status).toBe(400)
  })

  it('counts what it answers', async () => {
    await admin.call('list_mounts')
    const text = await (await system.client(null).raw('/metrics')).text()
    expect(text).toMatch(/nexus_rpc_answers_total\{method="list_mounts",code="0",service="gateway"\} \d/)
    expect(text).toContain('nexus_database_writes_total')
    expect(text).not.toContain('frobnicate')
  })

  it('every origin may call, and preflights need no key', async () => {
    const headers = {
      origin: 'http://ui.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-agent-id',
    }
    const preflight = await system.client(null).raw('/api/nfs/list', { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(200)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://ui.example')
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,content-type,x-agent-id')
    for (const method of ['GET', 'POST', 'PATCH', 'OPTIONS']) {
      expect(preflight.headers.get('access-control-allow-methods')).toContain(method)
    }
    expect(Number(preflight.headers.get('access-control-max-age'))).toBeGreaterThanOrEqual(600)
    const refused = await system.client(null).call('list', {}, { origin: 'http://ui.example' })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe('http://ui.example')
  })

  it('packs what is large and leaves what is small', async () => {
    await admin.ok('write', { path: '/big.txt', content: 'x'.repeat(5_000) })
    const big = await admin.call('read', { path: '/big.txt' }, { 'accept-encoding': 'gzip' })
    expect(big.headers.get('content-encoding')).toBe('gzip')
    expect(big.result).toEqual(bytes('x'.repeat(5_000)))
    const small = await admin.call('list_mounts', {}, { 'accept-encoding': 'gzip' })
    expect(small.headers.get('content-encoding')).toBeNull()
    expect(Number(small.headers.get('content-length'))).toBe(small.text.length)
  })

  it('gives back the id of a request, or makes one', async () => {
    expect((await admin.call('list_mounts', {}, { 'x-request-id': 'abc-1' })).headers.get('x-request-id')).toBe('abc-1')
    const made = (await admin.call('list_mounts', {}, { 'x-request-id': 'with spaces and "quotes"' })).headers.get(
      'x-request-id',
    )
    expect(made).toMatch(/^[0-9a-f-]{36}$/)
    expect((await admin.call('list_mounts')).headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('says how long answers may be kept', async () => {
    const cacheControl = async (method: string, params: object) =>
      (await admin.call(method, params)).headers.get('cache-control')
    expect(await cacheControl('list', {})).toBe('private, max-age=30')
    expect(await cacheControl('exists', { path: '/a' })).toBe('private, max-age=60')
    expect(await cacheControl('write', { path: '/a', content: 'x' })).toBe('no-store')
    expect(await cacheControl('read', { path: '/a' })).toBe('private, max-age=60')
    expect(await cacheControl('skills_list', {})).toBe('private, no-cache')
    expect(await cacheControl('read', { path: '/missing' })).toBe('no-store')
  })

  it('answers 304 to who has it already and may still read it', async () => {
    const { etag } = await admin.ok<{ etag: string }>('write', { path: '/tagged.txt', content: 'tagged' })
    expect((await admin.call('read', { path: '/tagged.txt' })).headers.get('etag')).toBe(`"${etag}"`)
    for (const tag of [`"${etag}"`, etag, `W/"${etag}"`, `"other", "${etag}"`]) {
      const answer = await admin.call('read', { path: '/tagged.txt', return_metadata: true }, { 'if-none-match': tag })
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', `"${etag}"`])
    }
    expect((await admin.call('read', { path: '/tagged.txt' }, { 'if-none-match': '"other"' })).status).toBe(200)
    const stranger = await system.as('stranger')
    const denied = await stranger.call('read', { path: '/tagged.txt' }, { 'if-none-match': `"${etag}"` })
    expect(denied).toMatchObject({ status: 200, error: { code: -32004 } })
    expect(denied.headers.get('etag')).toBeNull()
  })

  it('refuses calls beyond its limit, and lives on', async () => {
    const hanging = await Promise.all([1, 2].map(() => hangingCall(system.url, authorizationOf(admin))))
    const busy = await admin.call('list_mounts')
    expect(busy).toMatchObject({ status: 429, error: { code: -32011 } })
    expect(busy.headers.get('retry-after')).toBe('1')
    expect((await admin.raw('/health')).status).toBe(200)
    for (const request of hanging) request.destroy()
    await expect.poll(async () => (await admin.call('list_mounts')).status).toBe(200)
  })

  function authorizationOf(client: GatewayClient): string {
    return client.headers['authorization'] ?? ''
  }
})

/** Resolves when the gateway has taken the call, whose body never comes. */
async function hangingCall(url: string, authorization: string): Promise<http.ClientRequest> {
  const headers = { authorization, 'content-length': '100', expect: '100-continue' }
  const request = http.request(`${url}/api/nfs/list`, { method: 'POST', headers })
  request.on('error', () => undefined)
  request.flushHeaders()
  await new Promise((resolve) => request.once('continue', resolve))
  return request
}
