import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hasMoreValues } from '../../../gateway/http/json-values.ts'

it('counts the values of any JSON, however it is spaced', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom('', ' ', '\n', '\t'), (value, space) => {
      const json = Buffer.from(JSON.stringify(value, null, space))
      const count = valuesOf(value)
      expect([hasMoreValues(json, count), hasMoreValues(json, count - 1)]).toEqual([false, count > 1])
    }),
    { numRuns: 2_000 },
  )
})

it.each([
  ['commas and brackets', `[{,}],`.repeat(100)],
  ['quotes', '"'.repeat(100)],
  ['backslashes at the end', '\\'.repeat(100)],
  ['both', '\\"'.repeat(100)],
  ['characters of several bytes', '\u2c22\u{1f4a9}é'.repeat(100)],
])('takes %s in a text for text', (_, text) => {
  const json = Buffer.from(JSON.stringify([text, text, { [text]: text }]))
  expect([hasMoreValues(json, 5), hasMoreValues(json, 4)]).toEqual([false, true])
})

it.each(['["', '["\\', '["\\"', '[[[[', ',,,,', '"', ''])('reads %j, which is none, to its end', (json) => {
  expect(hasMoreValues(Buffer.from(json), 100)).toBe(false)
})

function valuesOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1
  return Object.values(value).reduce<number>((sum, member) => sum + valuesOf(member), 1)
}
