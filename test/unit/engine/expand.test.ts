import { expect, it } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { graphOf, options } from './support/long-graphs.ts'

const MODEL = `model
  schema 1.1
type user
type doc
  relations
    define owner: [user]
    define above: [doc, user]
    define passed: owner from above
    define either: owner or passed
`
const schema = compileSchema({ format: 'dsl', hierarchies: [], model: MODEL }, 'expand')

function expand(relationships: readonly string[], relation: string, on = schema, objectType = 'doc') {
  return new Evaluator(on, graphOf(relationships), options).expand(objectType, '1', relation)
}

const tree = (operation: string, relation: string, children: readonly unknown[] = [], objectType = 'doc') => ({
  operation,
  objectType,
  objectId: '1',
  relation,
  children,
  relationships: [],
  derived: false,
})

it('3.4 the tree of what is not there is an empty leaf', () => {
  expect(expand([], 'gone')).toEqual(tree('leaf', 'gone'))
  expect(expand([], 'owner')).toEqual(tree('leaf', 'owner'))
  expect(expand(['doc:2#owner@user:ann'], 'owner')).toEqual(tree('leaf', 'owner'))
  expect(expand([], 'likes', defaultSchema(), 'ghost')).toEqual(tree('leaf', 'likes', [], 'ghost'))
  expect(expand(['ghost:1#hates@user:ann'], 'likes', defaultSchema(), 'ghost')).toEqual(
    tree('leaf', 'likes', [], 'ghost'),
  )
  expect(expand([], 'either')).toEqual(tree('union', 'either', [tree('leaf', 'owner'), tree('from', 'passed')]))
})

it('3.4 what is followed is named with the relationship between, if it is an object of this tenant with the relation', () => {
  const relationships = ['doc:1#above@doc:2', 'doc:1#above@user:ann', 'doc:1#above@doc:*', 'doc:1#above@other/doc:3']
  const { children, ...root } = expand(relationships, 'passed')
  expect({ ...root, children: [] }).toEqual(tree('from', 'passed'))
  expect(children).toEqual([
    {
      operation: 'unexpanded',
      objectType: 'doc',
      objectId: '2',
      relation: 'owner',
      children: [],
      relationships: [expect.objectContaining({ subjectId: '2', relation: 'above' })],
      derived: false,
    },
  ])
})
