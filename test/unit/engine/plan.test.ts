import { expect, it } from 'vitest'
import { type IslandPlan, type Plan, Plans } from '../../../services/rebac/engine/plan.ts'
import { Kinds, Symbols } from '../../../services/rebac/graph/kinds.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'

const MODEL = `model
  schema 1.1
type user
type doc
  relations
    define parent: [doc]
    define a: [user]
    define b: [user]
    define c: [user]
    define either: a or b or a
    define renamed: either
    define above: a from parent
    define both: a and b
    define three: a and (b or c)
    define nested: (a but not b) and c
    define own: ([user] or a) and c
    define two: ((a and b) or (b and c)) and a
    define mixed: ((a and b) or c) and a
    define named: ([user] or (a and b)) and c
    define followed: (a from parent or (a and b)) and c
    define taken: either but not (a and b)
`
const symbols = new Symbols()
const kinds = new Kinds()
const schema = compileSchema({ format: 'dsl', hierarchies: [], model: MODEL }, 'plans')
const plans = new Plans(schema, symbols, kinds)
const doc = kinds.intern('doc', '', false)

/** A plan as text; `x*` is what stands in relationships, `->x` another relation that is looked up by itself. */
function write(plan: Plan): string {
  if (plan.kind === 'reference') return `->${symbols.name(plan.relation)}`
  if (plan.kind === 'intersection') return `and(${plan.children.map(write).join(', ')})`
  if (plan.kind === 'exclusion') return `not(${write(plan.base)}, ${write(plan.subtract)})`
  const parts = [
    ...plan.names.map((name) => symbols.name(name)),
    ...plan.direct.map(({ relation }) => `${symbols.name(relation)}*`),
    ...plan.from.map(({ tupleset, target }) => `${symbols.name(target)} from ${symbols.name(tupleset.relation)}`),
    ...plan.islands.map((island: IslandPlan) => write(island)),
  ]
  return `or(${parts.join(', ')})`
}

it.each([
  ['a', 'or(a, a*)'],
  ['either', 'or(either, a, b, a*, b*)'],
  ['renamed', 'or(renamed, either, a, b, a*, b*)'],
  ['above', 'or(above, a from parent)'],
  ['both', 'or(both, and(->a, ->b))'],
  ['three', 'or(three, and(->a, or(b, c, b*, c*)))'],
  ['nested', 'or(nested, and(not(->a, ->b), ->c))'],
  ['own', 'or(own, and(or(a, own*, a*), ->c))'],
  ['two', 'or(two, and(or(and(->a, ->b), and(->b, ->c)), ->a))'],
  ['mixed', 'or(mixed, and(or(c, c*, and(->a, ->b)), ->a))'],
  ['named', 'or(named, and(or(named*, and(->a, ->b)), ->c))'],
  ['followed', 'or(followed, and(or(a from parent, and(->a, ->b)), ->c))'],
  ['taken', 'or(taken, not(->either, and(->a, ->b)))'],
])('6 the plan of %s is flat, but for operands', (relation, expected) => {
  const unit = plans.relation(doc, symbols.find(relation))
  expect(unit && write(unit.plan)).toBe(expected)
})

it('6.1 plans have numbers of their own, and are made once', () => {
  const names = [...(schema.types.get('doc')?.relations.keys() ?? [])]
  const units = names.map((name) => plans.relation(doc, symbols.find(name)))
  expect(new Set(units.map((unit) => unit?.number)).size).toBe(names.length)
  expect(names.map((name) => plans.relation(doc, symbols.find(name)))).toEqual(units)
  expect(units.map((unit) => symbols.name(unit?.relation ?? 0))).toEqual(names)
})

it('4.5 only objects of this tenant have relations, and only those of their type', () => {
  const a = symbols.find('a')
  expect(plans.relation(kinds.intern('doc', 'other', false), a)).toBeNull()
  expect(plans.relation(kinds.find('doc', '', true)!, a)).toBeNull()
  expect(plans.relation(kinds.intern('user', '', false), a)).toBeNull()
  expect(plans.relation(doc, symbols.intern('gone'))).toBeNull()
  expect(plans.relation(doc, 0)).toBeNull()
  expect(plans.relation(doc, a)).not.toBeNull()
})

it('1.2 in an open schema even undeclared relations have plans, but the nameless one has none', () => {
  const open = new Plans(defaultSchema(), symbols, kinds)
  const thing = kinds.intern('thing', '', false)
  expect(open.relation(thing, symbols.intern('likes'))?.plan.direct).toHaveLength(1)
  expect(open.relation(thing, 0)).toBeNull()
  expect(open.relation(kinds.intern('thing', 'other', false), symbols.find('likes'))).toBeNull()
  expect(open.relation(kinds.intern('thing', '', true), symbols.find('likes'))).toBeNull()
})
