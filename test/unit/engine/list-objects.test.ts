import { expect, it } from 'vitest'
import type { EvaluationOptions } from '../../../services/rebac/engine/evaluator.ts'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { readSubject } from '../../support/naive/case-file.ts'
import { chain, graphOf, options, reasonOf, schema } from './support/long-graphs.ts'

const deep = graphOf([...chain('member', '#member', 50), 'node:50#member@user:ann'])

function list(evaluator: Evaluator, subject = 'user:ann', relation = 'member', objectType = 'node'): string {
  const subjects = [readSubject(subject)]
  const question = { objectType, relation, subjects, idPrefix: '', afterId: '', limit: 0 }
  return reasonOf(() => evaluator.listObjects(question).length)
}

const limited = (changed: Partial<EvaluationOptions>): Evaluator =>
  new Evaluator(schema, deep, { ...options, ...changed })

it('3.1 there are no objects of a type or relation that is not there', () => {
  expect(list(limited({}), 'user:ann', 'gone')).toBe('0')
  expect(list(limited({}), 'user:ann', 'member', 'ghost')).toBe('0')
  expect(list(limited({}), 'user:ann', 'member', 'user')).toBe('0')
})

it('2.11, 3.1 a list is complete or an error, if chains are longer than the request allows', () => {
  expect(list(limited({}))).toBe('51')
  expect(list(limited({ maxDepth: 50 }))).toBe('51')
  expect(list(limited({ maxDepth: 49 }))).toBe('DEPTH_EXCEEDED')
})

it('2.11 each list has the whole budget', () => {
  const evaluator = limited({ nodeBudget: 150 })
  expect([list(evaluator), list(evaluator), list(evaluator)]).toEqual(['51', '51', '51'])
  expect(list(limited({ nodeBudget: 50 }))).toBe('NODE_BUDGET_EXCEEDED')
})
