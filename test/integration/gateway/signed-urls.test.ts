import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

interface Link {
  readonly download_url: string
}

describe.each(ENGINES)('URLs for a download, on %s', (engine) => {
  let system: TestSystem
  let root: GatewayClient
  let anybody: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    root = await system.as('root', { isAdmin: true })
    anybody = system.client(null)
    await root.ok('write', { path: '/d/a b#ü.txt', content: 'shared' })
    await root.ok('write', { path: '/d/other', content: 'secret' })
  })
  afterAll(() => system.close())

  it('give one file without a key, as long as their maker may read it', async () => {
    const ann = await system.as('ann')
    expect(await ann.code('read', { path: '/d/a b#ü.txt', return_url: true })).toBe(-32004)
    const grant = { subject: ['user', 'ann'], relation: 'direct_viewer', object: ['file', '/d'] }
    const tuple = await root.ok<string>('rebac_create', grant)
    const link = await ann.ok<Link>('read', { path: '/d/a b#ü.txt', return_url: true, expires_in: 60 })
    expect(link).toMatchObject({ expires_in: 60, method: 'GET', backend: 'nexus' })
    const { download_url: url } = link
    expect(await (await anybody.raw(url)).text()).toBe('shared')
    const elsewhere = url.replace(/\/d\/[^?]*/, '/d/other')
    expect((await anybody.raw(elsewhere)).status).toBe(401)
    expect((await anybody.raw(url, { method: 'PUT', body: 'x' })).status).toBe(401)
    expect((await anybody.raw(url.replace(/\.[^.]*$/, '.AAAA'))).status).toBe(401)
    await root.ok('rebac_delete', { tuple_id: tuple })
    expect((await anybody.raw(url)).status).toBe(403)
  })

  it('end, and are not made for longer than a day', async () => {
    const { download_url: url } = await root.ok<Link>('read', { path: '/d/other', return_url: true, expires_in: 1 })
    await expect.poll(async () => (await anybody.raw(url)).status, { timeout: 30_000 }).toBe(401)
    expect(await root.code('read', { path: '/d/other', return_url: true, expires_in: 86_401 })).toBe(-32602)
    expect(await root.code('read', { path: '/d', return_url: true })).toBe(-32002)
  })
})
