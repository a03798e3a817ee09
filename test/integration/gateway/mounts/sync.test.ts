import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { syncJob } from '../../../../gateway/mounts/sync/sync-job.ts'
import { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { localStores } from '../../../support/mounts/stores.ts'

interface Job {
  readonly id: string
  readonly status: string
  readonly progress_pct: number
  readonly progress_detail: { readonly attempts?: number } | null
  readonly result: Readonly<Record<string, unknown>> | null
  readonly error_message: string | null
}

describe.each(ENGINES)('synchronisation on %s', (engine) => {
  let system: TestSystem
  let key: string
  let admin: GatewayClient
  let local: Awaited<ReturnType<typeof localStores>>

  beforeAll(async () => {
    local = await localStores()
    system = await TestSystem.start({ engine, settings: local.settings })
    key = (await system.makeKey('root', { isAdmin: true })).key
    admin = system.client(key)
  })
  afterAll(async () => {
    await system.close()
    await local.close()
  })

  const list = async (path: string): Promise<readonly string[]> =>
    (await admin.ok<{ readonly files: readonly string[] }>('list', { path })).files
  const job = (id: string) => admin.ok<Job>('get_sync_job', { job_id: id })
  const ended = async (id: string, status: string): Promise<Job> => {
    await expect.poll(async () => (await job(id)).status).toBe(status)
    return await job(id)
  }

  it('counts, and changes rows of its own mount only', async () => {
    const [one, other] = [await local.make(), await local.make()]
    await other.put('same', 'other')
    await one.put('same', 'one')
    await one.put('d/new', 'new')
    await one.put('d/.log', 'log')
    await admin.ok('add_mount', { mount_point: '/one', ...one.spec })
    await admin.ok('add_mount', { mount_point: '/other', ...other.spec })
    await admin.ok('write', { path: '/one-plain/file', content: 'plain' })
    const sync = (params: object = {}) => admin.ok('sync_mount', { mount_point: '/one', ...params })
    const zero = { files_scanned: 0, files_created: 0, files_updated: 0, files_deleted: 0, cache_synced: 0 }
    const facts = { cache_bytes: 0, cache_skipped: 0, embeddings_generated: 0, errors: [] }
    expect(await sync({ dry_run: true })).toEqual({ ...zero, ...facts, files_scanned: 3, files_created: 3 })
    expect(await list('/')).not.toContain('/one/same')
    expect(await sync({ exclude_patterns: ['*.log', '.*'] })).toMatchObject({
      files_scanned: 2,
      files_created: 2,
      cache_synced: 2,
      cache_bytes: 6,
    })
    expect(await list('/')).toEqual(expect.arrayContaining(['/one/d/new', '/one/same']))
    expect(await admin.ok('sync_mount', {})).toMatchObject({ mounts_synced: 2, mounts_skipped: 0, files_created: 2 })
    await one.put('same', 'changed')
    await one.remove('d')
    expect(await sync({ path: '/one/d' }).catch((error: Error) => error.message)).toMatch(/-32000/)
    expect(await sync({ include_patterns: ['d/**'] })).toMatchObject({ files_updated: 0 })
    expect(await sync({ sync_content: false })).toMatchObject({ ...zero, files_scanned: 1, files_updated: 1 })
    expect(await sync()).toMatchObject({ ...zero, files_scanned: 1, cache_synced: 1 })
    expect((await list('/')).filter((path) => /^\/(one|other).*\//.test(path))).toEqual([
      '/one-plain/file',
      '/one/same',
      '/other/same',
    ])
    expect(await admin.code('sync_mount', { mount_point: '/one', generate_embeddings: true })).toBe(-32602)
    expect(await admin.code('sync_mount', { mount_point: '/nothing' })).toBe(-32602)
  })

  it('forgets who might read what is gone', async () => {
    const store = await local.make()
    await store.put('shared', 'old')
    await admin.ok('add_mount', { mount_point: '/forget', ...store.spec })
    await admin.ok('sync_mount', { mount_point: '/forget' })
    const grant = { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', '/forget/shared'] }
    await admin.ok('rebac_create', grant)
    const bob = await system.as('bob')
    await bob.ok('read', { path: '/forget/shared' })
    await store.remove('shared')
    await admin.ok('sync_mount', { mount_point: '/forget' })
    await store.put('shared', 'new, and secret')
    expect(await bob.code('read', { path: '/forget/shared' })).toBe(-32004)
  })

  it('runs as a job, with progress and a result', async () => {
    const store = await local.make()
    for (let file = 0; file < 30; file++) await store.put(`f${file}`, `${file}`)
    await admin.ok('add_mount', { mount_point: '/job', ...store.spec })
    const begun = await admin.ok<{ job_id: string }>('sync_mount_async', { mount_point: '/job' })
    expect(begun).toEqual({ job_id: expect.any(String) as string, status: 'pending', mount_point: '/job' })
    expect(await ended(begun.job_id, 'completed')).toMatchObject({
      id: begun.job_id,
      mount_point: '/job',
      progress_pct: 100,
      result: { files_created: 30, cache_synced: 30 },
      error_message: null,
    })
    expect(await admin.ok('cancel_sync_job', { job_id: begun.job_id })).toMatchObject({ success: false })
    expect(await admin.ok('list_sync_jobs', { mount_point: '/job', status: 'completed' })).toHaveLength(1)
    expect(await admin.ok('list_sync_jobs', { mount_point: '/job', status: 'failed' })).toEqual([])
    expect(await admin.ok('get_sync_job', { job_id: 'none' })).toBeNull()
    await admin.ok('remove_mount', { mount_point: '/job' })
  })

  it('goes on after a restart with what a gateway left in the middle', async () => {
    const store = await local.make()
    await store.put('file', 'x')
    await admin.ok('add_mount', { mount_point: '/restart', ...store.spec })
    const { job_id: first } = await admin.ok<{ job_id: string }>('sync_mount_async', { mount_point: '/restart' })
    await ended(first, 'completed')
    await store.put('later', 'y')
    const left = '0198c0de-0000-7000-8000-000000000001'
    await system.whileAway(async (db) => {
      const known = await db.read(() => syncJob('acme', first))
      if (known === null) throw new Error('the job is gone')
      const facts = {
        tenant: 'acme',
        at: 1,
        actor: 'user:root',
        keyId: null,
        requestId: 'test',
        action: 'sync_mount_async',
      }
      const audit = { ...facts, entryId: left, path: '/restart', outcome: 'ok', detail: null } as const
      await db.write('createSyncJob', { job: { ...known, jobId: left }, audit, forget: 0 })
      // As a gateway that was killed leaves it: it runs, and nobody renews it.
      const claimed = await db.write('claimSyncJob', { owner: 'killed', now: Date.now(), holdMs: 1, alone: false })
      expect(claimed).toMatchObject({ jobId: left, status: 'running', attempts: 1 })
    })
    admin = new GatewayClient(system.url, key)
    const after = await ended(left, 'completed')
    expect(after.result).toMatchObject({ files_scanned: 2, files_created: 1, cache_synced: 1 })
    expect(after.progress_detail).toMatchObject({ attempts: 2 })
  })

  it('is cancelled, whether it waits or runs', async () => {
    const store = await local.make()
    for (let file = 0; file < 400; file++) await store.put(`d/f${file}`, `${file}`)
    await admin.ok('add_mount', { mount_point: '/cancel', ...store.spec })
    const ids: string[] = []
    for (let count = 0; count < 4; count++)
      ids.push((await admin.ok<{ job_id: string }>('sync_mount_async', { mount_point: '/cancel' })).job_id)
    const answers = await Promise.all(
      ids.map((id) => admin.ok<{ success: boolean; job_id: string }>('cancel_sync_job', { job_id: id })),
    )
    // Two run at once at most, so the others waited.
    expect(answers.filter(({ success }) => success).length).toBeGreaterThanOrEqual(2)
    for (const { success, job_id: id } of answers) {
      await expect.poll(async () => ['pending', 'running'].includes((await job(id)).status)).toBe(false)
      expect((await job(id)).status).toBe(success ? 'cancelled' : 'completed')
    }
  })
})
