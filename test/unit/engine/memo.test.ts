import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { readQuestion, readRelationship } from '../../support/naive/case-file.ts'
import { VerbComparison } from '../../support/naive/compare-verbs.ts'
import { KNOT_SCOPE } from '../../support/naive/random-scopes.ts'

// The exact evaluator is used below `and`; `all` makes it so without deciding anything.
const schema = compileSchema(
  {
    format: 'dsl',
    hierarchies: [],
    model: `model
  schema 1.1
type user
type node
  relations
    define all: [user:*]
    define none: [user]
    define r1: [user, user with c, node#r1, node#r2]
    define r2: [user, node#r2] or (r3 and none)
    define r3: [user, node#r1, node#r3]
    define q1: r1 and all
    define q3: r3 and all
condition c(x: int) {
  x < 0
}
`,
  },
  'memo',
)

/** Answers one question after another, on one evaluator. Of relationships of one object, the last are followed first. */
function answers(relationships: readonly string[], questions: readonly string[]): readonly string[] {
  const graph = new TenantGraph()
  const nodes = ['h', 'm', 't', 'x', 'y']
  graph.load([...nodes.map((node) => `node:${node}#all@user:*`), ...relationships].map(readRelationship))
  const options = { now: 0, context: {}, contextual: [], maxDepth: 0, nodeBudget: 0, deadline: Infinity }
  const evaluator = new Evaluator(schema, graph, options)
  return questions.map((text) => {
    const { subject, ...question } = readQuestion(text)
    try {
      return String(evaluator.check({ ...question, subjects: [subject] }))
    } catch (error) {
      if (error instanceof NexusError) return error.reason
      throw error
    }
  })
}

describe('what is remembered of a cycle', () => {
  // h is being evaluated when x is, which is a cycle of its own. What x only looked at for its intersection hangs on h.
  const cycle = ['node:h#r1@node:t#r1', 'node:h#r1@node:x#r2', 'node:t#r1@user:ann', 'node:x#r2@node:x#r2']

  it('does not include what hung on an ancestor that x itself did not hang on', () => {
    const relationships = [...cycle, 'node:x#r3@node:h#r1']
    expect(answers(relationships, ['node:h#q1@user:ann', 'node:x#q3@user:ann'])).toEqual(['true', 'true'])
  })

  it('nor what hung on such', () => {
    const relationships = [...cycle, 'node:x#r3@node:m#r3', 'node:x#r3@node:h#r1', 'node:m#r3@node:x#r3']
    const questions = ['node:h#q1@user:ann', 'node:m#q3@user:ann', 'node:x#q3@user:ann']
    expect(answers(relationships, questions)).toEqual(['true', 'true', 'true'])
    const reversed = [...cycle, 'node:x#r3@node:h#r1', 'node:x#r3@node:m#r3', 'node:m#r3@node:x#r3']
    expect(answers(reversed, questions)).toEqual(['true', 'true', 'true'])
  })

  it('nor what took for a cycle what became an error', () => {
    const relationships = ['node:x#r1@user:ann [c]', 'node:x#r1@node:y#r1', 'node:y#r1@node:x#r1']
    expect(answers(relationships, ['node:x#q1@user:ann', 'node:y#q1@user:ann'])).toEqual([
      'MISSING_CONTEXT',
      'MISSING_CONTEXT',
    ])
  })

  it('and is the same whatever is asked first', () => {
    const relationships = [...cycle, 'node:x#r3@node:h#r1', 'node:x#r3@node:m#r3', 'node:m#r3@node:x#r3']
    const questions = ['h#q1', 'm#q3', 'x#q3', 't#q1', 'x#q1'].map((text) => `node:${text}@user:ann`)
    const expected = new Map(questions.map((question) => [question, answers(relationships, [question])[0]]))
    for (let first = 0; first < questions.length; first++) {
      const order = [...questions.slice(first), ...questions.slice(0, first)]
      expect(answers(relationships, order)).toEqual(order.map((question) => expected.get(question)))
      expect(answers(relationships, order.toReversed())).toEqual(
        order.toReversed().map((question) => expected.get(question)),
      )
    }
  })
})

it('2.5 the base of an exclusion that is cut off at a cycle is not remembered as if it hung on nothing', () => {
  const subjects = 'user, user:*, node#r0, node#r1, node#r2, node#r3'
  const source = {
    format: 'dsl' as const,
    hierarchies: [],
    model: `model
  schema 1.1
type user
type node
  relations
    define parent: [node]
    define base: [${subjects}]
    define r0: ([${subjects}] but not base) or base
    define r1: [${subjects}] or base
    define r2: ([${subjects}] or base) but not r3 from parent
    define r3: ([${subjects}] or base) but not base
`,
  }
  const stored = [
    ['3', 'r0', 'node:1#r0'],
    ['3', 'base', 'node:1#r0'],
    ['2', 'r0', 'node:1#r2'],
    ['2', 'base', 'node:1#r2'],
    ['3', 'r0', 'node:2#r2'],
    ['3', 'base', 'node:2#r2'],
    ['1', 'r0', 'node:1#r0'],
    ['1', 'base', 'node:1#r0'],
    ['1', 'r0', 'user:ann'],
    ['1', 'base', 'user:ann'],
    ['1', 'parent', 'node:3'],
  ].map(([id, relation, subject], index) => readRelationship(`node:${id}#${relation}@${subject}`, index))
  const world = { schema: compileSchema(source, 'cut-off'), source, stored, contextual: [], context: {}, now: 0 }
  const comparison = new VerbComparison(world, KNOT_SCOPE)
  comparison.checks()
  expect(comparison.compared).toBeGreaterThan(100)
})
