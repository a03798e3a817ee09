import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseGlob } from '../../../gateway/files/glob.ts'

const matches = (pattern: string, path: string) => parseGlob(pattern).matches(path.split('/'))

describe('globs', () => {
  test.each([
    ['*.ts', ['a.ts', '.ts', '..ts'], ['a.tsx', 'a/b.ts', 'ats']],
    ['a?c', ['abc', 'a😀c', 'a.c'], ['ac', 'abbc', 'a/c']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x', '-x']],
    ['[!a-c]x', ['dx', '!x'], ['ax', 'x']],
    ['[^a]', ['b', '^'], ['a']],
    ['[]]', [']'], ['[', '[]']],
    ['[a-]', ['a', '-'], ['b']],
    ['[*]', ['*'], ['a']],
    ['[c-ex-za-db]', ['a', 'e', 'y'], ['f', 'w', 'B']],
    ['[z-ab]', ['b'], ['a', 'm', 'z']],
    ['a*a', ['aa', 'aba'], ['a', 'ab']],
    ['[a', ['[a'], ['a']],
    ['{a,b}', ['{a,b}'], ['a', 'b']],
    ['a\\*', ['a\\b'], ['a*']],
    ['**', ['a', 'a/b', '.a/b/c'], []],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a/c']],
    ['**/a', ['a', 'b/a', 'b/c/a'], ['a/b', 'ba']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/b/b'], ['a', 'a/b/c', 'x/a/b']],
    ['**/a/**/*.md', ['a/x.md', 'y/a/z/x.md'], ['x.md', 'b/x.md']],
    ['a**b', ['ab', 'axxb'], ['a/b']],
    ['/a//b/', ['a/b'], ['a', 'a/b/c']],
  ] as const)('%s', (pattern, fitting, others) => {
    for (const path of fitting) expect(matches(pattern, path), path).toBe(true)
    for (const path of others) expect(matches(pattern, path), path).toBe(false)
  })

  test('agrees with a regular expression', () => {
    const part = fc.array(fc.constantFrom('a', 'b', '*', '?'), { minLength: 1, maxLength: 5 }).map((c) => c.join(''))
    const pattern = fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 })
    const name = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 }).map((c) => c.join(''))
    const path = fc.array(name, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(pattern, path, (parts, components) => {
        const expected = regexOf(parts).test(`${components.join('/')}/`)
        expect(parseGlob(parts.join('/')).matches(components)).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  test('what has no wildcard at the beginning, and how deep matches are', () => {
    const shape = (pattern: string) => [parseGlob(pattern).prefix.join('/'), parseGlob(pattern).depth]
    expect(shape('a/b/*.c')).toEqual(['a/b', 1])
    expect(shape('a/b/c')).toEqual(['a/b', 1])
    expect(shape('a')).toEqual(['', 1])
    expect(shape('*/a')).toEqual(['', 2])
    expect(shape('a/**/b')).toEqual(['a', Infinity])
  })

  test('a set has the characters that are in it, however many there are', () => {
    const characters = Array.from({ length: 400 }, (_, index) => String.fromCodePoint(0x4e00 + 2 * index))
    const set = (members: readonly string[]) => parseGlob(`[${members.join('')}]`)
    const both = fc.tuple(fc.subarray(characters), fc.constantFrom(...characters))
    fc.assert(
      fc.property(both, ([members, character]) => {
        fc.pre(members.length > 0)
        expect(set(members).matches([character])).toBe(members.includes(character))
        expect(set(['!', ...members]).matches([character])).toBe(!members.includes(character))
      }),
    )
  })

  test('a hostile pattern is answered', () => {
    expect(matches(`${'*a'.repeat(400)}b`, 'a'.repeat(255))).toBe(false)
    expect(matches(`${'**/a/'.repeat(150)}b`, Array.from({ length: 500 }, () => 'a').join('/'))).toBe(false)
  })
})

/** The same in the words of a regular expression; every component ends with a slash. */
function regexOf(parts: readonly string[]): RegExp {
  const whole = parts.at(-1) === '**' ? [...parts, '*'] : parts
  const one = (part: string) =>
    part === '**' ? '(?:[^/]+/)*' : `${part.replaceAll(/\*+/g, '[^/]*').replaceAll('?', '[^/]')}/`
  return new RegExp(`^${whole.map(one).join('')}$`)
}
