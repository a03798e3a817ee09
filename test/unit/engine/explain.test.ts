import { expect, it, onTestFinished, vi } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import type { Explanation } from '../../../services/rebac/engine/explanation.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { readQuestion, readRelationship } from '../../support/naive/case-file.ts'

const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type dir
  relations
    define parent: [dir]
    define owner: [user, user:*, group#member, user with c]
    define banned: [user]
    define viewer: owner or viewer from parent
    define reader: viewer but not banned
    define both: owner and viewer
    define shared-viewer: [user, dir, group]
type doc
  relations
    define kept: [user, user with c, group#member]
    define taken: [user, user with c, group#member]
    define spared: kept but not taken
    define both: kept and taken
    define above: [doc, user]
    define passed: kept from above
condition c(x: int) {
  x > 0
}
`
const hierarchies = [{ type: 'dir', relation: 'parent', separator: '/' }]
const schema = compileSchema({ format: 'dsl', model: MODEL, hierarchies }, 'explain')

// t0000, t0001, ...
const RELATIONSHIPS = [
  'dir:/a#owner@user:ann',
  'dir:/a#owner@group:g#member',
  'group:g#member@user:bob',
  'group:g#member@group:g#member',
  'dir:/a#owner@user:cat [c {"x":0}]',
  'dir:/a#owner@user:dan [c]',
  'dir:/a#owner@user:old expires 1970-01-01T00:00:00Z',
  'dir:/a#banned@user:ann',
  'dir:/a#owner@group:g',
]

function explain(relationships: readonly string[], question: string): Explanation {
  const graph = new TenantGraph()
  graph.load(relationships.map(readRelationship))
  const options = { now: 5, context: {}, contextual: [], maxDepth: 0, nodeBudget: 0, deadline: Infinity }
  const { objectType, objectId, relation, subject } = readQuestion(question)
  return new Evaluator(schema, graph, options).explain(objectType, objectId, relation, subject)
}

/** A line for each step: what it is, its outcome, where it stands, its relationship, marks and message. */
function outline(step: Explanation, depth = 0): string {
  const marks = [step.derived && 'derived', step.expired && 'expired', step.conditionFailed && 'condition']
  const line = [
    step.step,
    step.outcome,
    `${step.objectType}:${step.objectId}#${step.relation}`,
    step.relationship?.id,
    ...marks,
    step.message === '' ? '' : JSON.stringify(step.message),
  ]
  const children = step.children.map((child) => outline(child, depth + 1))
  return `${'  '.repeat(depth)}${line.filter((part) => part).join(' ')}\n${children.join('')}`
}

it.each([
  [
    'dir:/a/b#viewer@user:ann',
    `relation true dir:/a/b#viewer
  union true dir:/a/b#viewer
    from true dir:/a/b#viewer
      from true dir:/a/b#parent derived
        relation true dir:/a#viewer
          union true dir:/a#viewer
            computed true dir:/a#owner
              direct true dir:/a#owner t0000
`,
  ],
  [
    'dir:/a#reader@user:ann',
    `relation false dir:/a#reader
  exclusion false dir:/a#reader
    computed true dir:/a#viewer
      union true dir:/a#viewer
        computed true dir:/a#owner
          direct true dir:/a#owner t0000
    computed true dir:/a#banned
      direct true dir:/a#banned t0007
`,
  ],
  [
    'dir:/a#reader@user:zed',
    `relation cycle dir:/a#reader
  exclusion cycle dir:/a#reader
    computed cycle dir:/a#viewer
      union cycle dir:/a#viewer
        computed cycle dir:/a#owner
          userset cycle dir:/a#owner t0001
            relation cycle group:g#member
              userset cycle group:g#member t0003
                relation cycle group:g#member "This is being evaluated already."
        from false dir:/a#viewer
          from false dir:/a#parent derived
            relation false dir:/#viewer
              union false dir:/#viewer
                computed false dir:/#owner
                from false dir:/#viewer
`,
  ],
  [
    'dir:/a#viewer@user:cat',
    `relation cycle dir:/a#viewer
  union cycle dir:/a#viewer
    computed cycle dir:/a#owner
      direct false dir:/a#owner t0004 condition "Its condition does not hold."
      userset cycle dir:/a#owner t0001
        relation cycle group:g#member
          userset cycle group:g#member t0003
            relation cycle group:g#member "This is being evaluated already."
    from false dir:/a#viewer
      from false dir:/a#parent derived
        relation false dir:/#viewer
          union false dir:/#viewer
            computed false dir:/#owner
            from false dir:/#viewer
`,
  ],
  [
    'dir:/a#owner@user:dan',
    `relation error dir:/a#owner "The condition c needs x."
  direct error dir:/a#owner t0005 condition "The condition c needs x."
  userset cycle dir:/a#owner t0001
    relation cycle group:g#member
      userset cycle group:g#member t0003
        relation cycle group:g#member "This is being evaluated already."
`,
  ],
  [
    'dir:/a#owner@user:old',
    `relation cycle dir:/a#owner
  direct false dir:/a#owner t0006 expired "It has expired."
  userset cycle dir:/a#owner t0001
    relation cycle group:g#member
      userset cycle group:g#member t0003
        relation cycle group:g#member "This is being evaluated already."
`,
  ],
  [
    'dir:/a/b#parent@dir:/a',
    `relation true dir:/a/b#parent
  direct true dir:/a/b#parent derived
`,
  ],
  [
    'dir:/a/b#parent@dir:/',
    `relation false dir:/a/b#parent
  direct false dir:/a/b#parent derived
`,
  ],
  [
    'dir:/a#viewer@dir:/a#owner',
    `relation true dir:/a#viewer
  union true dir:/a#viewer
    computed true dir:/a#owner "A userset is a member of itself."
`,
  ],
  [
    'dir:/a#both@user:bob',
    `relation true dir:/a#both
  intersection true dir:/a#both
    computed true dir:/a#owner
      userset true dir:/a#owner t0001
        relation true group:g#member
          direct true group:g#member t0002
    computed true dir:/a#viewer
      union true dir:/a#viewer
        computed true dir:/a#owner "Shown before."
`,
  ],
  [
    'dir:/a#both@user:zed',
    `relation cycle dir:/a#both
  intersection cycle dir:/a#both
    computed cycle dir:/a#owner
      userset cycle dir:/a#owner t0001
        relation cycle group:g#member
          userset cycle group:g#member t0003
            relation cycle group:g#member "This is being evaluated already."
    computed cycle dir:/a#viewer
      union cycle dir:/a#viewer
        computed cycle dir:/a#owner "Shown before."
        from false dir:/a#viewer
          from false dir:/a#parent derived
            relation false dir:/#viewer
              union false dir:/#viewer
                computed false dir:/#owner
                from false dir:/#viewer
`,
  ],
  [
    'dir:/a#gone@user:ann',
    `relation false dir:/a#gone "The type has no such relation."
`,
  ],
  [
    'dir:/a#reader@user:dan',
    `relation error dir:/a#reader "The condition c needs x."
  exclusion error dir:/a#reader
    computed error dir:/a#viewer "The condition c needs x."
      union error dir:/a#viewer
        computed error dir:/a#owner "The condition c needs x."
          direct error dir:/a#owner t0005 condition "The condition c needs x."
          userset cycle dir:/a#owner t0001
            relation cycle group:g#member
              userset cycle group:g#member t0003
                relation cycle group:g#member "This is being evaluated already."
        from false dir:/a#viewer
          from false dir:/a#parent derived
            relation false dir:/#viewer
              union false dir:/#viewer
                computed false dir:/#owner
                from false dir:/#viewer
    computed false dir:/a#banned
`,
  ],
])('3.4 %s is explained step by step', (question, expected) => {
  expect(outline(explain(RELATIONSHIPS, question))).toBe(expected)
})

const NAMED = [
  'dir:/w#shared-viewer@user:*',
  'dir:/w#shared-viewer@other/user:ann',
  'dir:/w#shared-viewer@user:ann',
  'dir:/w#shared-viewer@dir:ann',
  'dir:/w#shared-viewer@*:*',
  'dir:/w#shared-viewer@group:x',
]

it.each([
  ['user:ann', ['true t0002']],
  ['other/user:ann', ['true t0001']],
  ['user:*', ['false t0000 "It does not fit the schema, and is ignored."']],
  [
    'user:zed',
    [
      'false t0000 "It does not fit the schema, and is ignored."',
      'false t0004 "It does not fit the schema, and is ignored."',
    ],
  ],
  ['other/user:zed', ['false t0004 "It does not fit the schema, and is ignored."']],
  ['dir:ann', ['true t0003']],
  ['group:x', ['true t0005']],
  ['group:x#member', []],
  ['group:ann', ['false t0004 "It does not fit the schema, and is ignored."']],
])('3.4, 4.5 relationships that name %s are shown, and no others', (subject, expected) => {
  const lines = outline(explain(NAMED, `dir:/w#shared-viewer@${subject}`))
    .trimEnd()
    .split('\n')
    .slice(1)
  expect(lines.map((line) => line.replace('direct ', '').replace('dir:/w#shared-viewer ', '').trim()).sort()).toEqual(
    expected,
  )
})

it('1.4, 4.5 a derived parent is no object of another tenant, and no userset', () => {
  const shown = (question: string): string => outline(explain([], question))
  expect(shown('dir:/a/b#parent@other/dir:/a')).toBe('relation false dir:/a/b#parent\n')
  expect(shown('dir:/a/b#parent@dir:/a#owner')).toBe('relation false dir:/a/b#parent\n')
  expect(shown('dir:/a/b#parent@user:/a')).toBe('relation false dir:/a/b#parent\n')
})

const OPERATORS = [
  'doc:1#kept@user:ann',
  'doc:1#taken@user:ann [c]',
  'doc:2#kept@user:ann',
  'doc:2#taken@group:g#member',
  'group:g#member@group:g#member',
  'doc:3#kept@user:ann [c]',
  'doc:3#taken@user:ann',
  'doc:4#kept@user:ann [c]',
  'doc:5#kept@user:ann',
  'doc:6#kept@group:g#member',
  'doc:6#taken@user:ann [c]',
]

it.each([
  ['1', 'error', 'true error', 'error', 'true error'],
  ['2', 'cycle', 'true cycle', 'cycle', 'true cycle'],
  ['3', 'false', 'error true', 'error', 'error true'],
  ['4', 'error', 'error false', 'false', 'error false'],
  ['5', 'true', 'true false', 'false', 'true false'],
  ['6', 'cycle', 'cycle', 'cycle', 'cycle error'],
  ['7', 'false', 'false', 'false', 'false false'],
])('2.5, 2.6, 3.4 operators over %s have the outcome that follows from those of their operands', (id, ...expected) => {
  const parts = (relation: string): string[] => {
    const [operator] = explain(OPERATORS, `doc:${id}#${relation}@user:ann`).children
    return [String(operator?.outcome), (operator?.children ?? []).map(({ outcome }) => outcome).join(' ')]
  }
  expect([...parts('spared'), ...parts('both')]).toEqual(expected)
})

it('3.4 what is followed from an object is an object of this tenant that has the relation', () => {
  const followed = [
    'doc:1#above@doc:2',
    'doc:1#above@user:ann',
    'doc:1#above@other/doc:3',
    'doc:1#above@doc:*',
    'doc:2#kept@user:bob',
  ]
  expect(outline(explain(followed, 'doc:1#passed@user:zed'))).toBe(`relation false doc:1#passed
  from false doc:1#passed
    from false doc:1#above t0000
      relation false doc:2#kept
`)
  expect(outline(explain([], 'doc:9#passed@user:zed'))).toBe('relation false doc:9#passed\n  from false doc:9#passed\n')
})

it('3.4 every step names the subject that was asked about', () => {
  const subjects = (step: Explanation): readonly unknown[] => [step.subject, ...step.children.flatMap(subjects)]
  const asked = { tenant: '', type: 'user', id: 'zed', relation: '' }
  for (const subject of subjects(explain(RELATIONSHIPS, 'dir:/a/b#reader@user:zed'))) expect(subject).toEqual(asked)
})

it('3.4 of a deep way the beginning is shown', () => {
  const chain = Array.from({ length: 100 }, (_, index) => `group:${index}#member@group:${index + 1}#member`)
  const explanation = explain([...chain, 'group:100#member@user:ann'], 'group:0#member@user:ann')
  const lines = outline(explanation).trim().split('\n')
  expect(explanation.outcome).toBe('true')
  expect(lines.at(-1)?.trim()).toBe('relation true group:30#member "Not shown further."')
  expect(lines).toHaveLength(61)
})

it('3.4 of a wide search the first thousands of steps are shown', () => {
  const wide = Array.from({ length: 6000 }, (_, index) => `group:all#member@group:${index}#member`)
  const explanation = explain(wide, 'group:all#member@user:ann')
  expect(explanation.outcome).toBe('false')
  expect(explanation.children).toHaveLength(4999)
})

it('3.4 only relationships that name the subject are looked at, however many there are beside them', () => {
  const many = Array.from({ length: 600 }, (_, index) => `dir:/a#owner@user:u${index}`)
  const read = vi.spyOn(TenantGraph.prototype, 'relationship')
  onTestFinished(() => read.mockRestore())
  expect(outline(explain([...many, 'dir:/a#owner@user:*'], 'dir:/a#owner@user:u7'))).toBe(
    'relation true dir:/a#owner\n  direct true dir:/a#owner t0007\n',
  )
  expect(explain(many, 'dir:/a#owner@user:bob').outcome).toBe('false')
  expect(read.mock.calls.length).toBeLessThan(10)
})
