import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { all } from '../../../services/common/sql/script.ts'
import { ResultCache, resultKey } from '../../../services/common/sql/sqlite/result-cache.ts'
import { newFile, openNotes } from './support.ts'

const readNotes = () => all<{ id: string }>('select id from notes order by place, id')

describe('results kept between two commits', () => {
  it('are gone with a write of the own writer, and with one of any other connection', async () => {
    const file = await newFile()
    const database = await openNotes(`sqlite:${file}`)
    expect(await database.read(readNotes)).toEqual([])
    await database.write('add', { id: 'own', place: 1 })
    expect(await database.read(readNotes)).toEqual([{ id: 'own' }])

    const outside = new BetterSqlite3(file)
    onTestFinished(() => void outside.close())
    outside.exec("update notes set place = 3 where id = 'own'")
    const place = () => all<{ place: number }>('select place from notes')
    expect(await database.read(place)).toEqual([{ place: 3 }])
  })

  it('are handed out as one object that nobody can change', async () => {
    const database = await openNotes(`sqlite:${await newFile()}`)
    await database.write('add', { id: 'a', place: 1 })
    const [once, again] = [await database.read(readNotes), await database.read(readNotes)]
    expect(again).toBe(once)
    expect(() => Object.assign(once[0] ?? {}, { id: 'changed' })).toThrow(TypeError)
  })

  it('stand under keys that differ for different questions', () => {
    const keys = [
      resultKey('q', ['a', 'b']),
      resultKey('q', ['a\u0000s1:b']),
      resultKey('q', ['ab']),
      resultKey('q', [1]),
      resultKey('q', ['1']),
      resultKey('q', [null]),
      resultKey('q', ['-']),
      resultKey('q', []),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    expect(resultKey('q', [new Uint8Array(1)])).toBeNull()
  })

  it('are bounded in number', () => {
    const cache = new ResultCache()
    cache.useVersion(1)
    for (let index = 0; index < 10_000; index++) cache.set(`${index}`, [])
    const kept = Array.from({ length: 10_000 }, (_, index) => cache.get(`${index}`)).filter(
      (rows) => rows !== undefined,
    )
    expect(kept.length).toBeLessThanOrEqual(2_000)
    expect(cache.get('9999')).toEqual([])
  })
  it('are bounded in size, of which a long text is most', () => {
    const cache = new ResultCache()
    cache.useVersion(1)
    const page = (index: number) => [{ changes: 'x'.repeat(500_000), index }]
    for (let index = 0; index < 200; index++) cache.set(`${index}`, page(index))
    const kept = Array.from({ length: 200 }, (_, index) => cache.get(`${index}`)).filter((rows) => rows !== undefined)
    expect(kept.length).toBeLessThanOrEqual(20)
    expect(cache.get('199')).toEqual(page(199))
  })

  it.each([
    ['in a text', [{ id: 1, changes: 'x'.repeat(2_000_000) }]],
    ['in bytes', [{ id: 1, content: new Uint8Array(2_000_000) }]],
    ['over many rows', Array.from({ length: 100 }, () => ({ changes: 'x'.repeat(20_000) }))],
    ['in number', Array.from({ length: 5_001 }, (_, id) => ({ id }))],
  ])('leave out one that is too large, %s, and what is kept stays', (_where, rows) => {
    const cache = new ResultCache()
    cache.useVersion(1)
    cache.set('small', [{ id: 1 }])
    cache.set('large', rows)
    expect(cache.get('large')).toBeUndefined()
    expect(cache.get('small')).toEqual([{ id: 1 }])
  })
})
