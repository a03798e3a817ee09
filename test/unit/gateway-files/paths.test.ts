import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  normalizePath,
  parentPath,
  resolveFilePath,
  resolvePath,
  SERVER_TREE,
  sortedByPath,
} from '../../../gateway/files/paths.ts'

const ok: readonly [given: string, path: string][] = [
  ['/', '/'],
  ['//', '/'],
  ['a', '/a'],
  ['/a/b', '/a/b'],
  ['/a//b///', '/a/b'],
  ['  /a/b \n', '/a/b'],
  ['/a b/c', '/a b/c'],
  ['/.hidden/...', '/.hidden/...'],
  ['/a/./b', '/a/b'],
  ['./a/.', '/a'],
  ['.', '/'],
  ['/..a/a..', '/..a/a..'],
  ['/a\\b', '/a\\b'],
  ['/e\u0301', '/\u00e9'],
  ['/\u{1f600}', '/\u{1f600}'],
  ['/tenant:acme/user:bob', '/tenant:acme/user:bob'],
  [`/${'x'.repeat(255)}`, `/${'x'.repeat(255)}`],
  [`/${'ab/'.repeat(341)}`, `/${'ab/'.repeat(341).slice(0, -1)}`],
]

const bad: readonly [given: string, words: string][] = [
  ['', 'empty'],
  ['   ', 'empty'],
  ['/..', "'..' segments"],
  ['/a/../b', "'..' segments"],
  ['../a', "'..' segments"],
  ['/a\u0000b', 'control character'],
  ['/a\nb', 'control character'],
  ['/a\rb', 'control character'],
  ['/a\tb', 'control character'],
  ['/a\u007fb', 'control character'],
  ['/a\u0085b', 'control character'],
  ['/a /b', 'begins or ends with a space'],
  ['/a/ b', 'begins or ends with a space'],
  ['/a/\u00a0b', 'begins or ends with a space'],
  ['/\ud800', 'lone surrogate'],
  ['/a\udc00b', 'lone surrogate'],
  [`/${'x'.repeat(256)}`, '256 bytes; at most 255'],
  [`/${'é'.repeat(128)}`, '256 bytes; at most 255'],
  [`/${'abc/'.repeat(256)}x`, '1026 bytes; at most 1024'],
]

describe('normalizePath', () => {
  test.each(ok)('%j is %j', (given, path) => {
    expect(normalizePath(given)).toBe(path)
    expect(normalizePath(path)).toBe(path)
  })

  test.each(bad)('%j is refused', (given, words) => {
    expect(() => normalizePath(given)).toThrowError(
      expect.objectContaining({ reason: 'INVALID_PATH', message: expect.stringContaining(words) }),
    )
  })

  test('any text is refused with one sentence or becomes a path that stays as it is', () => {
    const pieces = fc.constantFrom(
      '/',
      '..',
      '.',
      ' ',
      'a',
      'e\u0301',
      '\u0000',
      '\ud800',
      '\n',
      'tenant:',
      'skill',
      '%',
      '\u{1f600}',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (given) => {
          const { path, error } = outcome(given)
          expect(path === null ? error : { reason: 'INVALID_PATH', message: '' }).toMatchObject({
            reason: 'INVALID_PATH',
            message: expect.not.stringMatching(/[\n\0]/),
          })
          if (path === null) return
          expect(normalizePath(path)).toBe(path)
          expect(path.startsWith('/')).toBe(true)
          expect(path.split('/')).not.toContain('..')
          expect(Buffer.byteLength(path)).toBeLessThanOrEqual(1_024)
        },
      ),
    )
  })
})

function outcome(given: string): { readonly path: string | null; readonly error: unknown } {
  try {
    return { path: normalizePath(given), error: null }
  } catch (error) {
    return { path: null, error }
  }
}

describe('resolvePath', () => {
  test.each([
    ['/', 'acme'],
    ['/workspace/x', 'acme'],
    ['/skill', SERVER_TREE],
    ['/skill/pdf/SKILL.md', SERVER_TREE],
    ['/skills/pdf', 'acme'],
    ['/Skill', 'acme'],
    ['/a/skill', 'acme'],
    ['/tenant:acme/x', 'acme'],
    ['/tenant:other', 'other'],
    ['/tenant:other/skill', 'other'],
    ['/x/tenant:other', 'acme'],
  ])('%s belongs to %s', (path, tree) => {
    expect(resolvePath(path, 'acme').tree).toBe(tree)
  })

  test.each(['/tenant:', '/tenant:Other/x', '/tenant:_server', '/tenant:a b', `/tenant:${'x'.repeat(64)}`])(
    '%s names no tenant',
    (path) => {
      expect(() => resolvePath(path, 'acme')).toThrowError(expect.objectContaining({ reason: 'INVALID_PATH' }))
    },
  )

  test("'/' only where it is allowed, with the words that clients know", () => {
    expect(resolvePath('/', 'acme').components).toEqual([])
    expect(() => resolveFilePath('//', 'acme')).toThrowError(
      "Root path '/' not allowed for file operations. Use list('/') for directory listings.: /",
    )
  })
})

test('parentPath', () => {
  expect(['/', '/a', '/a/b', '/a/b/c'].map(parentPath)).toEqual(['/', '/', '/a', '/a/b'])
})

test('sortedByPath orders as the bytes of UTF-8 do', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('/\uffee', '/\u{1f600}', '/a', '/a/b', '/a-b'))
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const items = texts.map((path) => ({ path: path.toWellFormed() }))
      const byBytes = items.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
      expect(sortedByPath(items)).toEqual(byBytes)
    }),
  )
})
