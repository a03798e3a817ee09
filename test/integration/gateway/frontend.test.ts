import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readGatewayConfig } from '../../../gateway/config/gateway-config.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'

const INLINE = "document.documentElement.dataset.theme = 'dark'"
const INDEX = `<!doctype html><script>${INLINE}</script><script type="module" src="/assets/index-Bq3fA9xZ.js"></script>`
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('a frontend beside the API', () => {
  let directory: string
  let system: TestSystem
  let browser: GatewayClient
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nexus-frontend-'))
    const outside = join(directory, 'outside')
    const dist = join(directory, 'dist')
    await mkdir(join(dist, 'assets'), { recursive: true })
    await mkdir(join(dist, '.git'))
    await mkdir(outside)
    await writeFile(join(outside, 'secret.txt'), 'secret')
    await writeFile(join(dist, 'index.html'), INDEX)
    await writeFile(join(dist, 'assets/index-Bq3fA9xZ.js'), 'export {}')
    await writeFile(join(dist, 'assets/plain.js'), 'export {}')
    await writeFile(join(dist, 'favicon.svg'), '<svg/>')
    await writeFile(join(dist, '.env'), 'SECRET=1')
    await writeFile(join(dist, '.git/config'), 'secret')
    await symlink(join(outside, 'secret.txt'), join(dist, 'link.txt'))
    await symlink(outside, join(dist, 'linked'))
    // The place itself may be a link, as of a deployment.
    await symlink(dist, join(directory, 'current'))
    const settings = {
      NEXUS_FRONTEND_DIR: join(directory, 'current'),
      NEXUS_FRONTEND_CONNECT: 'https://graph.example.org wss:',
    }
    system = await TestSystem.start({ engine: 'sqlite', settings })
    browser = system.client(null)
  })
  afterAll(async () => {
    await system.close()
    await rm(directory, { recursive: true, force: true })
  })

  /** A request whose path no client library has tidied up. */
  const rawly = (path: string) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(system.url)
      request({ hostname, port, path, headers: HTML }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          text += part
        })
        response.on('end', () => resolve({ status: response.statusCode, text }))
      })
        .on('error', reject)
        .end()
    })

  it.each([
    '/',
    '/index.html',
    '/skills',
    '/oauth/callback?code=1',
    '/agent/alice,helper',
    '/a/b/c.txt',
    '/apis',
    '/healthy',
  ])('%s is the page of the application', async (path) => {
    const page = await browser.raw(path, { headers: HTML })
    expect([page.status, await page.text()]).toEqual([200, INDEX])
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    const etag = page.headers.get('etag') ?? ''
    const again = await browser.raw(path, { headers: { ...HTML, 'if-none-match': etag } })
    expect(again.status).toBe(304)
  })

  it.each([
    '/api',
    '/api/x',
    '/api/nfs/x',
    '/auth',
    '/auth/x',
    '/health/x',
    '/metrics/x',
    '/openapi.json/x',
    '/docs/x',
    '/API/x',
    '//api/x',
    '/Auth/x',
  ])('%s is never a page', async (path) => {
    const answer = await browser.raw(path, { headers: HTML })
    expect([answer.status, await answer.text()]).toEqual([404, '{"detail":"Not Found"}'])
  })

  it('leaves the API as it is', async () => {
    expect(await (await browser.raw('/health', { headers: HTML })).json()).toEqual({
      status: 'healthy',
      service: 'nexus-rpc',
    })
    expect((await browser.raw('/metrics', { headers: HTML })).headers.get('content-type')).toMatch(/^text\/plain/)
    expect((await browser.raw('/openapi.json', { headers: HTML })).headers.get('content-type')).toMatch(/json/)
    expect((await browser.raw('/', { method: 'POST', headers: HTML })).status).toBe(404)
    expect((await browser.call('list')).status).toBe(401)
  })

  it('lets browsers keep what has a hash in its name, and ask for the rest', async () => {
    const cached = async (path: string) => (await browser.raw(path)).headers.get('cache-control')
    expect(await cached('/assets/index-Bq3fA9xZ.js')).toBe('public, max-age=31536000, immutable')
    expect(await cached('/assets/plain.js')).toBe('no-cache')
    expect(await cached('/favicon.svg')).toBe('no-cache')
    const script = await browser.raw('/assets/index-Bq3fA9xZ.js')
    expect([script.headers.get('content-type'), await script.text()]).toEqual([
      expect.stringMatching(/javascript/) as string,
      'export {}',
    ])
    expect((await browser.raw('/assets/index-Bq3fA9xZ.js', { method: 'HEAD' })).status).toBe(200)
  })

  it('what is missing is missing, unless a browser navigates', async () => {
    expect((await browser.raw('/assets/gone-00000000.js', { headers: HTML })).status).toBe(404)
    expect((await browser.raw('/gone.png', { headers: { accept: 'image/*' } })).status).toBe(404)
    expect((await browser.raw('/skills')).status).toBe(404)
  })

  it.each([
    '/.env',
    '/.git/config',
    '/link.txt',
    '/linked/secret.txt',
    '/../outside/secret.txt',
    '/..%2foutside%2fsecret.txt',
    '/assets/..%2f..%2foutside/secret.txt',
    '/assets/%2e%2e/%2e%2e/outside/secret.txt',
    '/%2e%65nv',
    '/..%5coutside%5csecret.txt',
    '//outside/secret.txt',
    '/index.html%00.js',
  ])('gives nothing away at %s', async (path) => {
    const { status, text } = await rawly(path)
    expect([200, 400, 404]).toContain(status)
    if (status === 200) expect(text).toBe(INDEX)
    expect(text).not.toMatch(/secret|SECRET/)
  })

  it('runs the scripts of the application, and no others', async () => {
    const page = await browser.raw('/', { headers: HTML })
    const policy = page.headers.get('content-security-policy') ?? ''
    const hash = createHash('sha256').update(INLINE).digest('base64')
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`)
    expect(policy).toContain("connect-src 'self' https://graph.example.org wss:;")
    for (const rule of ["object-src 'none'", "base-uri 'self'", "frame-ancestors 'none'", "default-src 'self'"])
      expect(policy).toContain(rule)
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    const asset = await browser.raw('/favicon.svg')
    expect(asset.headers.get('content-security-policy')).toContain("script-src 'self';")
  })

  it('what people stored is no page of this server', async () => {
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('write', { path: '/tenant:acme/x.html', content: '<script>steal()</script>' })
    const navigated = await browser.raw('/api/files/tenant:acme/x.html?disposition=inline', { headers: HTML })
    expect(navigated.status).toBe(401)
    const file = await admin.raw('/api/files/tenant:acme/x.html?disposition=inline')
    expect(file.headers.get('content-security-policy') ?? '').toMatch(/sandbox|default-src 'none'/)
  })

  it('sees a new build at once', async () => {
    const index = join(directory, 'dist/index.html')
    await writeFile(index, `${INDEX}<!-- 2 -->`)
    expect(await (await browser.raw('/', { headers: HTML })).text()).toBe(`${INDEX}<!-- 2 -->`)
    await writeFile(index, INDEX)
  })

  it.each([
    [{ NEXUS_FRONTEND_DIR: '/nowhere' }, /NEXUS_FRONTEND_DIR is "\/nowhere" but there is no index\.html/],
    [{ NEXUS_FRONTEND_CONNECT: "'unsafe-inline'" }, /NEXUS_FRONTEND_CONNECT has/],
    [{ NEXUS_FRONTEND_CONNECT: 'https://a; script-src *' }, /NEXUS_FRONTEND_CONNECT has/],
  ])('refuses the settings %o', (settings, message) => {
    expect(() => readGatewayConfig({ ...settings, NEXUS_REBAC_TOKEN: 'x' })).toThrow(message)
  })
})
