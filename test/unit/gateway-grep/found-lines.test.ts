import { describe, expect, it } from 'vitest'
import { FoundLines } from '../../../gateway/grep/found-lines.ts'

const line = (number: number, lines: string, ...submatches: { match: string; start: number }[]) => ({
  lines,
  line_number: number,
  submatches,
})

describe('lines that were found', () => {
  it('come with those around them, as far as there are', () => {
    const found = new FoundLines({ before: 1, after: 2 })
    found.add('match', line(1, 'hit one\r\n', { match: 'hit', start: 0 }))
    found.add('context', line(2, 'between\n'))
    found.add('match', line(3, 'hit two', { match: 'hit', start: 0 }, { match: 'two', start: 4 }))
    expect(found.result(10)).toEqual([
      { line: 1, content: 'hit one', match: 'hit', before: [], after: ['between', 'hit two'] },
      { line: 3, content: 'hit two', match: 'hit', before: ['between'], after: [] },
    ])
    expect(found.result(1)).toHaveLength(1)
  })

  it('are cut around what matches where they are very long', () => {
    const found = new FoundLines({ before: 0, after: 0 })
    const start = Buffer.byteLength('é'.repeat(50_000))
    found.add('match', line(7, `${'é'.repeat(50_000)}needle${'x'.repeat(50_000)}\n`, { match: 'needle', start }))
    const [hit] = found.result(1)
    expect(hit?.content).toHaveLength(2_000)
    expect(hit?.content.indexOf('needle')).toBe(200)
  })
})
