import { createHash } from 'node:crypto'
import { readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { collectOrphans, collectStrays } from '../../../gateway/content/collector.ts'
import { createContents } from '../../../gateway/content/contents.ts'
import { admin, bytes, type Engine, rows, text, worlds } from './harness.ts'

const HOUR = 3_600_000
const soon = () => Date.now() + 10_000
const hashOf = (content: string) => createHash('sha256').update(content).digest('hex')

/** Contents are there as long as something refers to them, and go when nothing does. */
export function contentsSuite(engine: Engine): void {
  describe(`contents (${engine.name})`, () => {
    const world = worlds(engine)

    test('equal contents are stored once', async () => {
      const gateway = await (await world()).start()
      await gateway.files.write(admin(), '/a', bytes('same'))
      await gateway.files.write(admin(), '/b', bytes('same'))
      await gateway.files.write(admin(), '/empty', bytes(''))
      expect(await rows(gateway, 'select content_hash, size from contents order by size')).toEqual([
        { content_hash: hashOf(''), size: 0 },
        { content_hash: hashOf('same'), size: 4 },
      ])
      expect(await text(gateway.files, admin(), '/empty')).toBe('')
    })

    test('the collector leaves what is leased or referred to, also from old versions and the trash', async () => {
      const gateway = await (await world()).start()
      const { db, store, files } = gateway
      await files.write(admin(), '/a', bytes('old'))
      await files.write(admin(), '/a', bytes('new'))
      await files.write(admin(), '/b', bytes('deleted'))
      await files.delete(admin(), '/b')
      await createContents({ db, store }).put(bytes('leased'), soon())
      expect(await collectOrphans({ db, store })).toBe(0)
      expect(await collectOrphans({ db, store, now: Date.now() + HOUR })).toBe(1)
      expect(await store.get(hashOf('leased'))).toBeNull()
      for (const kept of ['old', 'new', 'deleted']) expect(await store.get(hashOf(kept))).not.toBeNull()
      expect(await rows(gateway, 'select * from contents')).toHaveLength(3)
    })

    test('while a backup holds the contents nothing is collected, and a hold ends by itself', async () => {
      const gateway = await (await world()).start()
      const { db, store } = gateway
      await createContents({ db, store }).put(bytes('orphan'), soon())
      await store.put(hashOf('stray'), bytes('stray'))
      const [inAnHour, tomorrow] = [Date.now() + HOUR, Date.now() + 25 * HOUR]
      await db.write('holdContents', { until: tomorrow + 1 })
      expect(await collectOrphans({ db, store, now: inAnHour })).toBe(0)
      expect(await collectStrays({ db, store, now: tomorrow })).toBe(0)
      expect(await collectOrphans({ db, store, now: tomorrow + 1 })).toBe(1)
      expect(await collectStrays({ db, store, now: tomorrow + 1 })).toBe(1)
    })

    test('a content that is collected between its writing and its use is written again', async () => {
      const gateway = await (await world()).start()
      const { db, store, files } = gateway
      let between: (() => Promise<unknown>) | undefined = () => collectOrphans({ db, store, now: Date.now() + HOUR })
      const put = store.put.bind(store)
      store.put = async (hash, content) => {
        await put(hash, content)
        const now = between
        between = undefined
        await now?.()
      }
      await files.write(admin(), '/x', bytes('x'))
      expect(await text(files, admin(), '/x')).toBe('x')
    })

    test('writers of a content that is just being collected wait, and the claim of a dead collector ends', async () => {
      const gateway = await (await world()).start()
      const { db, store } = gateway
      const contents = createContents({ db, store })
      const { hash } = await contents.put(bytes('x'), soon())
      const later = Date.now() + HOUR
      expect(await db.write('claimContent', { hash, now: later, adopt: false })).toBe(true)
      await expect(contents.put(bytes('x'), Date.now() + 80)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
      expect(await db.write('claimContent', { hash, now: later + 1_000, adopt: false })).toBe(false)
      expect(await db.write('leaseContent', { hash, size: 1, until: later + 2 * HOUR, now: later + HOUR })).toBe(true)
      expect(await db.write('claimContent', { hash, now: later + HOUR, adopt: false })).toBe(false)
    })

    test('files without a row go after a day, torn writes after an hour', async () => {
      const gateway = await (await world()).start()
      const { db, store, files } = gateway
      await files.write(admin(), '/kept', bytes('kept'))
      await store.put(hashOf('stray'), bytes('stray'))
      expect(await collectStrays({ db, store })).toBe(0)
      expect(await collectStrays({ db, store, now: Date.now() + 25 * HOUR })).toBe(1)
      expect(await store.get(hashOf('stray'))).toBeNull()
      expect(await text(files, admin(), '/kept')).toBe('kept')
      const temporary = join(gateway.contentDirectory, 'tmp')
      await writeFile(join(temporary, 'torn'), 'half a fi')
      const longAgo = new Date(Date.now() - 2 * HOUR)
      await utimes(join(temporary, 'torn'), longAgo, longAgo)
      await writeFile(join(temporary, 'fresh'), 'being written')
      expect(await collectStrays({ db, store })).toBe(1)
      expect(await readdir(temporary)).toEqual(['fresh'])
    })

    test('a content that is lost is an error of the server, not an empty file', async () => {
      const place = await world()
      const gateway = await place.start()
      await gateway.files.write(admin(), '/x', bytes('x'))
      await rm(join(gateway.contentDirectory, hashOf('x').slice(0, 2)), { recursive: true })
      await expect(gateway.files.read(admin(), '/x')).rejects.toMatchObject({
        reason: 'INTERNAL',
        message: expect.stringContaining('missing from the content store'),
      })
    })

    test('nothing is stored for those who may not write', async () => {
      const gateway = await (await world()).start()
      const stranger = { ...admin(), caller: { ...admin().caller, isAdmin: false } }
      await expect(gateway.files.write(stranger, '/x', bytes('x'))).rejects.toMatchObject({ reason: 'ACCESS_DENIED' })
      expect(await rows(gateway, 'select * from contents')).toEqual([])
    })
  })
}
