import { describe, expect, it } from 'vitest'
import { type EvaluationOptions, Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { readQuestion } from '../../support/naive/case-file.ts'
import { chain, graphOf, options, reasonOf, schema } from './support/long-graphs.ts'

// `knot` is an exclusion, which only the exact evaluator answers.
function asker(relationships: readonly string[], changed: Partial<EvaluationOptions>): (id: number) => string {
  const evaluator = new Evaluator(schema, graphOf(relationships), { ...options, ...changed })
  return (id) => {
    const { subject, ...question } = readQuestion(`node:${id}#knot@user:ann`)
    return reasonOf(() => evaluator.check({ ...question, subjects: [subject] }))
  }
}

const ring = (size: number): string[] =>
  Array.from({ length: size }, (_, index) => `node:${index}#knot@node:${(index + 1) % size}#knot`)

describe('2.11 the exact evaluator', () => {
  it('does not go deeper than the request allows, and remembers nothing of what that cut short', () => {
    const ask = asker([...chain('knot', '#knot', 50), 'node:50#knot@user:ann'], { maxDepth: 30 })
    expect([0, 0, 40, 25, 0, 20, 15].map(ask)).toEqual([
      'DEPTH_EXCEEDED',
      'DEPTH_EXCEEDED',
      'true',
      'true',
      'true',
      'true',
      'true',
    ])
    expect(asker(chain('knot', '#knot', 50), { maxDepth: 30 })(0)).toBe('DEPTH_EXCEEDED')
    expect(asker(chain('knot', '#knot', 20), { maxDepth: 30 })(0)).toBe('false')
  })

  it('takes no breadth for depth', () => {
    const wide = Array.from({ length: 40 }, (_, index) => `node:0#knot@node:${index + 1}#knot`)
    expect(asker(wide, { maxDepth: 5 })(0)).toBe('false')
    expect(asker([...wide, 'node:20#knot@user:ann'], { maxDepth: 5 })(0)).toBe('true')
  })

  it('begins anew after a question that ran out of its budget', () => {
    const ask = asker([...ring(40), 'node:10#knot@user:ann'], { nodeBudget: 90 })
    expect([11, 30, 11, 12, 35].map(ask)).toEqual(['NODE_BUDGET_EXCEEDED', 'true', 'true', 'true', 'true'])
    const longer = asker([...ring(80), 'node:10#knot@user:ann'], { nodeBudget: 90 })
    expect([11, 60, 5, 11, 79].map(longer)).toEqual([
      'NODE_BUDGET_EXCEEDED',
      'NODE_BUDGET_EXCEEDED',
      'true',
      'NODE_BUDGET_EXCEEDED',
      'true',
    ])
  })
})
