import { applyPatch } from 'diff'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unifiedDiff } from '../../../gateway/files/unified-diff.ts'

const side = (name: string, content: string | Uint8Array) => ({ name, content: Buffer.from(content) })

describe('unified diffs', () => {
  test('a diff turns the one text into the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c\r', '', 'ä')).map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const patch = unifiedDiff(side('x', before), side('y', after))
        expect(applyPatch(before, patch, { autoConvertLineEndings: false })).toBe(after)
      }),
    )
  })

  test('it begins with the names, as those of other programs do', () => {
    const head = (one: string, other: string) => unifiedDiff(side(one, 'a'), side(other, 'b')).split('\n').slice(0, 3)
    expect(head('x', 'y')).toEqual(['--- x', '+++ y', '@@ -1,1 +1,1 @@'])
    expect(head('x', 'x')).toEqual(['--- x', '+++ x', '@@ -1,1 +1,1 @@'])
  })

  test('what is no text is not compared line by line', () => {
    expect(unifiedDiff(side('x', 'text'), side('y', 'a\0b'))).toBe('Binary files x and y differ')
    expect(unifiedDiff(side('x', Uint8Array.of(0xff)), side('y', ''))).toBe('Binary files x and y differ')
  })

  test('what would take too long is refused', () => {
    const lines = (word: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${word}${index}`).join('\n')
    const much = () => unifiedDiff(side('x', lines('a', 20_000)), side('y', lines('b', 20_000)))
    expect(much).toThrow(/too many lines/)
    const newlines = '\n'.repeat(500_001)
    expect(() => unifiedDiff(side('x', newlines), side('y', 'y'))).toThrow(/more than 500000 lines are not compared/)
    expect(() => unifiedDiff(side('x', 'x'), side('y', newlines))).toThrow(/more than 500000 lines are not compared/)
    expect(() => unifiedDiff(side('x', 'x'.repeat(5_000_000)), side('y', ''))).toThrow(/4 MiB/)
  })
})
