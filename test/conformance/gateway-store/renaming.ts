import { beforeEach, describe, expect, test } from 'vitest'
import type { WriteIndexer } from '../../../gateway/files/indexer.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { user } from '../../support/fake-permissions.ts'
import {
  admin,
  as,
  bytes,
  type Engine,
  type Gateway,
  globalAdmin,
  paths,
  rows,
  text,
  until,
  worlds,
} from './harness.ts'
import { expectSound } from './races.ts'

/** Its row is the last two components, so that a row shows what it was made for. */
const indexer: WriteIndexer = {
  wants: (path) => path.endsWith('/SKILL.md'),
  index(path) {
    if (!this.wants(path)) return null
    return {
      name: path.split('/').slice(-2).join('/'),
      description: '',
      version: null,
      author: null,
      requires: '[]',
      metadata: '{}',
      skillCreatedAt: null,
      skillModifiedAt: null,
      warnings: '[]',
      error: null,
      terms: [],
    }
  },
}

/** Files and trees that get another path, with all that hangs on them. */
export function renamingSuite(engine: Engine): void {
  describe(`renaming (${engine.name})`, () => {
    const world = worlds(engine)
    let gateway: Gateway

    beforeEach(async () => {
      gateway = await (await world()).start({ indexer })
      gateway.permissions.grant('acme', '/own', 'direct_owner', user('alice'))
      gateway.permissions.grant('acme', '/team', 'direct_editor', user('ed'))
      gateway.permissions.grant('acme', '/team', 'direct_viewer', user('bob'))
    })

    test('a tree moves by one row; contents, versions and relationships follow, nothing stays behind', async () => {
      const { files, permissions } = gateway
      const alice = as('alice')
      await files.write(alice, '/own/a/x', bytes('1'))
      await files.write(alice, '/own/a/x', bytes('2'))
      await files.write(alice, '/own/a/deep/y', bytes('y'))
      permissions.grant('acme', '/own/a', 'direct_viewer', user('bob'))
      permissions.grant('acme', '/own/a/deep/y', 'direct_editor', user('carl'))
      permissions.grant('acme', '/own/ab', 'direct_viewer', user('carl'))
      permissions.grant('acme', '/own/new/b/deep', 'direct_viewer', user('old'))
      const before = await rows<{ node_id: string }>(gateway, 'select * from nodes order by node_id')
      await files.rename(alice, '/own/a', '/own/new/b')

      expect(await paths(files, alice, '/own')).toEqual(['/own/new/b/deep/y', '/own/new/b/x'])
      expect(await text(files, as('bob'), '/own/new/b/x')).toBe('2')
      await expect(files.read(as('bob'), '/own/a/x')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      expect(permissions.facts('acme')).toEqual([
        'direct_editor /own/new/b/deep/y user:carl',
        'direct_editor /team user:ed',
        'direct_owner /own user:alice',
        'direct_viewer /own/ab user:carl',
        'direct_viewer /own/new/b user:bob',
        'direct_viewer /team user:bob',
      ])
      const after = await rows<{ node_id: string }>(gateway, 'select * from nodes order by node_id')
      const changed = before.filter((row) => !after.some((one) => JSON.stringify(one) === JSON.stringify(row)))
      expect(changed).toMatchObject([{ name: 'a' }])
      expect((await files.write(alice, '/own/new/b/x', bytes('3'))).version).toBe(3)
      await expectSound(gateway)
    })

    test('a new file at the old path has neither the old versions nor the old relationships', async () => {
      const { files, permissions } = gateway
      await files.write(as('alice'), '/own/a', bytes('1'))
      permissions.grant('acme', '/own/a', 'direct_viewer', user('bob'))
      await files.rename(as('alice'), '/own/a', '/own/b')
      expect((await files.write(as('alice'), '/own/a', bytes('2'))).version).toBe(1)
      await expect(files.read(as('bob'), '/own/a')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      expect(await text(files, as('bob'), '/own/b')).toBe('1')
    })

    test('needs write at both ends, and says so of the path that was asked for whether or not it exists', async () => {
      const { files, permissions } = gateway
      await files.write(as('alice'), '/own/a', bytes('1'))
      await files.write(as('ed'), '/team/t', bytes('1'))
      const denied = (id: string, path: string) => ({
        reason: 'ACCESS_DENIED',
        message: `Access denied: User '${id}' does not have WRITE permission for '${path}'`,
      })
      const rename = (id: string, from: string, to: string) => files.rename(as(id), from, to)
      await expect(rename('bob', '/team/t', '/team/u')).rejects.toMatchObject(denied('bob', '/team/t'))
      await expect(rename('bob', '/team/none', '/team/u')).rejects.toMatchObject(denied('bob', '/team/none'))
      await expect(rename('ed', '/own/a', '/team/a')).rejects.toMatchObject(denied('ed', '/own/a'))
      await expect(rename('ed', '/team/t', '/own/a')).rejects.toMatchObject(denied('ed', '/own/a'))
      await expect(rename('ed', '/team/t', '/own/none')).rejects.toMatchObject(denied('ed', '/own/none'))
      await expect(rename('ed', '/team/none', '/team/t')).rejects.toMatchObject({ reason: 'FILE_NOT_FOUND' })
      // Write on a file that does not exist yet is no right to make it.
      permissions.grant('acme', '/own/mine', 'direct_owner', user('ed'))
      await expect(rename('ed', '/team/t', '/own/mine')).rejects.toMatchObject(denied('ed', '/own/mine'))
      expect(await paths(files, admin(), '/')).toEqual(['/own/a', '/team/t'])
    })

    test('an owner stays one; an editor does not become one', async () => {
      const { files, permissions } = gateway
      permissions.grant('acme', '/team', 'direct_editor', user('alice'))
      permissions.grant('acme', '/other', 'direct_editor', user('ed'))
      await files.write(as('alice'), '/own/a', bytes('1'))
      await files.rename(as('alice'), '/own/a', '/team/a')
      await files.write(admin(), '/team/t', bytes('1'))
      permissions.revoke('acme', '/team/t', 'direct_owner', user('root'))
      await files.rename(as('ed'), '/team/t', '/other/t')
      await files.rename(admin(), '/other/t', '/own/t')
      const owners = permissions.facts('acme').filter((fact) => fact.startsWith('direct_owner'))
      expect(owners).toEqual(['direct_owner /own user:alice', 'direct_owner /team/a user:alice'])
    })

    test('what cannot be is refused and changes nothing', async () => {
      const { files, permissions } = gateway
      await files.write(admin(), '/d/f', bytes('1'))
      await files.mkdir(admin(), '/e', { parents: false, existOk: false })
      await files.write(globalAdmin(), '/skill/s/f', bytes('1'))
      const facts = permissions.facts('acme')
      for (const [from, to, reason] of [
        ['/d/f', '/e', 'FILE_EXISTS'],
        ['/d', '/d', 'FILE_EXISTS'],
        ['/d/f', '/d', 'FILE_EXISTS'],
        ['/e', '/d/f/e', 'FILE_EXISTS'],
        ['/d', '/d/f/x', 'INVALID_PATH'],
        ['/d', '/d/x', 'INVALID_PATH'],
        ['/d', '/', 'INVALID_PATH'],
        ['/', '/x', 'INVALID_PATH'],
        ['/d', '/skill/d', 'INVALID_PATH'],
        ['/skill/s', '/s', 'INVALID_PATH'],
        ['/d', '/tenant:other/d', 'INVALID_PATH'],
        ['/none', '/x', 'FILE_NOT_FOUND'],
      ] as const) {
        await expect(files.rename(globalAdmin(), from, to), `${from} ${to}`).rejects.toMatchObject({ reason })
      }
      expect(await paths(files, admin(), '/')).toEqual(['/d/f', '/e', '/skill/s/f'])
      expect(permissions.facts('acme')).toEqual(facts)
    })

    test('no path below becomes too long to be named', async () => {
      const { files } = gateway
      const long = `/${'x'.repeat(250)}`
      await files.write(admin(), `/d${long}${long}${long}/ä${'y'.repeat(240)}`, bytes('1'))
      await files.rename(admin(), '/d', '/dddddddd')
      await expect(files.rename(admin(), '/dddddddd', `/e/${'d'.repeat(40)}`)).rejects.toMatchObject({
        reason: 'INVALID_PATH',
        message: expect.stringContaining('at most 1024') as string,
      })
      await files.rename(admin(), '/dddddddd', '/d')
    })

    test('the server-wide tree has no relationships; its files move all the same', async () => {
      const { files, permissions } = gateway
      await files.write(globalAdmin(), '/skill/a/SKILL.md', bytes('1'))
      const facts = permissions.facts('acme')
      await files.rename(globalAdmin(), '/skill/a', '/skill/b')
      await expect(files.rename(admin(), '/skill/b', '/skill/c')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      expect(await paths(files, as('bob'), '/skill')).toEqual(['/skill/b/SKILL.md'])
      expect([permissions.facts('acme'), permissions.facts('_server')]).toEqual([facts, []])
    })

    test('directories that only hold something come and go; made ones stay', async () => {
      const { files } = gateway
      await files.write(admin(), '/implied/d/f', bytes('1'))
      await files.mkdir(admin(), '/made', { parents: false, existOk: false })
      await files.rename(admin(), '/implied/d/f', '/made/new/f')
      await files.rename(admin(), '/made/new', '/again/new')
      expect(await paths(files, admin(), '/', false)).toEqual(['/again', '/made'])
      await expectSound(gateway)
    })

    test('an index row follows, and is made anew where names matter', async () => {
      const { files } = gateway
      const names = async () =>
        (await rows<{ name: string }>(gateway, 'select name from skills order by name')).map((row) => row.name)
      await files.write(admin(), '/s/pdf/SKILL.md', bytes('1'))
      await files.write(admin(), '/s/doc/draft.md', bytes('1'))
      await files.rename(admin(), '/s', '/t')
      expect(await names()).toEqual(['pdf/SKILL.md'])
      await files.rename(admin(), '/t/pdf', '/t/pdf2')
      expect(await names()).toEqual(['pdf2/SKILL.md'])
      await files.rename(admin(), '/t/doc/draft.md', '/t/doc/SKILL.md')
      expect(await names()).toEqual(['doc/SKILL.md', 'pdf2/SKILL.md'])
      await files.rename(admin(), '/t/pdf2/SKILL.md', '/t/pdf2/old.md')
      expect(await names()).toEqual(['doc/SKILL.md'])
    })

    test('registrations follow their directories', async () => {
      const { db, files } = gateway
      const none = { name: null, description: null, createdBy: null, sessionId: null, expiresAt: null }
      const facts = { ...none, tenant: 'acme', metadata: {}, tags: [], createdAt: 1 }
      for (const path of ['/w', '/w/in', '/w2', '/v/in']) await db.write('putWorkspace', { ...facts, path })
      await files.write(admin(), '/w/f', bytes('1'))
      await files.rename(admin(), '/w', '/v')
      const registered = await rows<{ path: string }>(gateway, 'select path from workspaces order by path')
      expect(registered.map(({ path }) => path)).toEqual(['/v', '/v/in', '/w2'])
    })

    test('an answer that was lost on the way moves nothing twice; the audit trail names both paths', async () => {
      const { files, permissions } = gateway
      await files.write(as('alice'), '/own/a', bytes('1'))
      permissions.grant('acme', '/own/a', 'direct_viewer', user('bob'))
      permissions.lose('move', 1)
      await files.rename(as('alice'), '/own/a', '/own/b')
      expect(permissions.counts.move).toBe(2)
      expect(await text(files, as('bob'), '/own/b')).toBe('1')
      const audit = await rows(gateway, "select actor, path, detail from audit where action = 'rename'")
      expect(audit).toEqual([{ actor: 'user:alice', path: '/own/a', detail: '{"to":"/own/b"}' }])
    })

    test('both paths are closed until the relationships have moved', async () => {
      const { files, permissions } = gateway
      await files.write(as('alice'), '/own/a', bytes('1'))
      permissions.pause()
      const renaming = files.rename(as('alice'), '/own/a', '/own/b')
      await until(async () => (await rows(gateway, 'select seq from outbox')).length > 0)
      const early = { timeoutMs: 300 }
      for (const path of ['/own/a', '/own/b'])
        await expect(files.read(as('alice', early), path)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
      permissions.resume()
      await renaming
      expect(await text(files, as('alice'), '/own/b')).toBe('1')
    })

    test('of overlapping renames, writes and deletes at once, each happens whole or not at all', async () => {
      const { files } = gateway
      const names = ['a', 'b', 'c', 'a/x', 'b/x', 'c/x', 'a/x/y']
      for (const name of ['a/1', 'a/x/2', 'b/3', 'c/x/y/4']) await files.write(admin(), `/${name}`, bytes(name))
      const at = (index: number) => `/${names[index % names.length]}`
      const doing = Array.from({ length: 96 }, async (_, index) => {
        try {
          if (index % 8 === 0) await files.rmdir(admin(), at(index >> 3), { recursive: true })
          else if (index % 8 === 1) await files.write(admin(), `${at(index >> 3)}/w${index}`, bytes(`w${index}`))
          else await files.rename(admin(), at(index), at(index * 3 + 1))
        } catch (error) {
          if (!(error instanceof NexusError) || error.reason === 'INTERNAL') throw error
        }
      })
      await Promise.all(doing)
      await expectSound(gateway)
      const listed = await paths(files, admin(), '/')
      expect(new Set(listed).size).toBe(listed.length)
      for (const path of listed) {
        const content = await text(files, admin(), path)
        expect(content.endsWith(path.slice(path.lastIndexOf('/') + 1))).toBe(true)
      }
      const facts = gateway.permissions.facts('acme').filter((fact) => fact.endsWith('user:root'))
      const owned = facts.map((fact) => fact.split(' ')[1])
      // Whoever owns something owns what is there; nothing is left behind at paths where nothing stands.
      for (const path of owned) expect(await files.exists(admin(), path ?? '')).toBe(true)
    })
  })
}
