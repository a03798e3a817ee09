import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collectOrphans, collectStrays } from '../../../gateway/content/collector.ts'
import { CLAIM_MS } from '../../../gateway/content/commands.ts'
import { createContents } from '../../../gateway/content/contents.ts'
import { admin, bytes, type Engine, type Gateway, rows, text, until, worlds } from './harness.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const hashOf = (content: string) => createHash('sha256').update(content).digest('hex')
const filesOf = async ({ store }: Gateway) => (await Array.fromAsync(store.list())).map(({ hash }) => hash).toSorted()

/** The collector and those who write the same bytes meanwhile, however long either of them takes. */
export function collectingSuite(engine: Engine): void {
  describe(`collecting while others write (${engine.name})`, () => {
    const world = worlds(engine)
    afterEach(() => vi.restoreAllMocks())

    /** Lets time pass for this thread. */
    function clock(): (passed: number) => void {
      const now = Date.now.bind(Date)
      let ahead = 0
      vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead)
      return (passed) => void (ahead += passed)
    }

    /** Does something when a content is claimed and about to be deleted. */
    function beforeDeletion({ store }: Gateway, act: (hash: string) => Promise<void>): void {
      const setAside = store.setAside.bind(store)
      store.setAside = async (hash) => {
        await act(hash)
        return await setAside(hash)
      }
    }

    /** A writer who begins now: what becomes of it, and when it was written or turned away at least once. */
    function writer({ db, files }: Gateway, path: string, content: string) {
      let refused = false
      const write = db.write.bind(db)
      const spy = vi.spyOn(db, 'write').mockImplementation(async (...given: Parameters<typeof write>) => {
        const answer: unknown = await write(...given)
        if (given[0] === 'leaseContent' && answer === false) refused = true
        return answer as never
      })
      let done = false
      const written = files.write(admin(), path, bytes(content)).finally(() => {
        done = true
        spy.mockRestore()
      })
      return { written, met: () => until(() => done || refused) }
    }

    test.each(['orphans', 'strays'] as const)(
      'a run over %s that takes long claims the last as the first',
      async (what) => {
        const gateway = await (await world()).start()
        const { db, store, files } = gateway
        const pass = clock()
        for (const content of ['one', 'two']) {
          if (what === 'strays') await store.put(hashOf(content), bytes(content))
          else await createContents({ db, store }).put(bytes(content), Date.now() + 10_000)
        }
        pass(2 * DAY)
        const writers: ReturnType<typeof writer>[] = []
        let last = ''
        let deletions = 0
        beforeDeletion(gateway, async (hash) => {
          deletions += 1
          if (deletions === 1) return pass(CLAIM_MS + 10_000)
          last = hash === hashOf('one') ? 'one' : 'two'
          const writing = writer(gateway, '/again', last)
          writers.push(writing)
          await writing.met()
        })
        expect(await (what === 'orphans' ? collectOrphans : collectStrays)({ db, store })).toBe(2)
        await Promise.all(writers.map(({ written }) => written))
        expect(deletions).toBe(2)
        expect(await text(files, admin(), '/again')).toBe(last)
        expect(await filesOf(gateway)).toEqual([hashOf(last)])
      },
    )

    test('a collector that was stopped before it deletes gives back what is in use again', async () => {
      const gateway = await (await world()).start()
      const { db, store, files } = gateway
      const pass = clock()
      await createContents({ db, store }).put(bytes('x'), Date.now() + 10_000)
      pass(HOUR)
      beforeDeletion(gateway, async () => {
        pass(CLAIM_MS + 10_000)
        await files.write(admin(), '/x', bytes('x'))
      })
      expect(await collectOrphans({ db, store })).toBe(0)
      expect(await text(files, admin(), '/x')).toBe('x')
      expect(await filesOf(gateway)).toEqual([hashOf('x')])
    })

    test('a collector whose last commit fails leaves the content, and the next run deletes it', async () => {
      const gateway = await (await world()).start()
      const { db, store } = gateway
      await createContents({ db, store }).put(bytes('x'), Date.now() + 10_000)
      const write = db.write.bind(db)
      const spy = vi.spyOn(db, 'write').mockImplementation((...given: Parameters<typeof write>) => {
        if (given[0] === 'dropContent') throw new Error('the database is away')
        return write(...given) as never
      })
      await expect(collectOrphans({ db, store, now: Date.now() + HOUR })).rejects.toThrow('away')
      expect(await filesOf(gateway)).toEqual([hashOf('x')])
      spy.mockRestore()
      expect(await collectOrphans({ db, store, now: Date.now() + 2 * HOUR })).toBe(1)
      expect(await filesOf(gateway)).toEqual([])
    })

    test('a collector drops what it claimed itself, not what another one did after it', async () => {
      const gateway = await (await world()).start()
      const { db, store } = gateway
      const { hash } = await createContents({ db, store }).put(bytes('x'), Date.now() + 10_000)
      const [early, late] = [Date.now() + HOUR, Date.now() + HOUR + CLAIM_MS]
      expect(await db.write('claimContent', { hash, now: early, adopt: false })).toBe(true)
      expect(await db.write('claimContent', { hash, now: late, adopt: false })).toBe(true)
      expect(await db.write('dropContent', { hash, claimedAt: early })).toBe(false)
      expect(await rows(gateway, 'select content_hash from contents')).toHaveLength(1)
      expect(await db.write('dropContent', { hash, claimedAt: late })).toBe(true)
      expect(await rows(gateway, 'select content_hash from contents')).toHaveLength(0)
    })
  })
}
