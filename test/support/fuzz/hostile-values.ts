import fc from 'fast-check'

/** Any sequence of UTF-16 units, lone surrogates and control characters among them. */
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes))

const words = fc.constantFrom(
  '',
  ' ',
  '.',
  '..',
  '...',
  '~',
  '*',
  '**',
  '[',
  '[a-',
  'a',
  'A',
  'b.txt',
  ' a',
  'a ',
  '\u00e9',
  'e\u0301',
  '\u202e',
  '\ufeff',
  '\u{1f600}',
  '\ud800',
  '\0',
  '\n',
  '\\',
  '..\\..',
  '%2e%2e',
  '%00',
  'home',
  'skill',
  'SKILL.md',
  'tenant:fuzz',
  'tenant:secret',
  'tenant:',
  'tenant:..',
  'user:*',
  '__proto__',
  'constructor',
  'x'.repeat(255),
  'x'.repeat(256),
  '\u{1f600}'.repeat(64),
)
const names = fc.oneof({ weight: 4, arbitrary: words }, { weight: 1, arbitrary: units })

/** Paths of all kinds, most of them in the caller's home. */
export const paths = fc
  .tuple(
    fc.constantFrom('/home', '/home', '/home', '', '/', '//', '/tenant:fuzz', '/tenant:secret', '/skill', '/../..'),
    fc.array(names, { maxLength: 5 }),
    fc.constantFrom('', '', '/', '//'),
  )
  .map(([start, parts, end]) => `${[start, ...parts].join('/')}${end}`)

const longTexts = fc.constantFrom(1_025, 70_000).map((length) => 'y'.repeat(length))

/** Texts of all kinds. */
export const texts = fc.oneof(
  { weight: 4, arbitrary: words },
  { weight: 4, arbitrary: paths },
  { weight: 2, arbitrary: units },
  { weight: 1, arbitrary: longTexts },
)

const numbers = fc.constantFrom(0, -0, 1, 2, -1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 5e-324, 100, 10_000)

/** Values that JSON has no form for, right and wrong. */
const wrapped = fc.oneof(
  fc.record({ __type__: fc.constant('bytes'), data: fc.oneof(texts, fc.base64String()) }),
  fc.record({
    __type__: fc.constant('datetime'),
    data: fc.constantFrom('2031-01-01', '2031-01-01T00:00:00Z', '0', 'now'),
  }),
  fc.record({ __type__: fc.constant('timedelta'), seconds: numbers }),
  fc.record({ __type__: fc.oneof(texts, numbers), data: texts }),
)

/** Anything that JSON can say. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: texts },
  { weight: 3, arbitrary: wrapped },
  { weight: 2, arbitrary: numbers },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.array(texts, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(70, 3_000).map(nested) },
)

/** By what a parameter of a name is usually asked for; a call of nothing but nonsense is refused at its first parameter. */
export function fitting(name: string): fc.Arbitrary<unknown> {
  if (/path$|^prefix$/.test(name)) return paths
  if (name === 'paths') return fc.array(paths, { maxLength: 4 })
  if (name === 'content') return fc.oneof(texts, fc.record({ __type__: fc.constant('bytes'), data: fc.base64String() }))
  if (name.endsWith('pattern'))
    return fc.constantFrom('*', '**', '**/*', 'a', '[', '(', '.*', '(a+)+$', '\\', '[[:word:]]')
  if (/^(recursive|details|parents|exist_ok|force|preview|if_none_match|return_metadata)$/.test(name))
    return fc.boolean()
  if (/limit|version|start|end|max|number|^v[12]$/.test(name)) return fc.oneof(fc.nat({ max: 3 }), numbers)
  if (/^(subject|object)$/.test(name)) return fc.tuple(fc.constantFrom('file', 'user', 'group', 'agent', '*'), texts)
  if (name === 'relation') return fc.oneof(fc.constantFrom('direct_viewer', 'parent', 'member', 'owner'), texts)
  if (name === 'edits') return fc.array(fc.record({ old_str: texts, new_str: texts }), { minLength: 1, maxLength: 2 })
  if (name === 'renames' || name === 'files') return fc.array(fc.tuple(paths, paths), { maxLength: 3 })
  return anything
}

function nested(depth: number): unknown {
  let value: unknown = 'deep'
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { in: value }
  return value
}
