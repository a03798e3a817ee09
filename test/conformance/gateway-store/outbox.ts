import { describe, expect, test } from 'vitest'
import { user } from '../../support/fake-permissions.ts'
import { as, bytes, type Engine, paths, rows, text, until, type World, worlds } from './harness.ts'

const EMPTY: readonly unknown[] = []
const ROW = { relation: 'viewer', expiresAt: null, attributes: null, conditionName: '', conditionContext: null }

async function refused(doing: Promise<unknown>): Promise<void> {
  await expect(doing).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
}

/** Changes of permissions follow changes of metadata, whatever fails and whenever. */
export function outboxSuite(engine: Engine): void {
  describe(`outbox (${engine.name})`, () => {
    const makeWorld = worlds(engine)
    const ed = (timeoutMs?: number) => as('ed', timeoutMs === undefined ? {} : { timeoutMs })

    async function world(): Promise<World> {
      const made = await makeWorld()
      made.permissions.grant('acme', '/team', 'direct_editor', user('ed'))
      return made
    }

    for (const times of [1, 2, 3]) {
      test(`a write is answered after its permissions were applied, on attempt ${times + 1}`, async () => {
        const gateway = await (await world()).start()
        gateway.permissions.fail('write', 'UNAVAILABLE', times)
        await gateway.files.write(ed(), '/team/x', bytes('1'))
        expect(gateway.permissions.facts('acme')).toContain('direct_owner /team/x user:ed')
        expect(gateway.permissions.counts.write).toBe(times + 1)
      })
    }

    test('an answer that was lost on the way is asked for again, and nothing happens twice', async () => {
      const gateway = await (await world()).start()
      await gateway.files.write(ed(), '/team/x', bytes('1'))
      gateway.permissions.lose('write', 3)
      gateway.permissions.fail('read', 'UNAVAILABLE', 1)
      await gateway.files.delete(ed(), '/team/x')
      gateway.permissions.lose('write', 2)
      await gateway.files.write(ed(), '/team/x', bytes('2'))
      expect(gateway.permissions.facts('acme')).toEqual(['direct_editor /team user:ed', 'direct_owner /team/x user:ed'])
      const [trash] = await rows<{ relationships: string }>(gateway, 'select relationships from trash')
      expect(JSON.parse(trash?.relationships ?? '')).toMatchObject([{ relation: 'direct_owner', objectId: '/team/x' }])
    })

    test('the rows go when they were applied', async () => {
      const gateway = await (await world()).start()
      for (let index = 0; index < 5; index++) await gateway.files.write(ed(), `/team/${index}`, bytes('1'))
      await until(async () => (await rows(gateway, 'select * from outbox')).length === 0)
      expect(await rows(gateway, 'select * from outbox_leases')).toEqual(EMPTY)
    })

    test('while an entry is not applied its path is closed, and what is above and below it; nothing else is', async () => {
      const gateway = await (await world()).start()
      const { files, permissions } = gateway
      await files.write(ed(), '/team/d/x', bytes('1'))
      await files.write(ed(), '/team/dx', bytes('1'))
      permissions.pause()
      const before = permissions.counts.write
      const removal = files.rmdir(ed(), '/team/d', { recursive: true })
      await until(() => permissions.counts.write > before)
      for (const closed of ['/team/d/x', '/team/d/none', '/team/d']) {
        await expect(files.read(ed(30), closed)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
        await expect(files.write(ed(30), closed, bytes('2'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
        await expect(files.exists(ed(30), closed)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
      }
      for (const above of ['/team', '/']) {
        await expect(files.list(ed(30), above, { recursive: true })).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
      }
      expect(await text(files, ed(), '/team/dx')).toBe('1')
      await files.write(ed(), '/team/dx', bytes('2'))
      const waiting = [
        paths(files, ed(), '/team'),
        files.exists(ed(), '/team/d/x'),
        files.write(ed(), '/team/d/x', bytes('3')),
      ]
      permissions.resume()
      await removal
      const [listed, existed] = await Promise.all(waiting)
      expect(listed).toContain('/team/dx')
      expect(typeof existed).toBe('boolean')
      expect(await text(files, ed(), '/team/d/x')).toBe('3')
      expect(permissions.facts('acme')).toContain('direct_owner /team/d/x user:ed')
    })

    describe('a directory with more relationships of workspaces below it than one call takes', () => {
      const COUNT = 5_200
      const objects = (place: World) =>
        place.permissions.rows('acme').flatMap((one) => (one.objectType === 'workspace' ? [one.objectId] : []))
      const names = (parent: string) => Array.from({ length: COUNT }, (_, index) => `${parent}/${index}`)

      async function filled(): Promise<World> {
        const place = await world()
        for (const objectId of names('/team/d')) {
          const relationship = { ...ROW, objectType: 'workspace', objectId, subject: user('ed') }
          const operations = [{ kind: 'touch' as const, relationship }]
          await place.permissions.write({ tenant: 'acme', operations, idempotencyKey: null, deadline: Infinity })
        }
        return place
      }

      test('is renamed with all of them, whatever calls fail and answers are lost', async () => {
        const place = await filled()
        const { files, permissions } = await place.start()
        await files.write(ed(), '/team/d/x', bytes('1'))
        let calls = 0
        permissions.before = (call) => {
          if (call !== 'write') return
          calls++
          if (calls === 2) permissions.fail('write', 'UNAVAILABLE', 1)
          if (calls === 4) permissions.lose('write', 1)
        }
        await files.rename(ed(60_000), '/team/d', '/team/e')
        expect(calls).toBeGreaterThan(4)
        expect(new Set(objects(place))).toEqual(new Set(names('/team/e')))
      })

      test('is renamed with all of them by the next process, if the first one ends in the middle', async () => {
        const place = await filled()
        const before = await place.start()
        await before.files.write(ed(), '/team/d/x', bytes('1'))
        let calls = 0
        place.permissions.before = (call) => {
          if (call !== 'write') return
          if (++calls === 3) place.permissions.pause()
        }
        const renaming = refused(before.files.rename(ed(60_000), '/team/d', '/team/e'))
        await until(() => calls === 3)
        await before.close()
        await renaming
        expect(objects(place).length).toBeLessThan(COUNT)
        place.permissions.before = undefined
        const after = await place.start({ ownerId: 'gateway-2' })
        place.permissions.resume()
        expect(await text(after.files, ed(60_000), '/team/e/x')).toBe('1')
        expect(new Set(objects(place))).toEqual(new Set(names('/team/e')))
      })
    })

    test('a request whose deadline comes first is told so; what it began is completed', async () => {
      const gateway = await (await world()).start()
      gateway.permissions.pause()
      await refused(gateway.files.write(ed(800), '/team/x', bytes('1')))
      expect(gateway.permissions.facts('acme')).toHaveLength(1)
      gateway.permissions.resume()
      expect(await text(gateway.files, ed(), '/team/x')).toBe('1')
      expect(gateway.permissions.facts('acme')).toContain('direct_owner /team/x user:ed')
    })

    test('what a process that ended had not applied, the next one applies first, in order', async () => {
      const place = await world()
      const before = await place.start()
      await before.files.write(ed(), '/team/gone', bytes('1'))
      place.permissions.grant('acme', '/team/gone', 'direct_viewer', user('bob'))
      place.permissions.pause()
      const entries = async () => (await rows(before, 'select * from outbox where seq > 1')).length
      const lost = [refused(before.files.write(ed(), '/team/new', bytes('1')))]
      await until(async () => (await entries()) === 1)
      lost.push(refused(before.files.delete(ed(), '/team/gone')))
      await until(async () => (await entries()) === 2)
      await before.close()
      await Promise.all(lost)
      const after = await place.start({ ownerId: 'gateway-2' })
      expect(await rows(after, 'select seq from outbox order by seq')).toHaveLength(2)
      await expect(after.files.read(ed(30), '/team/new')).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
      place.permissions.resume()
      expect(await text(after.files, ed(), '/team/new')).toBe('1')
      await expect(after.files.read(ed(), '/team/gone')).rejects.toMatchObject({ reason: 'FILE_NOT_FOUND' })
      expect(place.permissions.facts('acme')).toEqual(['direct_editor /team user:ed', 'direct_owner /team/new user:ed'])
    })

    // PostgreSQL's rows go at once; SQLite's wait for each other, so a crash can find them there.
    test.runIf(engine.name === 'sqlite')(
      'an entry that was applied, but whose row is still there, does no harm the second time',
      async () => {
        const place = await world()
        place.permissions.grant('acme', '/own', 'direct_owner', user('alice'))
        const before = await place.start()
        await before.files.write(as('alice'), '/own/x', bytes('1'))
        await before.files.delete(as('alice'), '/own/x')
        await before.files.write(as('alice'), '/own/x', bytes('2'))
        place.permissions.grant('acme', '/own/x', 'direct_viewer', user('bob'))
        const facts = place.permissions.facts('acme')
        expect(await rows(before, 'select * from outbox')).toHaveLength(1)
        await before.crash()
        place.permissions.pause()
        const after = await place.start({ ownerId: 'gateway-2' })
        expect(await rows(after, 'select * from outbox')).toHaveLength(1)
        place.permissions.resume()
        expect(await text(after.files, as('bob'), '/own/x')).toBe('2')
        expect(place.permissions.facts('acme')).toEqual(facts)
        expect(await rows(after, 'select relationships from trash')).toEqual([{ relationships: '[]' }])
      },
    )

    test('an entry that can never be applied is dropped, loudly, and the tenant goes on', async () => {
      const gateway = await (await world()).start()
      gateway.permissions.fail('write', 'UNKNOWN_RELATION', 1)
      await expect(gateway.files.write(ed(), '/team/x', bytes('1'))).rejects.toMatchObject({
        reason: 'INTERNAL',
        message: expect.stringContaining('The change was made, but its permissions could not be'),
      })
      await gateway.files.write(ed(), '/team/y', bytes('1'))
      expect(await text(gateway.files, ed(), '/team/x')).toBe('1')
      expect(gateway.logged).toContain('outbox: an entry can never be applied and was dropped')
      const [row] = await rows<{ detail: string }>(gateway, "select * from audit where action = 'outbox_drop'")
      expect(JSON.parse(row?.detail ?? '')).toMatchObject({
        reason: 'UNKNOWN_RELATION',
        changes: [{ kind: 'own', path: '/team/x' }],
      })
    })

    test('tenants do not wait for each other', async () => {
      const gateway = await (await world()).start()
      gateway.permissions.before = async (call) => {
        if (call === 'write') await new Promise(() => undefined)
      }
      const stuck = refused(gateway.files.write(ed(800), '/team/x', bytes('1')))
      const other = as('zoe', { tenant: 'other', isAdmin: true })
      gateway.permissions.grant('other', '/home', 'direct_owner', user('zoe'))
      await gateway.files.write(other, '/home/x', bytes('1'))
      await gateway.files.mkdir(other, '/home/d', { parents: true, existOk: true })
      await stuck
      expect(gateway.permissions.facts('other')).toEqual(['direct_owner /home user:zoe'])
    })

    test.runIf(engine.name === 'postgres')(
      'the entries of a gateway that died are taken over after a second',
      async () => {
        const place = await world()
        const gateway = await place.start()
        await gateway.db.write('leaseOutbox', { tenant: 'acme', owner: 'a gateway that died', now: Date.now() })
        const begun = performance.now()
        await gateway.files.write(ed(), '/team/x', bytes('1'))
        expect(performance.now() - begun).toBeGreaterThan(500)
        expect(place.permissions.facts('acme')).toContain('direct_owner /team/x user:ed')
      },
    )

    test.runIf(engine.name === 'postgres')('a gateway finds what another one left, without being asked', async () => {
      const place = await world()
      const watcher = await place.start({ ownerId: 'watcher' })
      const dying = await place.start({ ownerId: 'dying' })
      place.permissions.pause()
      const lost = refused(dying.files.write(ed(), '/team/x', bytes('1')))
      await until(() => place.permissions.counts.write > 0)
      await dying.close()
      await lost
      place.permissions.resume()
      await until(() => place.permissions.facts('acme').includes('direct_owner /team/x user:ed'))
      await until(async () => (await rows(watcher, 'select * from outbox')).length === 0)
      expect(await rows(watcher, 'select * from outbox_leases')).toEqual(EMPTY)
    })

    test.runIf(engine.name === 'postgres')(
      'two gateways apply the entries of one tenant once each, in order',
      async () => {
        const place = await world()
        const [one, two] = [await place.start({ ownerId: 'one' }), await place.start({ ownerId: 'two' })]
        const names = Array.from({ length: 60 }, (_, index) => `/team/${index}`)
        await Promise.all(
          names.map((name, index) => (index % 2 === 0 ? one : two).files.write(ed(), name, bytes(name))),
        )
        await Promise.all(names.map((name, index) => (index % 2 === 0 ? two : one).files.delete(ed(), name)))
        expect(place.permissions.facts('acme')).toEqual(['direct_editor /team user:ed'])
        for (const gateway of [one, two]) expect(await paths(gateway.files, ed(), '/')).toEqual([])
      },
    )
  })
}
