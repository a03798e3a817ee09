import { expect, it } from 'vitest'
import { coversAllBelow, holdsBelow } from '../../../services/rebac/engine/covers-subtree.ts'
import { prepareGraph } from '../../../services/rebac/engine/plan-cache.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { graphOf } from './support/long-graphs.ts'

const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type dir
  relations
    define parent: [dir]
    define owner: [group]
    define seen: [user]
    define kept: [user]
    define flat: seen or kept
    define viewer: seen or viewer from parent
    define reader: viewer but not kept
    define up: parent or up from parent
    define wider: seen or broad from parent
    define broad: seen or kept or broad from parent
    define steward: seen or served from parent
    define served: seen or served from parent or member from owner
    define barred: seen or reader from parent
    define hidden: [user]
    define second: seen or second from parent or hidden from parent
    define first: seen or second from parent
    define flagged: [user]
    define open: viewer but not flagged
    define spread: kept or spread from parent or open from parent
`
const hierarchies = [{ type: 'dir', relation: 'parent', separator: '/' }]
const schema = compileSchema({ format: 'dsl', hierarchies, model: MODEL }, 'covers')

/** A relation of a dir, in plans of its own: what was found out about a plan is kept beside it. */
const prepared = (relation: string) => {
  const graph = graphOf([])
  const plans = prepareGraph(schema, graph)
  const plan = plans.reach.relation(graph.kinds.find('dir', '', false)!, graph.symbols.find(relation))!
  return { plans, plan }
}

it.each([
  ['flat', true],
  ['viewer', true],
  ['broad', true],
  ['served', true],
  ['reader', false],
  ['up', false],
  ['wider', false],
  ['steward', false],
  ['barred', false],
  // /a is hidden: /a/x/y is first by way of /a/x, which does not occur.
  ['first', false],
  ['second', false],
  // /a is seen and flagged: /a/x/y is spread by way of /a/x, which is open and does not occur.
  ['spread', false],
])('3.1 a list of objects with %s leaves nothing out that is not below one of them: %s', (relation, expected) => {
  const { plans, plan } = prepared(relation)
  expect(coversAllBelow(plans, plan)).toBe(expected)
})

it.each([
  ['flat', false],
  ['viewer', true],
  ['wider', true],
  ['steward', true],
  ['first', true],
  ['spread', true],
  ['reader', false],
  ['barred', false],
])('3.1 whoever has %s on an object has it on everything below: %s', (relation, expected) => {
  const { plans, plan } = prepared(relation)
  expect(holdsBelow(plans, plan)).toBe(expected)
  expect(holdsBelow(plans, plan)).toBe(expected)
})
