import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { user } from '../../support/fake-permissions.ts'
import { admin, as, bytes, type Engine, type Gateway, paths, rows, text, worlds } from './harness.ts'

/** Who sees what: read, exists, isDirectory, stat, and that a denial tells nothing. */
export function readingSuite(engine: Engine): void {
  describe(`reading (${engine.name})`, () => {
    const world = worlds(engine)
    let gateway: Gateway

    beforeEach(async () => {
      gateway = await (await world()).start()
      gateway.permissions.grant('acme', '/team', 'direct_owner', user('alice'))
      await gateway.files.write(as('alice'), '/team/docs/plan.txt', bytes('the plan'))
    })

    test('what was written is read, with its entry', async () => {
      const { content, entry } = await gateway.files.read(as('alice'), '/team//docs/plan.txt/')
      expect(new TextDecoder().decode(content)).toBe('the plan')
      expect(entry).toMatchObject({
        path: '/team/docs/plan.txt',
        kind: 'file',
        size: 8,
        version: 1,
        createdBy: 'user:alice',
      })
      expect(entry.etag).toBe(createHash('sha256').update('the plan').digest('hex'))
    })

    test('a denial is the same for a path that exists and one that does not', async () => {
      const denial = (path: string) => ({
        reason: 'ACCESS_DENIED',
        message: `Access denied: User 'bob' does not have READ permission for '${path}'`,
      })
      for (const path of ['/team/docs/plan.txt', '/team/docs/none', '/team/docs', '/elsewhere']) {
        await expect(gateway.files.read(as('bob'), path)).rejects.toMatchObject(denial(path))
        expect(await gateway.files.exists(as('bob'), path)).toBe(false)
        expect(await gateway.files.isDirectory(as('bob'), path)).toBe(false)
        expect(await gateway.files.stat(as('bob'), path)).toBeNull()
      }
    })

    test('with read a missing file is FILE_NOT_FOUND and a directory is told from a file', async () => {
      await expect(gateway.files.read(as('alice'), '/team/none')).rejects.toMatchObject({ reason: 'FILE_NOT_FOUND' })
      await expect(gateway.files.read(as('alice'), '/team/docs/plan.txt/x')).rejects.toMatchObject({
        reason: 'FILE_NOT_FOUND',
      })
      await expect(gateway.files.read(as('alice'), '/team/docs')).rejects.toMatchObject({ reason: 'INVALID_PATH' })
    })

    test('a directory is seen by those who can read something below it, and only by them', async () => {
      gateway.permissions.grant('acme', '/team/docs/plan.txt', 'direct_viewer', user('bob'))
      expect(await gateway.files.exists(as('bob'), '/team')).toBe(true)
      expect(await gateway.files.isDirectory(as('bob'), '/team/docs')).toBe(true)
      expect(await gateway.files.stat(as('bob'), '/team')).toMatchObject({ kind: 'directory', etag: null, version: 0 })
      expect(await paths(gateway.files, as('bob'), '/', false)).toEqual(['/team'])
      expect(await text(gateway.files, as('bob'), '/team/docs/plan.txt')).toBe('the plan')
      gateway.permissions.revoke('acme', '/team/docs/plan.txt', 'direct_viewer', user('bob'))
      expect(await gateway.files.exists(as('bob'), '/team')).toBe(false)
      expect(await paths(gateway.files, as('bob'), '/', false)).toEqual([])
    })

    test('the reader of one file cannot read its siblings', async () => {
      await gateway.files.write(as('alice'), '/team/docs/secret.txt', bytes('secret'))
      gateway.permissions.grant('acme', '/team/docs/plan.txt', 'direct_viewer', user('bob'))
      await expect(gateway.files.read(as('bob'), '/team/docs/secret.txt')).rejects.toMatchObject({
        reason: 'ACCESS_DENIED',
      })
      expect(await paths(gateway.files, as('bob'), '/')).toEqual(['/team/docs/plan.txt'])
    })

    test("'/' exists, is not taken for a directory and cannot be read", async () => {
      expect(await gateway.files.exists(as('bob'), '/')).toBe(true)
      expect(await gateway.files.isDirectory(as('bob'), '/')).toBe(false)
      expect(await gateway.files.stat(as('bob'), '/')).toMatchObject({ kind: 'directory', path: '/' })
      await expect(gateway.files.read(as('alice'), '/')).rejects.toMatchObject({ reason: 'INVALID_PATH' })
    })

    test('an administrator reads all of the own tenant and nothing of another', async () => {
      expect(await text(gateway.files, admin(), '/team/docs/plan.txt')).toBe('the plan')
      await gateway.files.write(as('zoe', { tenant: 'other', isAdmin: true }), '/tenant:other/x', bytes('theirs'))
      const foreign = gateway.files.read(admin(), '/tenant:other/x')
      await expect(foreign).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      await expect(gateway.files.read(admin(), '/tenant:nobody/x')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      const global = as('root', { isAdmin: true, isGlobalAdmin: true })
      expect(await text(gateway.files, global, '/tenant:other/x')).toBe('theirs')
    })

    test("an agent never has its owner's administrator's rights", async () => {
      const agent = as('root', {
        isAdmin: true,
        isGlobalAdmin: true,
        agentId: 'root,bot',
        subject: { tenant: '', type: 'agent', id: 'root,bot', relation: '' },
      })
      await expect(gateway.files.read(agent, '/team/docs/plan.txt')).rejects.toMatchObject({
        message: "Access denied: User 'root,bot' does not have READ permission for '/team/docs/plan.txt'",
      })
      await expect(gateway.files.write(agent, '/skill/x/SKILL.md', bytes('x'))).rejects.toMatchObject({
        reason: 'ACCESS_DENIED',
      })
    })

    test('a stranger from another tenant sees what was shared across, as a foreign subject', async () => {
      await gateway.files.write(admin(), '/tenant:acme/shared/a', bytes('a'))
      const bob = as('bob', { tenant: 'other' })
      await expect(gateway.files.read(bob, '/tenant:acme/shared/a')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      gateway.permissions.grant('acme', '/tenant:acme/shared', 'direct_viewer', user('bob'))
      await expect(gateway.files.read(bob, '/tenant:acme/shared/a')).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      gateway.permissions.grant('acme', '/tenant:acme/shared', 'shared-viewer', user('bob', 'other'))
      expect(await text(gateway.files, bob, '/tenant:acme/shared/a')).toBe('a')
      expect(await paths(gateway.files, bob, '/tenant:acme')).toEqual(['/tenant:acme/shared/a'])
      expect(await paths(gateway.files, bob, '/')).toEqual([])
    })

    test('contents that were replaced before a grant are not shown to an early reader', async () => {
      let between: (() => Promise<unknown>) | undefined = async () => {
        await gateway.files.write(as('alice'), '/team/docs/plan.txt', bytes('harmless'))
        gateway.permissions.grant('acme', '/team/docs/plan.txt', 'direct_viewer', user('bob'))
      }
      gateway.permissions.before = async (call) => {
        const now = between
        between = undefined
        if (call === 'check') await now?.()
      }
      expect(await text(gateway.files, as('bob'), '/team/docs/plan.txt')).toBe('harmless')
    })

    test('reads write nothing but what is batched: denials and bypass, one row a request', async () => {
      const before = await rows(gateway, 'select * from audit')
      const context = as('bob')
      await gateway.files.read(context, '/team/docs/plan.txt').catch(() => undefined)
      await gateway.files.read(context, '/team/docs').catch(() => undefined)
      await gateway.files.list(admin(), '/', { recursive: true })
      await gateway.files.read(as('alice'), '/team/docs/plan.txt')
      await gateway.audit.close()
      const after = await rows<{ outcome: string; action: string; actor: string }>(gateway, 'select * from audit')
      expect(after.length - before.length).toBe(2)
      expect(after).toContainEqual(expect.objectContaining({ outcome: 'denied', action: 'read', actor: 'user:bob' }))
      expect(after).toContainEqual(expect.objectContaining({ outcome: 'bypass', action: 'list', actor: 'user:root' }))
      expect(gateway.audit.lost).toBe(0)
    })
  })
}
