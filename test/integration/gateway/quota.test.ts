import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { first } from '../../../services/common/sql/script.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

describe.each(ENGINES)('what a tenant may hold, on %s', (engine) => {
  let system: TestSystem
  beforeAll(async () => {
    const settings = { NEXUS_TENANT_MAX_FILES: '20', NEXUS_TENANT_MAX_BYTES: '1000' }
    system = await TestSystem.start({ engine, settings })
  })
  afterAll(() => system.close())

  const used = (tenant: string) =>
    system.db.read(() => first('select used_files, used_bytes from tenants where tenant = $1', tenant))
  const write = (client: GatewayClient, path: string, size: number) =>
    client.call('write', { path, content: 'x'.repeat(size) })

  it('is exact, however many write at once', async () => {
    const root = await system.as('root', { isAdmin: true, tenant: 'files' })
    const answers = await Promise.all(Array.from({ length: 64 }, (_, n) => write(root, `/${n}`, 1)))
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(20)
    const refused = answers.filter(({ error }) => error !== undefined)
    expect(new Set(refused.map(({ status, error }) => `${status} ${error?.code}`))).toEqual(new Set(['507 -32012']))
    expect(refused[0]?.error?.message).toBe(
      'The tenant may hold 20 files, the trash included, and this would be more; nothing was changed.',
    )
    expect(await used('files')).toEqual({ used_files: 20, used_bytes: 20 })
    expect((await root.ok<{ files: string[] }>('list', { path: '/' })).files).toHaveLength(20)
  })

  it('counts the bytes of newest versions and the trash, until it is emptied', async () => {
    const root = await system.as('root', { isAdmin: true, tenant: 'bytes' })
    expect((await write(root, '/a', 600)).error).toBeUndefined()
    expect((await write(root, '/b', 500)).error?.code).toBe(-32012)
    expect(await root.ok('exists', { path: '/b' })).toEqual({ exists: false })
    expect((await write(root, '/a', 900)).error).toBeUndefined()
    expect((await write(root, '/a', 1_001)).error?.code).toBe(-32012)
    expect((await root.call('copy', { src_path: '/a', dst_path: '/c' })).error?.code).toBe(-32012)
    await root.ok('delete', { path: '/a' })
    expect((await write(root, '/b', 500)).error?.code).toBe(-32012)
    const { items } = await root.ok<{ items: { trash_id: string }[] }>('trash_list')
    await root.ok('trash_purge', { trash_id: items[0]?.trash_id })
    expect((await write(root, '/b', 1_000)).error).toBeUndefined()
    expect(await used('bytes')).toEqual({ used_files: 1, used_bytes: 1_000 })
    expect((await write(await system.as('root', { isAdmin: true, tenant: 'third' }), '/b', 500)).error).toBeUndefined()
  })
})
