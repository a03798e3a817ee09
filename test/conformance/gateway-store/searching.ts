import { describe, expect, test } from 'vitest'
import type { CallContext } from '../../../gateway/context.ts'
import { user } from '../../support/fake-permissions.ts'
import { admin, as, bytes, type Engine, type Gateway, rows, worlds } from './harness.ts'

/** The paths that are found, the best first. */
async function found(gateway: Gateway, query: string, context: CallContext = admin(), path = '/') {
  const answer = await gateway.search.find(context, path, { query, limit: 100, passage: 'snippet' })
  expect([answer.more, answer.complete]).toEqual([false, true])
  return answer.hits.map(({ entry }) => entry.path)
}

/** Full-text search follows what happens to files. */
export function searchingSuite(engine: Engine): void {
  describe(`searching (${engine.name})`, () => {
    const world = worlds(engine)
    const start = async () => {
      const gateway = await (await world()).start()
      await gateway.indexBacklog()
      return gateway
    }

    test('finds files by their texts and names as soon as they are written', async () => {
      const gateway = await start()
      const { files } = gateway
      await files.write(admin(), '/a/one.txt', bytes('the quick brown fox'))
      await files.write(admin(), '/a/fox-report.md', bytes('nothing here'))
      await files.write(admin(), '/b/two.txt', bytes('a brown dog'))
      expect(await found(gateway, 'fox')).toEqual(['/a/fox-report.md', '/a/one.txt'])
      expect(await found(gateway, 'brown')).toHaveLength(2)
      expect(await found(gateway, 'brown fox')).toEqual(['/a/one.txt'])
      expect(await found(gateway, 'brow')).toEqual([])
      expect(await found(gateway, 'brow*')).toHaveLength(2)
      expect(await found(gateway, 'brown', admin(), '/b')).toEqual(['/b/two.txt'])
      expect(await found(gateway, 'brown', admin(), '/b/two.txt')).toEqual(['/b/two.txt'])
      await files.write(admin(), '/b/two.txt', bytes('a white cat'))
      expect(await found(gateway, 'dog')).toEqual([])
      expect(await found(gateway, 'cat')).toEqual(['/b/two.txt'])
    })

    test('ranks a short text about the word before a long one that names it', async () => {
      const gateway = await start()
      await gateway.files.write(admin(), '/long', bytes(`zebra ${'filler words that say nothing '.repeat(200)}`))
      await gateway.files.write(admin(), '/short', bytes('zebra zebra zebra'))
      await gateway.files.write(admin(), '/none', bytes('horse'))
      expect(await found(gateway, 'zebra')).toEqual(['/short', '/long'])
    })

    test('does not care about case, accents, width or missing spaces', async () => {
      const gateway = await start()
      const texts = {
        '/straße': 'Die STRASSE nach Zürich',
        '/tokyo': '東京都に住んでいます',
        '/greek': 'ΟΔΥΣΣΕΥΣ',
        '/wide': 'ＡＢＣ１２３ wide',
        '/code': 'const snake_case = camelCase(1e5)',
        '/emoji': 'a 🦊 b',
      }
      for (const [path, text] of Object.entries(texts)) await gateway.files.write(admin(), path, bytes(text))
      expect(await found(gateway, 'strasse')).toEqual(['/straße'])
      expect(await found(gateway, 'ZURICH')).toEqual(['/straße'])
      expect(await found(gateway, 'Zu\u0308rich')).toEqual(['/straße'])
      expect(await found(gateway, '東京')).toEqual(['/tokyo'])
      expect(await found(gateway, '京都')).toEqual(['/tokyo'])
      expect(await found(gateway, '京')).toEqual(['/tokyo'])
      expect(await found(gateway, '東都')).toEqual([])
      expect(await found(gateway, 'οδυσσευς')).toEqual(['/greek'])
      expect(await found(gateway, 'abc123')).toEqual(['/wide'])
      expect(await found(gateway, 'snake case 1e5')).toEqual(['/code'])
      expect(await found(gateway, 'OR NOT "code" AND')).toEqual([])
      await expect(found(gateway, '🦊 --')).rejects.toMatchObject({ reason: 'INVALID_PARAMS' })
    })

    test('passes over what is not text, and reads long texts as far as is configured', async () => {
      const gateway = await start()
      await gateway.files.write(admin(), '/binary', Buffer.from([0, ...bytes('needle')]))
      await gateway.files.write(admin(), '/latin1', Buffer.from([...bytes('needle '), 0xe9, 0x20, 0x61]))
      await gateway.files.write(admin(), '/utf16', Buffer.from('\ufeffneedle', 'utf16le'))
      const filler = 'é'.repeat(150_000)
      await gateway.files.write(admin(), '/long', bytes(`needle ${filler} beyond`))
      await gateway.files.write(admin(), '/words', bytes(Array.from({ length: 40_000 }, (_, n) => `n${n}`).join(' ')))
      expect((await found(gateway, 'needle')).toSorted()).toEqual(['/long', '/utf16'])
      expect(await found(gateway, 'beyond')).toEqual([])
      expect(await found(gateway, 'n30000')).toEqual(['/words'])
      expect(await found(gateway, 'binary')).toEqual(['/binary'])
    })

    test('shows where the words stand', async () => {
      const gateway = await start()
      const text = `${'x '.repeat(400)}\n🦊 second line has the Needle in it\n${'y '.repeat(400)}`
      await gateway.files.write(admin(), '/f', bytes(text))
      const [hit] = (await gateway.search.find(admin(), '/', { query: 'needle', limit: 1, passage: 'snippet' })).hits
      expect(hit).toMatchObject({ score: 1, byText: true, byName: false, passage: { line: 2 } })
      const { passage } = hit ?? {}
      expect(passage?.text).toContain('the Needle in it')
      expect([...text].slice(passage?.start, passage?.end).join('')).toBe(passage?.text)
      const [chunk] = (await gateway.search.find(admin(), '/', { query: 'needle', limit: 1, passage: 'chunk' })).hits
      expect(chunk?.passage).toMatchObject({ start: 0, chunk: 0 })
    })

    test('follows rename, copy, rollback, deletion, restoration and the end in the trash', async () => {
      const gateway = await start()
      const { files, trash } = gateway
      await files.write(admin(), '/d/apple.txt', bytes('first pear'))
      await files.write(admin(), '/d/apple.txt', bytes('second plum'))
      await files.rename(admin(), '/d', '/e')
      expect(await found(gateway, 'plum')).toEqual(['/e/apple.txt'])
      await files.rename(admin(), '/e/apple.txt', '/e/cherry.txt')
      expect(await found(gateway, 'apple')).toEqual([])
      expect(await found(gateway, 'cherry')).toEqual(['/e/cherry.txt'])
      await files.copy(admin(), '/e/cherry.txt', '/copy.txt')
      expect((await found(gateway, 'plum')).toSorted()).toEqual(['/copy.txt', '/e/cherry.txt'])
      await files.rollback(admin(), '/e/cherry.txt', 1)
      expect(await found(gateway, 'pear')).toEqual(['/e/cherry.txt'])
      expect(await found(gateway, 'plum')).toEqual(['/copy.txt'])
      await files.rmdir(admin(), '/e', { recursive: true })
      await files.delete(admin(), '/copy.txt')
      expect(await found(gateway, 'pear')).toEqual([])
      expect(await found(gateway, 'plum')).toEqual([])
      const { rows: items } = await trash.list(admin(), '/', { after: null, limit: 10 })
      const [copy, tree] = items
      await trash.restore(admin(), tree?.trash_id ?? '', null)
      await trash.restore(admin(), copy?.trash_id ?? '', '/banana.txt')
      expect(await found(gateway, 'pear')).toEqual(['/e/cherry.txt'])
      expect(await found(gateway, 'banana')).toEqual(['/banana.txt'])
      expect(await found(gateway, 'copy')).toEqual([])
      await files.delete(admin(), '/banana.txt')
      const [last] = (await trash.list(admin(), '/', { after: null, limit: 1 })).rows
      await trash.purge(admin(), last?.trash_id ?? '')
      expect(await rows(gateway, 'select count(*) as n from search_names')).toEqual([{ n: 1 }])
    })

    test('shows nobody what they may not read, and fills the page with what they may', async () => {
      const gateway = await start()
      const { files, permissions } = gateway
      for (let n = 0; n < 40; n++) await files.write(admin(), `/secret/${n}`, bytes(`treasure treasure ${n}`))
      for (let n = 0; n < 3; n++) await files.write(admin(), `/open/${n}`, bytes(`one treasure among other words ${n}`))
      permissions.grant('acme', '/open', 'direct_viewer', user('ann'))
      expect((await found(gateway, 'treasure', as('ann'))).toSorted()).toEqual(['/open/0', '/open/1', '/open/2'])
      expect(await found(gateway, 'treasure', as('bob'))).toEqual([])
      expect(await found(gateway, 'treasure', as('root', { tenant: 'other', isAdmin: true }))).toEqual([])
      const page = await gateway.search.find(as('ann'), '/', { query: 'treasure', limit: 2, passage: 'snippet' })
      expect([page.hits.length, page.more]).toEqual([2, true])
    })

    test('indexes what was there before, and says so until that is done', async () => {
      const place = await world()
      const before = await place.start()
      await before.files.write(admin(), '/old.txt', bytes('ancient text'))
      await before.files.write(admin(), '/old.txt', bytes('newer text'))
      await before.close()
      await place.execute('delete from search_names; delete from search_texts; delete from search_state')
      const gateway = await place.start()
      const { files, search } = gateway
      const query = { query: 'newer', limit: 10, passage: 'snippet' } as const
      expect(await search.find(admin(), '/', query)).toMatchObject({ hits: [], complete: false })
      await gateway.indexBacklog()
      expect(await found(gateway, 'newer')).toEqual(['/old.txt'])
      await files.rollback(admin(), '/old.txt', 1)
      expect(await found(gateway, 'ancient')).toEqual(['/old.txt'])
      expect(await found(gateway, 'old')).toEqual(['/old.txt'])
    })
  })
}
