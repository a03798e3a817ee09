import { expect, it } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { readSubject } from '../../support/naive/case-file.ts'
import { chain, graphOf, options, reasonOf, schema } from './support/long-graphs.ts'

it('3.3 permissions are those of any of the subjects, in whatever order, and none without subjects', () => {
  const graph = graphOf(['node:1#member@user:ann', 'node:1#viewer@user:bob'])
  const list = (...subjects: string[]): readonly string[] =>
    new Evaluator(schema, graph, options).listPermissions('node', '1', subjects.map(readSubject))
  expect(list('user:ann', 'user:bob')).toEqual(['member', 'viewer'])
  expect(list('user:bob', 'user:ann')).toEqual(['member', 'viewer'])
  expect(list('user:ann')).toEqual(['member'])
  expect(list()).toEqual([])
})

it('2.3, 3.3 permissions of an object on itself are those of its usersets, which an open schema need not declare', () => {
  const list = (text: string, on = defaultSchema()): readonly string[] =>
    new Evaluator(on, graphOf([]), options).listPermissions('node', '1', [readSubject(text)])
  expect(list('node:1#friend')).toEqual(['friend'])
  expect(list('node:2#friend')).toEqual([])
  expect(list('node:1')).toEqual([])
  expect(list('node:1#friend', schema)).toEqual([])
  expect(list('node:1#member', schema)).toEqual(['member'])
})

it('2.11 each list of permissions has the whole budget', () => {
  const graph = graphOf(chain('member', '#member', 90))
  const evaluator = new Evaluator(schema, graph, { ...options, nodeBudget: 400 })
  const list = (id: number): string =>
    reasonOf(() => evaluator.listPermissions('node', String(id), [readSubject('user:ann')]))
  expect([80, 60, 40, 20, 0].map(list)).toEqual(['', '', '', '', ''])
  expect(
    reasonOf(() =>
      new Evaluator(schema, graph, { ...options, nodeBudget: 40 }).listPermissions('node', '0', [
        readSubject('user:ann'),
      ]),
    ),
  ).toBe('NODE_BUDGET_EXCEEDED')
})
