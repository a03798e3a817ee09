import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectOrphans } from '../../../gateway/content/collector.ts'
import { openContentStore } from '../../../gateway/content-root.ts'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const DATETIME = {
  __type__: 'datetime',
  data: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/) as string,
}
const DENIED = -32004
const NOT_FOUND = -32000
const INVALID = -32602

interface Snapshot {
  readonly snapshot_id: string
  readonly snapshot_number: number
  readonly manifest_hash: string
}

describe.each(ENGINES)('snapshots of workspaces on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient
  const home = '/tenant:acme/user:alice'
  let made = 0

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_KEPT_VERSIONS: '3' } })
    admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    alice = await system.as('alice')
    bob = await system.as('bob')
  })
  afterAll(() => system.close())

  /** A new workspace of alice with these files. */
  async function workspace(files: Readonly<Record<string, string>>): Promise<string> {
    const path = `${home}/ws${++made}`
    await alice.ok('register_workspace', { path })
    for (const [name, content] of Object.entries(files)) await alice.ok('write', { path: `${path}/${name}`, content })
    return path
  }

  /** The files of a directory and what is in them; directories that somebody made end in a slash. */
  async function contentsOf(path: string): Promise<Readonly<Record<string, string>>> {
    const { files } = await alice.ok<{ files: { path: string; is_directory: boolean }[] }>('list', {
      path,
      details: true,
    })
    const found: [string, string][] = []
    for (const file of files) {
      const name = file.path.slice(path.length + 1)
      if (file.is_directory) found.push([`${name}/`, ''])
      else {
        const { data } = await alice.ok<{ data: string }>('read', { path: file.path })
        found.push([name, Buffer.from(data, 'base64').toString()])
      }
    }
    return Object.fromEntries(found)
  }

  const snapshot = (path: string, facts: object = {}) =>
    alice.ok<Snapshot>('workspace_snapshot', { workspace_path: path, ...facts })
  const restore = (path: string, number: number) =>
    alice.ok('workspace_restore', { workspace_path: path, snapshot_number: number })
  const grant = (user: string, relation: string, path: string) =>
    admin.ok('rebac_create', { subject: ['user', user], relation, object: ['file', path] })

  it('has the shapes of the page; the log has the newest first', async () => {
    const path = await workspace({ a: 'one', 'd/b': 'three' })
    const facts = { description: 'first', tags: ['x', 'y'], created_by: 'somebody' }
    const one = await snapshot(`${path}/`, facts)
    expect(one).toEqual({
      snapshot_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      snapshot_number: 1,
      manifest_hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      file_count: 2,
      total_size_bytes: 8,
      description: 'first',
      created_by: 'alice',
      tags: ['x', 'y'],
      created_at: DATETIME,
    })
    const two = await snapshot(path)
    expect(two).toMatchObject({ snapshot_number: 2, description: null, tags: [], manifest_hash: one.manifest_hash })
    await alice.ok('write', { path: `${path}/a`, content: 'two' })
    const three = await snapshot(path)
    expect(three.manifest_hash).not.toBe(one.manifest_hash)
    expect(await alice.ok('workspace_log', { workspace_path: path })).toEqual([three, two, one])
    expect(await alice.ok('workspace_log', { workspace_path: path, limit: 1 })).toEqual([three])
    const other = await workspace({})
    expect(await alice.ok('workspace_log', { workspace_path: other })).toEqual([])
    expect(await snapshot(other)).toMatchObject({ snapshot_number: 1, file_count: 0, total_size_bytes: 0 })
  })

  it('tells what differs', async () => {
    const path = await workspace({ same: '=', changed: 'old', 'gone/x': 'gone', e: '' })
    await snapshot(path)
    await alice.ok('rmdir', { path: `${path}/gone`, recursive: true })
    await alice.ok('write', { path: `${path}/changed`, content: 'newer' })
    await alice.ok('write', { path: `${path}/new/y`, content: 'new' })
    await alice.ok('mkdir', { path: `${path}/empty` })
    await snapshot(path)
    const [added, removed] = [
      { path: 'new/y', size: 3, hash: sha256('new') },
      { path: 'gone/x', size: 4, hash: sha256('gone') },
    ]
    const [newest, oldest] = await alice.ok<Snapshot[]>('workspace_log', { workspace_path: path })
    const diff = (from: number, to: number) =>
      alice.ok('workspace_diff', { workspace_path: path, snapshot_1: from, snapshot_2: to })
    const hashes = { old_hash: sha256('old'), new_hash: sha256('newer') }
    expect(await diff(1, 2)).toEqual({
      snapshot_1: oldest,
      snapshot_2: newest,
      added: [added],
      removed: [removed],
      modified: [{ path: 'changed', old_size: 3, new_size: 5, ...hashes }],
      unchanged: 2,
    })
    expect(await diff(2, 1)).toMatchObject({ added: [removed], removed: [added], unchanged: 2 })
    expect(await diff(2, 2)).toMatchObject({ added: [], removed: [], modified: [], unchanged: 4 })
  })

  it('restores contents, empty directories and kinds, and nothing outside', async () => {
    const before = { a: 'one', 'd/b': 'two', 'd/deep/c': 'three', kind: 'a file', 'other/x': 'in a directory' }
    const path = await workspace(before)
    await alice.ok('mkdir', { path: `${path}/empty/below`, parents: true })
    await alice.ok('write', { path: `${path}-beside`, content: 'stays' })
    const was = await contentsOf(path)
    expect(was).toEqual({ ...before, 'empty/': '', 'empty/below/': '' })
    await snapshot(path)
    for (const gone of ['d', 'empty', 'other']) await alice.ok('rmdir', { path: `${path}/${gone}`, recursive: true })
    await alice.ok('delete', { path: `${path}/kind` })
    await alice.ok('write', { path: `${path}/kind/inside`, content: 'now a directory' })
    await alice.ok('write', { path: `${path}/other`, content: 'now a file' })
    await alice.ok('write', { path: `${path}/a`, content: 'changed' })
    await alice.ok('write', { path: `${path}/new/y`, content: 'new' })
    await alice.ok('mkdir', { path: `${path}/made` })
    expect(await restore(path, 1)).toEqual({
      files_restored: 5,
      files_deleted: 3,
      snapshot_info: (await alice.ok<Snapshot[]>('workspace_log', { workspace_path: path }))[0],
    })
    expect(await contentsOf(path)).toEqual(was)
    expect(await alice.ok('read', { path: `${path}-beside` })).toEqual(bytes('stays'))
    expect(await restore(path, 1)).toMatchObject({ files_restored: 0, files_deleted: 0 })
    const after = await snapshot(path)
    const [, first] = await alice.ok<Snapshot[]>('workspace_log', { workspace_path: path })
    expect(after.manifest_hash).toBe(first?.manifest_hash)
  })

  it('what is restored is a version more; what stays keeps its versions', async () => {
    const path = await workspace({ changed: 'old', same: '=' })
    await snapshot(path)
    await alice.ok('write', { path: `${path}/changed`, content: 'new' })
    await restore(path, 1)
    const versions = (name: string) => alice.ok<object[]>('list_versions', { path: `${path}/${name}` })
    expect(await versions('changed')).toMatchObject([
      { version: 3, source_type: 'rollback', change_reason: 'Restore of snapshot 1', content_hash: sha256('old') },
      { version: 2, content_hash: sha256('new') },
      { version: 1, content_hash: sha256('old') },
    ])
    expect(await versions('same')).toHaveLength(1)
  })

  it('what goes loses its relationships, what stays keeps them, what comes back has those of a new file', async () => {
    const path = await workspace({ kept: '1', lost: '2' })
    await snapshot(path)
    await alice.ok('delete', { path: `${path}/lost` })
    await alice.ok('write', { path: `${path}/extra/file`, content: '3' })
    for (const name of ['kept', 'extra/file']) await grant('bob', 'direct_viewer', `${path}/${name}`)
    await restore(path, 1)
    expect(await bob.ok('exists', { path: `${path}/kept` })).toEqual({ exists: true })
    await alice.ok('write', { path: `${path}/extra/file`, content: 'secret' })
    expect(await bob.code('read', { path: `${path}/extra/file` })).toBe(DENIED)
    expect(await bob.code('read', { path: `${path}/lost` })).toBe(DENIED)
    // The owner of the directory needs no relationship of its own.
    expect(await admin.ok('rebac_list_tuples', { object: ['file', `${path}/lost`] })).toEqual([])
  })

  it('an editor becomes owner of what the editor brings back, as of anything else that is made', async () => {
    const path = await workspace({ 'd/file': '1' })
    await alice.ok('mkdir', { path: `${path}/made` })
    await alice.ok('write', { path: `${path}/made/inside`, content: '2' })
    await snapshot(path)
    for (const gone of ['d', 'made']) await alice.ok('rmdir', { path: `${path}/${gone}`, recursive: true })
    const carol = await system.as('carol')
    await grant('carol', 'direct_editor', path)
    await carol.ok('workspace_restore', { workspace_path: path, snapshot_number: 1 })
    const owners = await admin.ok<{ object_id: string }[]>('rebac_list_tuples', {
      subject: ['user', 'carol'],
      relation: 'direct_owner',
    })
    expect(owners.map(({ object_id }) => object_id).toSorted()).toEqual([`${path}/d/file`, `${path}/made`])
  })

  it('needs read to look and write to change; what is not readable is not told', async () => {
    const path = await workspace({ a: '1' })
    await snapshot(path)
    const missing = `${path}-none`
    const codes = async (at: string) => [
      await bob.code('workspace_log', { workspace_path: at }),
      await bob.code('workspace_diff', { workspace_path: at, snapshot_1: 1, snapshot_2: 1 }),
      await bob.code('workspace_snapshot', { workspace_path: at }),
      await bob.code('workspace_restore', { workspace_path: at, snapshot_number: 1 }),
    ]
    expect(await codes(path)).toEqual([DENIED, DENIED, DENIED, DENIED])
    expect(await codes(missing)).toEqual([DENIED, DENIED, DENIED, DENIED])
    for (const at of [path, missing]) await grant('bob', 'direct_viewer', at)
    expect(await codes(path)).toEqual([0, 0, DENIED, DENIED])
    expect(await codes(missing)).toEqual([INVALID, INVALID, DENIED, DENIED])
    for (const at of [path, missing]) await grant('bob', 'direct_editor', at)
    expect(await codes(path)).toEqual([0, 0, 0, 0])
    expect(await codes(missing)).toEqual([INVALID, INVALID, INVALID, INVALID])
    const eve = await system.as('eve', { tenant: 'other', isAdmin: true })
    expect(await eve.code('workspace_log', { workspace_path: path })).toBe(DENIED)
    expect(await admin.code('workspace_log', { workspace_path: path })).toBe(0)
  })

  it('refuses what makes no sense', async () => {
    const path = await workspace({})
    await snapshot(path)
    const code = (method: string, params: object) => alice.code(method, params)
    const unregistered = await alice.call('workspace_snapshot', { workspace_path: home })
    expect(unregistered.error).toMatchObject({
      code: INVALID,
      message: `Invalid parameters: Workspace not registered: ${home}`,
    })
    expect(await code('workspace_snapshot', {})).toBe(INVALID)
    expect(await code('workspace_restore', { workspace_path: path })).toBe(INVALID)
    expect(await code('workspace_restore', { workspace_path: path, snapshot_number: 0 })).toBe(INVALID)
    expect(await code('workspace_restore', { workspace_path: path, snapshot_number: 2 })).toBe(NOT_FOUND)
    expect(await code('workspace_diff', { workspace_path: path, snapshot_1: 1, snapshot_2: 2 })).toBe(NOT_FOUND)
    expect(await code('workspace_log', { workspace_path: path, limit: 0 })).toBe(INVALID)
    expect(await code('workspace_log', { workspace_path: '/' })).toBe(-32002)
    await alice.ok('rmdir', { path, recursive: true })
    expect(await code('workspace_snapshot', { workspace_path: path })).toBe(NOT_FOUND)
    expect(await code('workspace_log', { workspace_path: path })).toBe(NOT_FOUND)
  })

  it('follows its directory, and a new one at its path has none', async () => {
    const path = await workspace({ a: '1' })
    const one = await snapshot(path)
    const to = `${path}-renamed`
    await alice.ok('rename', { old_path: path, new_path: to })
    expect(await alice.ok('workspace_log', { workspace_path: to })).toEqual([one])
    await alice.ok('delete', { path: `${to}/a` })
    expect(await restore(to, 1)).toMatchObject({ files_restored: 1 })
    expect(await contentsOf(to)).toEqual({ a: '1' })
    await alice.ok('register_workspace', { path })
    expect(await alice.ok('workspace_log', { workspace_path: path })).toEqual([])
    await alice.ok('rmdir', { path: to, recursive: true })
    await alice.ok('mkdir', { path: to })
    expect(await alice.ok('workspace_log', { workspace_path: to })).toEqual([])
  })

  it('an agent_id alone means the workspace of that name', async () => {
    await admin.ok('register_workspace', { path: '/workspace/bot' })
    const one = await admin.ok('workspace_snapshot', { agent_id: 'bot' })
    expect(await admin.ok('workspace_log', { workspace_path: '/workspace/bot' })).toEqual([one])
  })

  it('keeps its contents from the collector when nothing else refers to them', async () => {
    const [secret, passing] = [`kept ${made}`, `not kept ${made}`]
    const path = await workspace({ a: secret })
    await snapshot(path)
    for (const content of [passing, '1', '2', '3']) await alice.ok('write', { path: `${path}/a`, content })
    const store = openContentStore(`file:${system.dataDir}/content`)
    await collectOrphans({ db: system.db, store, now: Date.now() + 86_400_000 })
    expect(await store.get(sha256(passing))).toBeNull()
    expect(await store.get(sha256(secret))).not.toBeNull()
    await restore(path, 1)
    expect(await contentsOf(path)).toEqual({ a: secret })
  })

  it('skills come back into the list', async () => {
    const skill = (name: string) => `---\nname: ${name}\ndescription: does it\n---\n`
    const path = `${home}/skill`
    await alice.ok('register_workspace', { path })
    await alice.ok('write', { path: `${path}/one/SKILL.md`, content: skill('one') })
    await snapshot(path)
    await alice.ok('rmdir', { path: `${path}/one`, recursive: true })
    await alice.ok('write', { path: `${path}/two/SKILL.md`, content: skill('two') })
    await restore(path, 1)
    expect(await alice.ok('skills_list', { include_metadata: false })).toMatchObject({ skills: ['one'], count: 1 })
  })

  it('is in the audit trail', async () => {
    const path = await workspace({ a: '1' })
    await snapshot(path)
    await restore(path, 1)
    const lines = (await system.auditOf('acme')).filter((one) => one.path === path && one.outcome === 'ok')
    expect(lines.map(({ actor, action }) => [actor, action]).slice(-2)).toEqual([
      ['user:alice', 'workspace_snapshot'],
      ['user:alice', 'workspace_restore'],
    ])
  })
})
