import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectOrphans } from '../../../gateway/content/collector.ts'
import { openContentStore } from '../../../gateway/content-root.ts'
import { purgeExpired } from '../../../gateway/trash/purge-expired.ts'
import { all } from '../../../services/common/sql/script.ts'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/) as string
const DENIED = -32004
const NOT_FOUND = -32000
const EXISTS = -32001
const HOUR_MS = 3_600_000

interface Item {
  readonly trash_id: string
  readonly path: string
  readonly deleted_at: string
  readonly expires_at: string
}

describe.each(ENGINES)('the trash on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient
  const home = '/tenant:acme/user:alice'
  let made = 0

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_TRASH_HOURS: '24' } })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    await grant('alice', 'direct_owner', home)
  })
  afterAll(() => system.close())

  function grant(user: string, relation: string, path: string, facts: object = {}): Promise<unknown> {
    return admin.ok('rebac_create', { subject: ['user', user], relation, object: ['file', path], ...facts })
  }
  const newPath = () => `${home}/t${++made}`
  const items = async (path: string, client = alice) =>
    (await client.ok<{ items: Item[] }>('trash_list', { path })).items
  /** Deletes a file or a whole directory, and answers its id in the trash. */
  async function remove(path: string, client = alice): Promise<string> {
    await client.ok('rmdir', { path, recursive: true }).catch(() => client.ok('delete', { path }))
    const [item] = await items(path, admin)
    return item?.trash_id ?? ''
  }
  const relationsOf = async (path: string) =>
    (
      await admin.ok<{ relation: string; subject_id: string; object_id: string }[]>('rebac_list_tuples', {
        object: ['file', path],
      })
    )
      .map(({ relation, subject_id }) => `${relation} ${subject_id}`)
      .toSorted()

  it('lists what was deleted, the latest first, a page at a time', async () => {
    const path = newPath()
    const order = ['a', 'd/b', 'c']
    for (const name of order) await alice.ok('write', { path: `${path}/${name}`, content: '12345' })
    await alice.ok('delete', { path: `${path}/a` })
    await alice.ok('rmdir', { path: `${path}/d`, recursive: true })
    await alice.ok('delete', { path: `${path}/c` })
    const all3 = await alice.ok<{ items: Item[] }>('trash_list', { path })
    const item = (name: string, facts: object) => ({
      trash_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      path: `${path}/${name}`,
      deleted_at: TIME,
      deleted_by: 'user:alice',
      expires_at: TIME,
      ...facts,
    })
    expect(all3).toEqual({
      items: [
        item('c', { is_directory: false, size: 5 }),
        item('d', { is_directory: true, size: 0 }),
        item('a', { is_directory: false, size: 5 }),
      ],
      next_cursor: null,
      has_more: false,
    })
    const [first] = all3.items
    expect(Date.parse(first?.expires_at ?? '') - Date.parse(first?.deleted_at ?? '')).toBe(24 * HOUR_MS)
    const paged: unknown[] = []
    for (let cursor: string | null = null; ; ) {
      const page: { items: Item[]; next_cursor: string | null; has_more: boolean } = await alice.ok('trash_list', {
        path,
        limit: 1,
        cursor,
      })
      paged.push(...page.items)
      cursor = page.next_cursor
      expect(page.has_more).toBe(cursor !== null)
      if (cursor === null) break
    }
    expect(paged).toEqual(all3.items)
    expect(await items(`${path}/d`)).toHaveLength(1)
    expect(await items(`${path}/d/b`)).toEqual([])
    expect(await items(`${path}x`)).toEqual([])
  })

  it('restores content, versions and relationships', async () => {
    const path = newPath()
    for (const content of ['one', 'two']) await alice.ok('write', { path: `${path}/d/file`, content })
    await alice.ok('mkdir', { path: `${path}/d/empty` })
    await grant('bob', 'direct_viewer', `${path}/d/file`)
    await grant('carol', 'direct_editor', `${path}/d`)
    const versions = await alice.ok('list_versions', { path: `${path}/d/file` })
    const id = await remove(`${path}/d`)
    expect(await bob.code('read', { path: `${path}/d/file` })).toBe(DENIED)
    expect(await alice.ok('trash_restore', { trash_id: id })).toEqual({
      restored: true,
      path: `${path}/d`,
      is_directory: true,
    })
    expect(await bob.ok('read', { path: `${path}/d/file` })).toEqual(bytes('two'))
    expect(await alice.ok('list_versions', { path: `${path}/d/file` })).toEqual(versions)
    expect(await alice.ok('list', { path })).toEqual({ files: [`${path}/d/empty`, `${path}/d/file`] })
    expect(await relationsOf(`${path}/d`)).toEqual(['direct_editor carol'])
    expect(await items(path)).toEqual([])
    expect(await alice.code('trash_restore', { trash_id: id })).toBe(NOT_FOUND)
    await alice.ok('write', { path: `${path}/d/file`, content: 'three' })
    expect(await alice.ok('list_versions', { path: `${path}/d/file` })).toHaveLength(3)
  })

  it('restores to another path, with the relationships, and makes what is missing above', async () => {
    const [path, to] = [newPath(), newPath()]
    await alice.ok('write', { path: `${path}/d/file`, content: '1' })
    for (const at of [`${path}/d`, `${path}/d/file`]) await grant('bob', 'direct_viewer', at)
    const id = await remove(`${path}/d`)
    await alice.ok('write', { path: `${path}/d/file`, content: 'new' })
    expect(await alice.code('trash_restore', { trash_id: id })).toBe(EXISTS)
    expect(await alice.code('trash_restore', { trash_id: id, new_path: `${path}/d/file` })).toBe(EXISTS)
    expect(await alice.code('trash_restore', { trash_id: id, new_path: `${path}/d/file/below` })).toBe(EXISTS)
    expect(await alice.code('trash_restore', { trash_id: id, new_path: '/skill/x' })).toBe(-32002)
    expect(await alice.code('trash_restore', { trash_id: id, new_path: '/' })).toBe(-32002)
    // It would fit itself, but not what is in it.
    const above = `${to}/${['x', 'y', 'z'].map((letter) => letter.repeat(250)).join('/')}/`
    const long = above + 'w'.repeat(1_022 - above.length)
    expect(await alice.code('trash_restore', { trash_id: id, new_path: long })).toBe(-32002)
    expect(await alice.ok('trash_restore', { trash_id: id, new_path: `${to}/deep/d/` })).toMatchObject({
      path: `${to}/deep/d`,
    })
    expect(await bob.ok('read', { path: `${to}/deep/d/file` })).toEqual(bytes('1'))
    expect(await relationsOf(`${to}/deep/d/file`)).toEqual(['direct_viewer bob'])
    expect(await bob.code('read', { path: `${path}/d/file` })).toBe(DENIED)
  })

  it('relationships that have expired stay away', async () => {
    const path = newPath()
    await alice.ok('write', { path, content: '1' })
    const soon = Date.now() + 5_000
    await grant('bob', 'direct_viewer', path, { expires_at: new Date(soon).toISOString() })
    await grant('carol', 'direct_viewer', path, { expires_at: new Date(soon + HOUR_MS).toISOString() })
    const id = await remove(path)
    await expect.poll(() => Date.now()).toBeGreaterThan(soon)
    await alice.ok('trash_restore', { trash_id: id })
    expect(await relationsOf(path)).toEqual(['direct_viewer carol'])
  })

  it('is known to those who may write the directory; relationships come back for owners of now and of before', async () => {
    const directory = `${newPath()}/shared`
    const [carol, dave] = [await system.as('carol'), await system.as('dave')]
    await alice.ok('mkdir', { path: directory, parents: true })
    for (const user of ['carol', 'dave']) await grant(user, 'direct_editor', directory)
    await grant('bob', 'direct_viewer', directory)
    const path = `${directory}/file`
    /** A file of carol that eve may read, deleted. */
    const deleted = async () => {
      await carol.ok('write', { path, content: '1' })
      await grant('eve', 'direct_viewer', path)
      return await remove(path)
    }
    const id = await deleted()
    expect(await items(directory, bob)).toEqual([])
    expect(await bob.code('trash_restore', { trash_id: id })).toBe(NOT_FOUND)
    expect(await bob.code('trash_purge', { trash_id: id })).toBe(NOT_FOUND)
    expect(await items(directory, dave)).toHaveLength(1)
    expect(await dave.code('trash_purge', { trash_id: id })).toBe(DENIED)
    expect(await dave.code('trash_restore', { trash_id: id, new_path: '/tenant:acme/elsewhere' })).toBe(DENIED)
    await dave.ok('trash_restore', { trash_id: id })
    expect(await relationsOf(path)).toEqual([])
    await alice.ok('delete', { path })
    for (const client of [carol, alice, admin]) {
      const again = await deleted()
      await client.ok('trash_restore', { trash_id: again })
      expect(await relationsOf(path)).toEqual(['direct_owner carol', 'direct_viewer eve'])
      await alice.ok('delete', { path })
    }
    const foreign = await system.as('olga', { tenant: 'other', isAdmin: true })
    const last = await deleted()
    expect(await foreign.code('trash_restore', { trash_id: last })).toBe(NOT_FOUND)
    expect(await foreign.ok('trash_list')).toMatchObject({ items: [] })
  })

  it('one who owned it by a group, and is still in it, was its owner', async () => {
    const directory = `${newPath()}/of-a-group`
    const path = `${directory}/file`
    await alice.ok('write', { path, content: '1' })
    const [gina, hugo] = [await system.as('gina'), await system.as('hugo')]
    for (const user of ['gina', 'hugo']) await grant(user, 'direct_editor', directory)
    await admin.ok('rebac_create', { subject: ['user', 'gina'], relation: 'member', object: ['group', 'g'] })
    const owners = { subject: ['group', 'g', 'member'], relation: 'direct_owner', object: ['file', path] }
    await admin.ok('rebac_create', owners)
    const id = await remove(path)
    expect(await hugo.code('trash_purge', { trash_id: id })).toBe(DENIED)
    await gina.ok('trash_restore', { trash_id: id })
    expect(await relationsOf(path)).toEqual(['direct_owner g'])
  })

  it('relationships of workspaces, and of what a file is the subject of, go and come back too', async () => {
    const path = newPath()
    await alice.ok('write', { path: `${path}/w/file`, content: '1' })
    const relationships = [
      { subject: ['user', 'bob'], relation: 'viewer', object: ['workspace', `${path}/w`] },
      { subject: ['file', `${path}/w/file`], relation: 'source', object: ['doc', `of ${path}`] },
    ]
    for (const one of relationships) await admin.ok('rebac_create', one)
    const standing = async () => {
      const found = relationships.map(async (one) => (await admin.ok<unknown[]>('rebac_list_tuples', one)).length)
      return await Promise.all(found)
    }
    expect(await standing()).toEqual([1, 1])
    const id = await remove(`${path}/w`)
    expect(await standing()).toEqual([0, 0])
    // A right on something else comes back with its owner only.
    await alice.ok('trash_restore', { trash_id: id })
    expect(await standing()).toEqual([1, 0])
    await admin.ok('rebac_create', relationships[1])
    await admin.ok('trash_restore', { trash_id: await remove(`${path}/w`) })
    expect(await standing()).toEqual([1, 1])
  })

  it('what is purged is gone for good, with all that was in it, and its contents can be collected', async () => {
    const path = newPath()
    const content = `purged on ${engine}`
    await alice.ok('register_workspace', { path: `${path}/ws` })
    await alice.ok('write', { path: `${path}/ws/a/b/c`, content })
    await alice.ok('write', { path: `${path}/kept`, content: 'kept' })
    await alice.ok('workspace_snapshot', { workspace_path: `${path}/ws` })
    const id = await remove(`${path}/ws`)
    const store = openContentStore(`file:${system.dataDir}/content`)
    const later = Date.now() + 24 * HOUR_MS
    await collectOrphans({ db: system.db, store, now: later })
    expect(await store.get(sha256(content))).not.toBeNull()
    expect(await alice.ok('trash_purge', { trash_id: id })).toEqual({ purged: true })
    for (const method of ['trash_restore', 'trash_purge'])
      expect(await alice.code(method, { trash_id: id })).toBe(NOT_FOUND)
    expect(await items(path)).toEqual([])
    for (const table of ['snapshots', 'snapshot_files']) {
      expect(await system.db.read(() => all(`select * from ${table}`))).toEqual([])
    }
    const versions = () => all('select * from versions where content_hash = $1', sha256(content))
    expect(await system.db.read(versions)).toEqual([])
    await collectOrphans({ db: system.db, store, now: later })
    expect(await store.get(sha256(content))).toBeNull()
    expect(await alice.ok('read', { path: `${path}/kept` })).toEqual(bytes('kept'))
  })

  it('what was deleted long ago is purged', async () => {
    const path = newPath()
    const names = Array.from({ length: 60 }, (_, index) => `d${index % 7}/e${index % 3}/f${index}`)
    await alice.ok('write_batch', { files: names.map((name) => [`${path}/${name}`, name]) })
    await alice.ok('write', { path: `${path}-young`, content: '1' })
    const old = await remove(path)
    const { db } = system
    const retentionMs = 24 * HOUR_MS
    expect(await purgeExpired({ db, retentionMs, now: Date.now() })).toBe(0)
    expect(await items(path)).toHaveLength(1)
    await alice.ok('delete', { path: `${path}-young` })
    const [young] = await items(`${path}-young`)
    const due = Date.parse(young?.deleted_at ?? '') + retentionMs
    expect(await purgeExpired({ db, retentionMs, now: due })).toBeGreaterThan(0)
    expect(await items(path)).toEqual([])
    expect(await alice.code('trash_restore', { trash_id: old })).toBe(NOT_FOUND)
    expect(await items(`${path}-young`)).toEqual([young])
    // Not before the entry of the deletion is out of the outbox.
    await expect.poll(() => purgeExpired({ db, retentionMs, now: due + 1 })).toBe(1)
    expect(await items(home)).toEqual([])
    expect(await db.read(() => all("select * from nodes where parent_id = 'trash'"))).toEqual([])
    const orphans = `select n.name from nodes n left join nodes p on p.tenant = n.tenant and p.node_id = n.parent_id
where n.parent_id <> '' and p.node_id is null`
    expect(await db.read(() => all(orphans))).toEqual([])
  })

  it('skills come back into the list', async () => {
    const path = `${home}/skill/back`
    await alice.ok('write', { path: `${path}/SKILL.md`, content: '---\nname: back\ndescription: does it\n---\n' })
    const listed = () => alice.ok('skills_list', { include_metadata: false })
    expect(await listed()).toMatchObject({ skills: ['back'] })
    const id = await remove(path)
    expect(await listed()).toMatchObject({ skills: [] })
    await alice.ok('trash_restore', { trash_id: id })
    expect(await listed()).toMatchObject({ skills: ['back'] })
  })

  it('global administrators restore and purge below /skill', async () => {
    const global = await system.as('root', { isAdmin: true, isGlobalAdmin: true })
    await global.ok('write', { path: '/skill/s/file', content: '1' })
    await global.ok('delete', { path: '/skill/s/file' })
    expect(await items('/skill')).toEqual([])
    const [item] = await items('/skill', global)
    expect(await alice.code('trash_restore', { trash_id: item?.trash_id })).toBe(NOT_FOUND)
    await global.ok('trash_restore', { trash_id: item?.trash_id })
    expect(await alice.ok('read', { path: '/skill/s/file' })).toEqual(bytes('1'))
    await global.ok('delete', { path: '/skill/s/file' })
    const [again] = await items('/skill', global)
    expect(await global.ok('trash_purge', { trash_id: again?.trash_id })).toEqual({ purged: true })
  })

  it('refuses what makes no sense', async () => {
    for (const params of [{}, { trash_id: 7 }, { trash_id: 'x', path: '/' }])
      expect(await alice.code('trash_restore', params)).toBe(-32602)
    expect(await alice.code('trash_restore', { trash_id: 'x' })).toBe(NOT_FOUND)
    for (const params of [{ limit: 0 }, { limit: 1_001 }, { cursor: 'x' }])
      expect(await alice.code('trash_list', params)).toBe(-32602)
    expect(await alice.code('trash_list', { path: '/a/../b' })).toBe(-32002)
  })

  it('is in the audit trail', async () => {
    const path = newPath()
    await alice.ok('write', { path, content: '1' })
    await alice.ok('trash_restore', { trash_id: await remove(path) })
    await alice.ok('trash_purge', { trash_id: await remove(path) })
    const lines = (await system.auditOf('acme')).filter((line) => line.path === path && line.outcome === 'ok')
    expect(lines.map(({ action }) => action)).toEqual(['write', 'delete', 'trash_restore', 'delete', 'trash_purge'])
  })
  it('what a process only began to purge cannot come back, and the next one goes on', async () => {
    const path = newPath()
    const files = Array.from({ length: 60 }, (_, index) => [`${path}/d/${index}`, `${index % 10}`])
    await alice.ok('write_batch', { files })
    await alice.ok('register_workspace', { path })
    // What they hold is more than one step deletes.
    for (let taken = 0; taken < 18; taken++) await alice.ok('workspace_snapshot', { workspace_path: path })
    const id = await remove(path)
    const audit = {
      tenant: 'acme',
      entryId: id,
      at: Date.now(),
      actor: 'test',
      keyId: null,
      requestId: 'test',
      action: 'trash_purge',
      outcome: 'ok',
      detail: null,
    } as const
    const step = { tenant: 'acme', trashId: id, now: Date.now(), audit }
    expect(await system.db.write('purgeTrash', step)).toBe(false)
    expect(await alice.code('trash_restore', { trash_id: id })).toBe(NOT_FOUND)
    expect(await items(path)).toEqual([])
    await system.restartGateway()
    const left = () => system.db.read(() => all('select node_id from nodes where name = $1 or parent_id = $1', id))
    await expect.poll(left, { timeout: 30_000 }).toEqual([])
    const rest = () => system.db.read(() => all('select node_id from trash where trash_id = $1', id))
    await expect.poll(rest, { timeout: 30_000 }).toEqual([])
  })
})
