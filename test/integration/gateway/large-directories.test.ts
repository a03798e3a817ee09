import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedFiles, TENANT, TREE } from '../../load/files/seed-files.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'

const FILES = 40_000

/** Where the database's planner goes wrong, one of these takes longer than any deadline: SQLite plans without knowing sizes. */
describe('a tree of many files', () => {
  let folder: string
  let system: TestSystem
  let admin: GatewayClient

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nexus-large-'))
    await seedFiles(folder, FILES)
    system = await TestSystem.start({ engine: 'sqlite', dataDir: folder })
    admin = await system.as('root', { tenant: TENANT, isAdmin: true })
  })
  afterAll(async () => {
    await system.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is renamed to a longer path, kept in a snapshot, deleted and restored', async () => {
    const moved = '/w/a-much-longer-name'
    await admin.ok('rename', { old_path: TREE, new_path: moved })
    await admin.ok('register_workspace', { path: moved })
    expect(await admin.ok('workspace_snapshot', { workspace_path: moved })).toMatchObject({ file_count: FILES })
    await admin.ok('rmdir', { path: moved, recursive: true })
    const { items } = await admin.ok<{ items: { trash_id: string }[] }>('trash_list')
    await admin.ok('trash_restore', { trash_id: items[0]?.trash_id, new_path: TREE })
    const { files } = await admin.ok<{ files: string[] }>('list', { path: `${TREE}/d0000` })
    expect(files).toHaveLength(1_000)
    expect(await admin.ok('skills_list')).toMatchObject({ count: 0 })
  })
})
