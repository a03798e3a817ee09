import { expect, it } from 'vitest'
import { coversAllBelow } from '../../../services/rebac/engine/covers-subtree.ts'
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
`
const hierarchies = [{ type: 'dir', relation: 'parent', separator: '/' }]
const graph = graphOf([])
const plans = prepareGraph(compileSchema({ format: 'dsl', hierarchies, model: MODEL }, 'covers'), graph)
const dir = graph.kinds.find('dir', '', false)!

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
])('3.1 a list of objects with %s leaves nothing out that is not below one of them: %s', (relation, expected) => {
  const plan = plans.reach.relation(dir, graph.symbols.find(relation))!
  expect(coversAllBelow(plans, plan)).toBe(expected)
})
