import { beforeEach, describe, expect, test } from 'vitest'
import { user } from '../../support/fake-permissions.ts'
import { admin, as, bytes, type Engine, type Gateway, globalAdmin, paths, rows, text, worlds } from './harness.ts'

/** Creating, replacing, deleting; directories that come and go; the relationships that follow. */
export function writingSuite(engine: Engine): void {
  describe(`writing (${engine.name})`, () => {
    const world = worlds(engine)
    let gateway: Gateway

    beforeEach(async () => {
      gateway = await (await world()).start()
      gateway.permissions.grant('acme', '/team', 'direct_editor', user('ed'))
      gateway.permissions.grant('acme', '/own', 'direct_owner', user('alice'))
    })

    test('the creator becomes owner where not owner through a directory above already', async () => {
      await gateway.files.write(as('ed'), '/team/a/b.txt', bytes('1'))
      await gateway.files.write(as('alice'), '/own/a/b.txt', bytes('1'))
      await gateway.files.write(admin(), '/top.txt', bytes('1'))
      expect(gateway.permissions.facts('acme')).toEqual([
        'direct_editor /team user:ed',
        'direct_owner /own user:alice',
        'direct_owner /team/a/b.txt user:ed',
        'direct_owner /top.txt user:root',
      ])
    })

    test('a new file needs write on the directory, an existing one on itself; a denial does not tell which', async () => {
      await gateway.files.write(as('ed'), '/team/x', bytes('1'))
      gateway.permissions.grant('acme', '/team/x', 'direct_editor', user('bob'))
      gateway.permissions.grant('acme', '/team/y', 'direct_editor', user('bob'))
      await gateway.files.write(as('bob'), '/team/x', bytes('2'))
      const denied = (path: string) => ({
        message: `Access denied: User 'bob' does not have WRITE permission for '${path}'`,
      })
      await expect(gateway.files.write(as('bob'), '/team/y', bytes('2'))).rejects.toMatchObject(denied('/team/y'))
      gateway.permissions.revoke('acme', '/team/x', 'direct_editor', user('bob'))
      await expect(gateway.files.write(as('bob'), '/team/x', bytes('2'))).rejects.toMatchObject(denied('/team/x'))
    })

    test('each write is a version', async () => {
      const first = await gateway.files.write(as('ed'), '/team/x', bytes('1'))
      const second = await gateway.files.write(as('ed'), '/team/x', bytes('22'))
      const third = await gateway.files.write(as('ed'), '/team/x', bytes('22'))
      expect([first.version, second.version, third.version]).toEqual([1, 2, 3])
      expect(second.etag).toBe(third.etag)
      const versions = await rows<{
        version: number
        version_id: string
        parent_version_id: string | null
        size: number
      }>(gateway, 'select * from versions order by version')
      expect(versions.map(({ version, size }) => [version, size])).toEqual([
        [1, 1],
        [2, 2],
        [3, 2],
      ])
      expect(versions[0]?.parent_version_id).toBeNull()
      expect(versions[2]?.parent_version_id).toBe(versions[1]?.version_id)
    })

    test('if_match, if_none_match and force', async () => {
      const ed = as('ed')
      const missing = gateway.files.write(ed, '/team/x', bytes('1'), { ifMatch: 'bad' })
      await expect(missing).rejects.toMatchObject({
        reason: 'CONFLICT',
        data: { path: '/team/x', expected_etag: 'bad', current_etag: '(file does not exist)' },
      })
      const { etag } = await gateway.files.write(ed, '/team/x', bytes('1'), { ifNoneMatch: true })
      await expect(gateway.files.write(ed, '/team/x', bytes('2'), { ifNoneMatch: true })).rejects.toMatchObject({
        reason: 'FILE_EXISTS',
        message: 'File already exists: /team/x',
      })
      await expect(gateway.files.write(ed, '/team/x', bytes('2'), { ifMatch: 'bad' })).rejects.toMatchObject({
        reason: 'CONFLICT',
        data: { path: '/team/x', expected_etag: 'bad', current_etag: etag },
      })
      await gateway.files.write(ed, '/team/x', bytes('2'), { ifMatch: etag ?? '' })
      await gateway.files.write(ed, '/team/x', bytes('3'), { ifMatch: 'bad', ifNoneMatch: true, force: true })
      expect(await text(gateway.files, ed, '/team/x')).toBe('3')
    })

    test('files and directories cannot take each other’s place', async () => {
      const ed = as('ed')
      await gateway.files.write(ed, '/team/file', bytes('1'))
      await gateway.files.mkdir(ed, '/team/dir', { parents: false, existOk: false })
      const fails = async (doing: Promise<unknown>, reason: string, words: string) => {
        await expect(doing).rejects.toMatchObject({ reason, message: expect.stringContaining(words) })
      }
      await fails(gateway.files.write(ed, '/team/dir', bytes('1')), 'FILE_EXISTS', 'is a directory')
      await fails(gateway.files.write(ed, '/team/file/below/x', bytes('1')), 'FILE_EXISTS', "'/team/file' is a file")
      await fails(gateway.files.mkdir(ed, '/team/file', { parents: true, existOk: true }), 'FILE_EXISTS', 'is a file')
      await fails(
        gateway.files.mkdir(ed, '/team/file/x', { parents: false, existOk: true }),
        'FILE_EXISTS',
        'is a file',
      )
      await fails(
        gateway.files.mkdir(ed, '/team/dir', { parents: false, existOk: false }),
        'FILE_EXISTS',
        'already exists',
      )
      await fails(gateway.files.rmdir(ed, '/team/file', { recursive: true }), 'INVALID_PATH', 'is a file')
      await fails(
        gateway.files.mkdir(ed, '/team/no/dir', { parents: false, existOk: true }),
        'FILE_NOT_FOUND',
        "'/team/no'",
      )
      for (const root of [
        gateway.files.write(ed, '/', bytes('')),
        gateway.files.delete(ed, '/'),
        gateway.files.rmdir(ed, '//', { recursive: true }),
      ]) {
        await fails(root, 'INVALID_PATH', "Root path '/' not allowed")
      }
    })

    test('implicit directories come and go with their contents; explicit ones stay', async () => {
      const ed = as('ed')
      await gateway.files.write(ed, '/team/a/b/c/x', bytes('1'))
      await gateway.files.mkdir(ed, '/team/a/b', { parents: false, existOk: true })
      expect(await gateway.files.isDirectory(ed, '/team/a/b/c')).toBe(true)
      expect(await paths(gateway.files, ed, '/team')).toEqual(['/team/a/b', '/team/a/b/c/x'])
      await gateway.files.delete(ed, '/team/a/b/c/x')
      expect(await gateway.files.exists(ed, '/team/a/b/c')).toBe(false)
      expect(await gateway.files.exists(ed, '/team/a/b')).toBe(true)
      await gateway.files.delete(ed, '/team/a/b')
      expect(await gateway.files.exists(ed, '/team')).toBe(false)
      expect(await rows(gateway, "select * from nodes where parent_id <> 'trash'")).toEqual([])
    })

    test('mkdir with parents makes all of them, owned by who made them, and is content with what is there', async () => {
      const ed = as('ed')
      await gateway.files.mkdir(ed, '/team/a/b/c', { parents: true, existOk: false })
      await gateway.files.mkdir(ed, '/team/a/b/c', { parents: true, existOk: false })
      await gateway.files.rmdir(ed, '/team/a/b/c', { recursive: false })
      expect(await paths(gateway.files, ed, '/team')).toEqual(['/team/a', '/team/a/b'])
      expect(gateway.permissions.facts('acme')).toContain('direct_owner /team/a user:ed')
    })

    test('mkdir needs write on the parent, with parents=true as well; nobody comes to own a tree that way', async () => {
      const bob = as('bob')
      for (const parents of [true, false]) {
        await expect(gateway.files.mkdir(bob, '/team/mine/deep', { parents, existOk: true })).rejects.toMatchObject({
          reason: 'ACCESS_DENIED',
        })
      }
      // A grant on a directory that does not exist yet lets him make things in it, not own what is above.
      gateway.permissions.grant('acme', '/far/away', 'direct_editor', user('bob'))
      await gateway.files.mkdir(bob, '/far/away/x', { parents: true, existOk: false })
      expect(gateway.permissions.facts('acme').filter((fact) => fact.includes('/far'))).toEqual([
        'direct_editor /far/away user:bob',
        'direct_owner /far/away/x user:bob',
      ])
    })

    test('delete and rmdir: what is refused and what goes', async () => {
      const ed = as('ed')
      await gateway.files.write(ed, '/team/d/x', bytes('1'))
      await gateway.files.write(ed, '/team/d/e/y', bytes('1'))
      await expect(gateway.files.delete(ed, '/team/none')).rejects.toMatchObject({ reason: 'FILE_NOT_FOUND' })
      await expect(gateway.files.delete(ed, '/team/d')).rejects.toMatchObject({ reason: 'DIRECTORY_NOT_EMPTY' })
      await expect(gateway.files.rmdir(ed, '/team/d', { recursive: false })).rejects.toMatchObject({
        reason: 'DIRECTORY_NOT_EMPTY',
      })
      await expect(gateway.files.delete(as('bob'), '/team/d/x')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      await expect(gateway.files.delete(as('bob'), '/team/none')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      await gateway.files.rmdir(ed, '/team/d/', { recursive: true })
      expect(await paths(gateway.files, ed, '/')).toEqual([])
    })

    test('what was deleted takes its relationships along; a new file of the name inherits nothing', async () => {
      const { permissions, files } = gateway
      await files.write(as('ed'), '/team/d/x', bytes('old'))
      permissions.grant('acme', '/team/d/x', 'direct_viewer', user('bob'))
      permissions.grant('acme', '/team/d', 'direct_viewer', user('carol'))
      permissions.grant('acme', '/team/dx', 'direct_viewer', user('dave'))
      permissions.grant('acme', '/other', 'direct_viewer', {
        tenant: '',
        type: 'file',
        id: '/team/d/x',
        relation: 'owner',
      })
      await files.rmdir(as('ed'), '/team/d', { recursive: true })
      expect(permissions.facts('acme')).toEqual([
        'direct_editor /team user:ed',
        'direct_owner /own user:alice',
        'direct_viewer /team/dx user:dave',
      ])
      await files.write(as('ed'), '/team/d/x', bytes('new'))
      for (const id of ['bob', 'carol']) {
        await expect(files.read(as(id), '/team/d/x')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      }
      const [trash] = await rows<{ path: string; relationships: string; deleted_by: string }>(
        gateway,
        'select * from trash',
      )
      expect(trash).toMatchObject({ path: '/team/d', deleted_by: 'user:ed' })
      const kept = JSON.parse(trash?.relationships ?? '[]') as { objectId: string; relation: string }[]
      expect(kept.map(({ objectId, relation }) => `${relation} ${objectId}`).sort()).toEqual([
        'direct_owner /team/d/x',
        'direct_viewer /other',
        'direct_viewer /team/d',
        'direct_viewer /team/d/x',
      ])
    })

    test('the server-wide tree is read by everybody and written by global administrators', async () => {
      await gateway.files.write(globalAdmin(), '/skill/pdf/SKILL.md', bytes('pdf'))
      expect(await text(gateway.files, as('bob', { tenant: 'other' }), '/skill/pdf/SKILL.md')).toBe('pdf')
      expect(await paths(gateway.files, as('bob'), '/')).toEqual(['/skill/pdf/SKILL.md'])
      expect(await paths(gateway.files, as('bob'), '/', false)).toEqual(['/skill'])
      expect(await gateway.files.isDirectory(as('bob'), '/skill')).toBe(true)
      for (const caller of [as('bob'), admin()]) {
        await expect(gateway.files.write(caller, '/skill/x', bytes('x'))).rejects.toMatchObject({
          reason: 'ACCESS_DENIED',
        })
        await expect(gateway.files.delete(caller, '/skill/pdf/SKILL.md')).rejects.toMatchObject({
          reason: 'ACCESS_DENIED',
        })
        const mkdir = gateway.files.mkdir(caller, '/skill/y', { parents: true, existOk: true })
        await expect(mkdir).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      }
      await gateway.files.rmdir(globalAdmin(), '/skill/pdf', { recursive: true })
      expect(await gateway.files.exists(as('bob'), '/skill')).toBe(false)
      expect(gateway.permissions.counts.write + gateway.permissions.counts.deleteMatching).toBe(0)
    })

    test('tenants do not share names', async () => {
      const other = as('zoe', { tenant: 'other', isAdmin: true })
      await gateway.files.write(admin(), '/x', bytes('ours'))
      await gateway.files.write(other, '/x', bytes('theirs'))
      expect(await text(gateway.files, admin(), '/x')).toBe('ours')
      expect(await text(gateway.files, other, '/x')).toBe('theirs')
    })

    test('who changed what is in the audit trail, in the transaction of the change', async () => {
      await gateway.files.write(as('ed'), '/team/x', bytes('1'))
      await gateway.files.mkdir(admin(), '/team/d', { parents: false, existOk: false })
      await gateway.files.delete(as('ed'), '/team/x')
      const audit = await rows<Record<string, unknown>>(
        gateway,
        'select action, path, actor, outcome, detail from audit order by entry_id',
      )
      expect(audit).toEqual([
        { action: 'write', path: '/team/x', actor: 'user:ed', outcome: 'ok', detail: null },
        { action: 'mkdir', path: '/team/d', actor: 'user:root', outcome: 'ok', detail: '{"bypass":true}' },
        { action: 'delete', path: '/team/x', actor: 'user:ed', outcome: 'ok', detail: null },
      ])
    })

    test('names are bytes: case, accents and signs that a pattern would read', async () => {
      const names = [
        '/own/A',
        '/own/a',
        '/own/é',
        '/own/100%',
        '/own/100_',
        "/own/o'neil",
        '/own/\u{1f600}',
        '/own/\uffee',
      ]
      for (const name of names) await gateway.files.write(as('alice'), name, bytes(name))
      expect(await text(gateway.files, as('alice'), '/own/e\u0301')).toBe('/own/é')
      const byBytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await paths(gateway.files, as('alice'), '/own')).toEqual(byBytes)
    })
  })
}
