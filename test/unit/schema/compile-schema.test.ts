import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import {
  DEFAULT_SCHEMA_VERSION,
  defaultSchema,
  defaultSchemaSource,
} from '../../../services/rebac/schema/default-schema.ts'
import type { Hierarchy, Schema, SchemaFormat } from '../../../services/rebac/schema/schema.ts'

function compile(format: SchemaFormat, model: string, hierarchies: readonly Hierarchy[] = []): Schema {
  return compileSchema({ format, model, hierarchies }, 'v1')
}

/** The problems that a model has, without the heading. */
function problemsOf(format: SchemaFormat, model: string, hierarchies: readonly Hierarchy[] = []): readonly string[] {
  try {
    compile(format, model, hierarchies)
    return []
  } catch (error) {
    if (!(error instanceof NexusError)) throw error
    expect(error.reason).toBe('INVALID_SCHEMA')
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^- /, ''))
  }
}

const dsl = (body: string): string => `model\n  schema 1.1\ntype user\n${body}`

describe('the DSL', () => {
  it('compiles every operator', () => {
    const schema = compile(
      'dsl',
      dsl(
        `type folder
  relations
    define viewer: [user, user:*, folder#viewer, user with c]
type doc
  relations
    define parent: [folder]
    define a: [user]
    define b: a or (viewer from parent and ([user] but not a))
condition c(x: int, l: list<string>) {
  x < 10 && "a" in l
}
`.replace('([user] but not a)', '(a but not parent)'),
      ),
    )
    expect(schema.open).toBe(false)
    expect(schema.version).toBe('v1')
    expect(schema.types.get('folder')?.relations.get('viewer')?.directTypes).toEqual([
      { type: 'user', form: 'object', relation: '', condition: '' },
      { type: 'user', form: 'wildcard', relation: '', condition: '' },
      { type: 'folder', form: 'userset', relation: 'viewer', condition: '' },
      { type: 'user', form: 'object', relation: '', condition: 'c' },
    ])
    expect(schema.types.get('doc')?.relations.get('b')?.rewrite).toEqual({
      kind: 'union',
      children: [
        { kind: 'computed', relation: 'a' },
        {
          kind: 'intersection',
          children: [
            { kind: 'from', tupleset: 'parent', relation: 'viewer' },
            {
              kind: 'exclusion',
              base: { kind: 'computed', relation: 'a' },
              subtract: { kind: 'computed', relation: 'parent' },
            },
          ],
        },
      ],
    })
    expect(schema.conditions.get('c')?.evaluate({ l: ['a'] }, { x: 1 })).toBe(true)
  })

  it('reads Windows line ends, tabs and comments', () => {
    const text =
      '# a model\r\nmodel\r\n  schema 1.2\r\ntype user\r\ntype doc\r\n\trelations\r\n\t\tdefine v: [user] # who\r\n'
    expect(compile('dsl', text).types.get('doc')?.relations.has('v')).toBe(true)
  })

  it('gives line and column of what the grammar does not accept', () => {
    const problems = problemsOf('dsl', dsl('type doc\n  relations\n    define a [user]\n    define b: [user] xor a\n'))
    expect(problems[0]).toMatch(/^6:14: /)
    expect(problemsOf('dsl', '')).toHaveLength(1)
    expect(problemsOf('dsl', 'nonsense')).toHaveLength(1)
    expect(problemsOf('dsl', '('.repeat(20_000)).length).toBeGreaterThan(0)
  })

  it('lists every problem at once, with line and column', () => {
    const problems = problemsOf(
      'dsl',
      dsl(`type group
  relations
    define member: [user, group#membr, usr]
    define a: b
    define b: a
type doc
  relations
    define parent: [doc, user:*] or x
    define x: viewer from parent
    define y: y
    define z: [user with nope]
    define w: gone
    define v: gone from gone
    define u: [doc#u]
condition c(x: int) {
  x + 1
}
condition d(x: int) {
  x < y
}
`),
      [
        { type: 'doc', relation: 'parent', separator: '//' },
        { type: 'gone', relation: 'parent', separator: '/' },
      ],
    )
    expect(problems).toEqual([
      '6:12: group#member: the relation group#membr is not defined',
      '6:12: group#member: the type usr is not defined',
      '7:12: group#a: is computed from itself in a cycle',
      '8:12: group#b: is computed from itself in a cycle',
      '12:12: doc#x: viewer from parent: doc#parent must be a direct relation only',
      '12:12: doc#x: viewer from parent: parent accepts user:*, but only plain objects can be followed',
      '12:12: doc#x: viewer from parent: no type of parent (doc, user) has the relation viewer',
      '13:12: doc#y: refers to itself',
      '14:12: doc#z: the condition nope is not defined',
      '15:12: doc#w: the relation doc#gone is not defined',
      '16:12: doc#v: the relation doc#gone is not defined',
      '18:11: condition c: gives int, but must give bool',
      '21:11: condition d: Unknown variable: y',
      'hierarchy of doc: the separator must be one character, and neither "*" nor a control character',
      'hierarchy of doc: parent must be a direct relation only',
      'hierarchy of gone: the type is not defined',
    ])
  })

  it.each([
    ['a userset of itself only', 'type d\n  relations\n    define a: [d#a]\n', ['d#a']],
    ['two usersets of each other', 'type d\n  relations\n    define a: [d#b]\n    define b: [d#a]\n', ['d#a', 'd#b']],
    ['from itself only', 'type d\n  relations\n    define p: [d]\n    define a: a from p\n', ['d#a']],
    [
      'an intersection with what has none',
      'type d\n  relations\n    define x: [d#x]\n    define a: [user] and x\n',
      ['d#x', 'd#a'],
    ],
    [
      'an exclusion of what has none',
      'type d\n  relations\n    define x: [d#x]\n    define a: [user] but not x\n',
      ['d#x', 'd#a'],
    ],
  ])('refuses relations without an entry point: %s', (_, body, names) => {
    const problems = problemsOf('dsl', dsl(body))
    expect(problems.map((text) => text.replace(/^[\d:]+ /, ''))).toEqual(
      names.map((name) => `${name}: no relationship can ever grant it (no entry point)`),
    )
  })

  it('accepts recursion that has an entry', () => {
    const body =
      'type d\n  relations\n    define p: [d]\n    define a: [user, d#a] or a from p\n    define b: [d#a] but not a\n'
    expect(problemsOf('dsl', dsl(body))).toEqual([])
  })

  it('refuses reserved and too long names', () => {
    const long = 'n'.repeat(65)
    const problems = problemsOf(
      'dsl',
      dsl(`type self\ntype d\n  relations\n    define this: [user]\n    define ${long}: [user]\n`),
    )
    expect(problems.join('\n')).toMatch(/"self" and "this" are reserved/)
    expect(problems.join('\n')).toMatch(/is longer than 64 bytes/)
    expect(problems).toHaveLength(3)
  })
})

describe('JSON models', () => {
  const model = {
    schema_version: '1.1',
    type_definitions: [
      { type: 'user' },
      {
        type: 'doc',
        relations: {
          viewer: { this: {} },
          all: { union: { child: [{ computedUserset: { object: '', relation: 'viewer' } }] } },
        },
        metadata: {
          relations: {
            viewer: {
              directly_related_user_types: [
                { type: 'user', condition: 'c' },
                { type: 'user', wildcard: {} },
              ],
            },
          },
        },
      },
    ],
    conditions: { c: { name: 'c', expression: 'v.name == "n"', parameters: { v: { type_name: 'TYPE_NAME_ANY' } } } },
  }

  it('compile like the DSL', () => {
    const schema = compile('json', JSON.stringify(model))
    expect(schema.types.get('doc')?.relations.get('all')?.rewrite).toEqual({
      kind: 'union',
      children: [{ kind: 'computed', relation: 'viewer' }],
    })
    const condition = schema.conditions.get('c')
    expect(condition?.evaluate({ v: { name: 'n' } }, {})).toBe(true)
    expect(condition?.evaluate({ v: { name: 1 } }, {})).toBe(false)
  })

  it.each([
    ['no JSON', '{', /the model is not JSON/],
    ['another shape', '{"schema_version":1}', /schema_version/],
    ['another version', JSON.stringify({ ...model, schema_version: '1.0' }), /schema version "1.0" is not supported/],
    [
      'two operations in one',
      JSON.stringify({
        schema_version: '1.1',
        type_definitions: [{ type: 'd', relations: { a: { this: {}, computedUserset: { relation: 'b' } } } }],
      }),
      /exactly one operation/,
    ],
    [
      'an unknown parameter type',
      JSON.stringify({
        ...model,
        conditions: { c: { ...model.conditions.c, parameters: { v: { type_name: 'TYPE_NAME_ODD' } } } },
      }),
      /unknown parameter type "TYPE_NAME_ODD"/,
    ],
    [
      'a condition under another name',
      JSON.stringify({ ...model, conditions: { c: { ...model.conditions.c, name: 'd' } } }),
      /condition c is named d inside/,
    ],
    [
      'direct without types',
      JSON.stringify({ schema_version: '1.1', type_definitions: [{ type: 'd', relations: { a: { this: {} } } }] }),
      /names no types/,
    ],
    [
      'a type twice',
      JSON.stringify({ schema_version: '1.1', type_definitions: [{ type: 'd' }, { type: 'd' }] }),
      /type d is defined twice/,
    ],
    [
      'deep nesting',
      `{"schema_version":"1.1","type_definitions":[{"type":"d","relations":{"a":${'{"union":{"child":['.repeat(5000)}{"this":{}}${']}}'.repeat(5000)}}}]}`,
      /nested too deeply|Maximum/,
    ],
    ['too large', JSON.stringify({ ...model, padding: 'x'.repeat(256 * 1024) }), /longer than 262144 bytes/],
  ])('are refused: %s', (_, text, expected) => {
    expect(problemsOf('json', text).join('\n')).toMatch(expected)
  })
})

describe('namespaces', () => {
  it('compile to an open schema, JSON and YAML alike', () => {
    const yaml = 'doc:\n  relations:\n    owner: {}\n    viewer: {union: [owner]}\n  permissions:\n    read: [viewer]\n'
    const json = '{"doc":{"relations":{"owner":{},"viewer":{"union":["owner"]}},"permissions":{"read":["viewer"]}}}'
    const [a, b] = [compile('namespaces', yaml), compile('namespaces', json)]
    expect(a.open).toBe(true)
    expect(a.types).toEqual(b.types)
    expect(a.types.get('doc')?.relations.get('owner')).toEqual({
      name: 'owner',
      rewrite: { kind: 'direct' },
      directTypes: 'any',
    })
    expect([...a.conditions.keys()]).toEqual(['nexus_abac'])
  })

  it.each([
    [
      'a lone exclusion',
      'd: {relations: {a: {}, b: {exclusion: a}}}',
      /an exclusion must stand inside an intersection/,
    ],
    [
      'one in a permission',
      'd: {relations: {a: {}}, permissions: {p: {exclusion: a}}}',
      /an exclusion must stand inside an intersection/,
    ],
    [
      'one in a union',
      'd: {relations: {a: {}, b: {exclusion: a}, c: {union: [a, b]}}}',
      /an exclusion must stand inside an intersection/,
    ],
    [
      'nothing but exclusions',
      'd: {relations: {a: {}}, permissions: {p: {intersection: [{exclusion: a}]}}}',
      /needs a member that is not an exclusion/,
    ],
    ['an unknown operator', 'd: {relations: {a: {minus: b}}}', /minus/],
    ['two operators', 'd: {relations: {a: {union: [b], intersection: [c]}}}', /several operators: union, intersection/],
    ['a cycle', 'd: {relations: {a: {union: [b]}, b: {union: [a]}}}', /computed from itself in a cycle/],
    ['no namespaces', '', /no namespaces/],
    ['broken YAML', 'd: {relations: [', /^\d+:\d+: /],
    ['aliases', 'd: &x {relations: {}}\ne: *x', /aliases/i],
    ['a text', '"hello"', /expected record/i],
  ])('are refused: %s', (_, text, expected) => {
    expect(problemsOf('namespaces', text).join('\n')).toMatch(expected)
  })
})

describe('conditions', () => {
  const problems = (parameters: string, expression: string): string =>
    problemsOf(
      'dsl',
      dsl(`type d\n  relations\n    define a: [user with c]\ncondition c(${parameters}) {\n  ${expression}\n}\n`),
    ).join('\n')

  it.each([
    ['l: list<int>', 'l.exists(a, l.exists(b, a == b))'],
    ['s: string', 's.matches("^[a-z]+@example[.]com$")'],
    ['s: string', 's.matches("(a+)+$")'],
    ['l: list<string>', 'l.exists(e, l.exists(f, e.matches("^x")))'],
    ['m: map<string>', 'm.all(k, m[k] != "")'],
    ['t: timestamp', 't.getHours("Europe/Paris") > 8'],
    ['u: uint', 'u < 10'],
    ['n: int, d: double', 'double(n) < d'],
  ])('may be %s { %s }', (parameters, expression) => {
    expect(problems(parameters, expression)).toBe('')
  })

  it.each([
    ['l: list<int>', 'l.exists(a, l.exists(b, l.exists(c, a == b && b == c)))', /nested more than 2 deep/],
    ['s: string', 's.matches("(((a{10}){10}){10})")', /repeats too much/],
    ['s: string', `s.matches("${'a'.repeat(257)}")`, /longer than 256/],
    ['s: string', 's.matches("(")', /no regular expression/],
    ['s: string', 'matches(s, s)', /must be a literal/],
    ['s: string, p: string', 's.matches(p)', /must be a literal/],
    ['s: string', 'cel.bind(x, s + s, x == "")', /cel\.bind/],
    ['s: string', 's.split(",").size() > 1', /split/],
    ['s: string', 's', /gives string, but must give bool/],
    ['s: string', 's ==', /./],
    ['s: string', 's < 1', /no such overload/],
  ])('may not be %s { %s }', (parameters, expression, expected) => {
    expect(problems(parameters, expression)).toMatch(expected)
  })

  it('bound what they work on', () => {
    const schema = compile(
      'dsl',
      dsl('type d\n  relations\n    define a: [user with c]\ncondition c(l: list<int>) {\n  1 in l\n}\n'),
    )
    const condition = schema.conditions.get('c')
    expect(() => condition?.evaluate({ l: Array.from({ length: 1025 }, () => 1) }, {})).toThrow(
      /more than 1024 elements/,
    )
    expect(condition?.evaluate({ l: Array.from({ length: 1024 }, () => 1) }, {})).toBe(true)
  })

  it('bound what they search, in one text and in all', () => {
    const schema = compile(
      'dsl',
      dsl(
        'type d\n  relations\n    define a: [user with c]\ncondition c(s: string, l: list<int>) {\n  l.all(e, !s.matches("(x+x+)+y$"))\n}\n',
      ),
    )
    const condition = schema.conditions.get('c')
    const evaluate = (length: number, times: number) =>
      condition?.evaluate({ s: 'x'.repeat(length), l: Array.from({ length: times }, () => 1) }, {})
    expect(evaluate(1024, 10)).toBe(true)
    expect(() => evaluate(1025, 1)).toThrow(/at most 1024 characters/)
    expect(() => evaluate(1024, 1024)).toThrow(/cost too much/)
    expect(evaluate(1024, 10)).toBe(true)
  })
})

describe('hierarchies', () => {
  const model = dsl(
    'type d\n  relations\n    define parent: [d]\n    define mixed: [d] or parent\n    define users: [user]\n',
  )
  it.each([
    [{ type: 'd', relation: 'mixed', separator: '/' }, /mixed must be a direct relation only/],
    [{ type: 'd', relation: 'users', separator: '/' }, /users must accept d without a condition/],
    [{ type: 'd', relation: 'gone', separator: '/' }, /the relation gone is not defined/],
    [{ type: 'd', relation: 'parent', separator: '' }, /must be one character/],
    [{ type: 'd', relation: 'parent', separator: '*' }, /must be one character/],
  ])('%o is refused', (hierarchy, expected) => {
    expect(problemsOf('dsl', model, [hierarchy]).join('\n')).toMatch(expected)
  })

  it('may be given once for a type', () => {
    const hierarchy = { type: 'd', relation: 'parent', separator: '.' }
    expect(compile('dsl', model, [hierarchy]).types.get('d')?.hierarchy).toEqual(hierarchy)
    expect(problemsOf('dsl', model, [hierarchy, hierarchy]).join('\n')).toMatch(/is given twice/)
  })
})

describe('the default schema', () => {
  it('has the namespaces of Nexus, and what was added', () => {
    const schema = defaultSchema()
    expect(schema.version).toBe(DEFAULT_SCHEMA_VERSION)
    expect([...schema.types.keys()].sort()).toEqual([
      'agent',
      'file',
      'group',
      'memory',
      'playbook',
      'skill',
      'trajectory',
    ])
    expect(schema.types.get('file')?.hierarchy).toEqual({ type: 'file', relation: 'parent', separator: '/' })
    const names = (type: string): readonly string[] => [...(schema.types.get(type)?.relations.keys() ?? [])]
    expect(names('file')).toEqual([
      'parent',
      'direct_owner',
      'direct_editor',
      'direct_viewer',
      'parent_owner',
      'parent_editor',
      'parent_viewer',
      'group_owner',
      'group_editor',
      'group_viewer',
      'shared-viewer',
      'shared-editor',
      'shared-owner',
      'public_discoverable',
      'owner',
      'editor',
      'viewer',
      'read',
      'write',
      'execute',
    ])
    expect(names('agent')).toEqual(['inherits_from'])
    expect(defaultSchemaSource().format).toBe('namespaces')
  })
})
