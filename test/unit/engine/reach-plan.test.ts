import { expect, it } from 'vitest'
import { Plans } from '../../../services/rebac/engine/plan.ts'
import { type ReachPlan, ReachPlans } from '../../../services/rebac/engine/reach-plan.ts'
import { Kinds, Symbols } from '../../../services/rebac/graph/kinds.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'

const RELATIONS = Array.from({ length: 30 }, (_, index) => `    define r${index}: [user]\n`).join('')
const MODEL = `model
  schema 1.1
type user
type folder
  relations
${RELATIONS}    define parent: [folder]
    define plain: r0 or r1
    define above: r0 from parent or r1 from parent
    define reversed: r1 from parent or r0 from parent
    define kept: r0 but not r1
type dir
  relations
    define up: [dir]
    define owner: [user] or owner from up
    define top: [dir]
`
const hierarchies = [{ type: 'dir', relation: 'up', separator: '/' }]
const schema = compileSchema({ format: 'dsl', hierarchies, model: MODEL }, 'reach')
const symbols = new Symbols()
const kinds = new Kinds()
const reach = new ReachPlans(new Plans(schema, symbols, kinds))
const folder = kinds.intern('folder', '', false)
const dir = kinds.intern('dir', '', false)
const user = kinds.intern('user', '', false)

function planOf(name: string, kind = folder): ReachPlan {
  const plan = reach.relation(kind, symbols.find(name))
  if (plan === null) throw new Error(`no relation ${name}`)
  return plan
}

function after(name: string, kind = folder): ReachPlan | null {
  const from = planOf(name).from[symbols.find('parent')]
  return from === undefined ? null : reach.next(from, kind)
}

it('6.2 plans are told apart by every relation that they are for', () => {
  // Written one after another, the numbers of some are those of another.
  const numbers =
    schema.types
      .get('folder')
      ?.relations.keys()
      .map((name) => symbols.find(name))
      .toArray() ?? []
  const tupleset = planOf('above').from[symbols.find('parent')]!.tupleset
  const asked = numbers.flatMap((one) => numbers.filter((other) => other > one).map((other) => [one, other]))
  for (const targets of [...asked, ...numbers.map((number) => [number])]) {
    expect(reach.next({ tupleset, targets, next: new Map() }, folder)?.asked).toEqual(targets)
  }
})

it('6.2 plans of the same relations are one, in whatever order these were written', () => {
  expect(planOf('plain')).toBe(planOf('plain'))
  expect(after('above')).toBe(after('reversed'))
  const names = ['plain', 'above', 'reversed', 'kept', 'r0', 'r1']
  const made = [...names.map((name) => planOf(name)), planOf('owner', dir), after('above')]
  expect(new Set(made.map((plan) => plan?.number)).size).toBe(made.length)
  expect(made.every((plan) => (plan?.number ?? -1) >= 0)).toBe(true)
})

it('6.2 a type that has none of the relations has no plan', () => {
  expect(after('above', user)).toBeNull()
  expect(reach.relation(user, symbols.find('r0'))).toBeNull()
})

it('6.2 only derived parents, intersections and exclusions can grant without a relationship', () => {
  const grants = (name: string, kind = folder): boolean => planOf(name, kind).grantsWithoutRelationships
  expect(['plain', 'above', 'r0', 'kept'].map((name) => grants(name))).toEqual([false, false, false, true])
  expect(['up', 'owner', 'top'].map((name) => grants(name, dir))).toEqual([true, true, false])
})
