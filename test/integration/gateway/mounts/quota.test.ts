import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { purgeExpired } from '../../../../gateway/trash/purge-expired.ts'
import { first } from '../../../../services/common/sql/script.ts'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { localStores, type Store } from '../../../support/mounts/stores.ts'

const FULL = -32012
const HOUR_MS = 3_600_000

describe.each(ENGINES)('what a tenant may hold in mounts, on %s', (engine) => {
  let system: TestSystem
  let local: Awaited<ReturnType<typeof localStores>>
  let tenants = 0

  beforeAll(async () => {
    local = await localStores()
    const limits = { NEXUS_TENANT_MAX_FILES: '6', NEXUS_TENANT_MAX_BYTES: '1000' }
    system = await TestSystem.start({ engine, settings: { ...local.settings, ...limits } })
  })
  afterAll(async () => {
    await system.close()
    await local.close()
  })

  /** A tenant of its own with a mount at /m. */
  async function mounted(): Promise<{ admin: GatewayClient; store: Store; used: () => Promise<unknown> }> {
    const tenant = `quota${++tenants}`
    const admin = await system.as('root', { isAdmin: true, tenant })
    const store = await local.make()
    await admin.ok('add_mount', { mount_point: '/m', ...store.spec })
    const query = 'select used_files, used_bytes from tenants where tenant = $1'
    return { admin, store, used: () => system.db.read(() => first(query, tenant)) }
  }

  it('counts what a synchronisation finds; what is too much fails, and nothing is half known', async () => {
    const { admin, store, used } = await mounted()
    for (const name of ['a', 'b', 'd/c', 'd/e']) await store.put(name, 'x'.repeat(10))
    for (const path of ['/p1', '/p2', '/p3']) await admin.ok('write', { path, content: 'plain' })
    const message =
      "The tenant may hold 6 files, the trash included, and there is more at '/m'; what is known of that stays as it was."
    for (const [method, params] of [
      ['sync_mount', { mount_point: '/m' }],
      ['list', { path: '/m' }],
    ] as const) {
      const answer = await admin.call(method, params)
      expect([answer.status, answer.error?.code, answer.error?.message]).toEqual([507, FULL, message])
    }
    expect(await admin.ok('sync_mount')).toMatchObject({
      mounts_synced: 0,
      mounts_skipped: 1,
      errors: [`/m: ${message}`],
    })
    const { job_id } = await admin.ok<{ job_id: string }>('sync_mount_async', { mount_point: '/m' })
    await expect
      .poll(() => admin.ok('get_sync_job', { job_id }), { timeout: 30_000 })
      .toMatchObject({ status: 'failed', error_message: message })
    expect(await used()).toEqual({ used_files: 3, used_bytes: 15 })
    expect(await admin.ok('list', { path: '/' })).toEqual({ files: ['/m', '/p1', '/p2', '/p3'] })

    await store.remove('d/e')
    expect(await admin.ok('sync_mount', { mount_point: '/m' })).toMatchObject({ files_created: 3, cache_bytes: 30 })
    expect(await used()).toEqual({ used_files: 6, used_bytes: 45 })
    expect(await admin.code('write', { path: '/p4', content: 'one too many' })).toBe(FULL)
    await admin.ok('remove_mount', { mount_point: '/m' })
    // As the server does now and then.
    const upkeep = () => purgeExpired({ db: system.db, retentionMs: HOUR_MS }).then(used)
    await expect.poll(upkeep, { timeout: 30_000 }).toEqual({ used_files: 3, used_bytes: 15 })
  })

  it('refuses to write what there is no room for before the back end has it', async () => {
    const { admin, store } = await mounted()
    await admin.ok('write', { path: '/m/kept', content: 'x'.repeat(600) })
    for (const [method, params] of [
      ['write', { path: '/m/new', content: 'x'.repeat(401) }],
      ['write', { path: '/m/kept', content: 'x'.repeat(1_001) }],
      ['append', { path: '/m/kept', content: 'x'.repeat(401) }],
      ['copy', { src_path: '/m/kept', dst_path: '/m/copy' }],
      ['write_batch', { files: [1, 2, 3, 4, 5, 6].map((n) => [`/m/batch${n}`, 'x']) }],
    ] as const) {
      const answer = await admin.call(method, params)
      expect([answer.error?.code, answer.error?.message]).toEqual([
        FULL,
        expect.stringMatching(/nothing was changed\.$/),
      ])
    }
    expect(await store.keys()).toEqual(['kept'])
    expect(await store.get('kept')).toHaveLength(600)
    await admin.ok('write_batch', { files: [1, 2, 3, 4, 5].map((n) => [`/m/batch${n}`, 'x']) })
    await admin.ok('write', { path: '/m/kept', content: 'x'.repeat(995) })
  })

  it('shows what others made larger, and lets it be made less', async () => {
    const { admin, store, used } = await mounted()
    await store.put('grows', 'x'.repeat(10))
    await admin.ok('sync_mount', { mount_point: '/m' })
    await store.put('grows', 'x'.repeat(2_000))
    expect(await admin.ok('list', { path: '/m', details: true })).toMatchObject({ files: [{ size: 2_000 }] })
    expect(await admin.code('write', { path: '/more', content: 'x' })).toBe(FULL)
    await admin.ok('write', { path: '/m/grows', content: 'less' })
    expect(await used()).toEqual({ used_files: 1, used_bytes: 4 })
    await admin.ok('write', { path: '/more', content: 'x' })
  })
})
