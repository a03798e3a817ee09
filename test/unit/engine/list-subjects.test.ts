import { expect, it } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { listedSubjectKey } from '../../../services/rebac/engine/list-subjects.ts'
import { readSubject, writeSubject } from '../../support/naive/case-file.ts'
import { chain, graphOf, options, reasonOf, schema } from './support/long-graphs.ts'

const graph = graphOf(['node:1#member@user:ann'])

function list(
  question: string,
  subjectType: string,
  subjectRelation = '',
  evaluator = new Evaluator(schema, graph, options),
) {
  const [, objectType = '', objectId = '', relation = ''] = /^(.*):(.*)#(.*)$/.exec(question) ?? []
  const asked = { objectType, objectId, relation, subjectType, subjectRelation }
  return evaluator
    .listSubjects(asked)
    .map(({ subject, excluded }) => [writeSubject(subject), ...excluded.map(writeSubject)])
}

it('2.3, 3.2 a userset has itself, even of what the schema does not have', () => {
  expect(list('node:1#gone', 'node', 'gone')).toEqual([['node:1#gone']])
  expect(list('ghost:1#member', 'ghost', 'member')).toEqual([['ghost:1#member']])
  expect(list('node:1#gone', 'user', 'gone')).toEqual([])
  expect(list('node:1#gone', 'node', 'member')).toEqual([])
  expect(list('node:1#gone', 'node')).toEqual([])
  expect(list('ghost:1#', 'ghost')).toEqual([])
  expect(list('node:1#member', 'node', 'gone')).toEqual([])
  expect(list('node:1#member', 'node', 'member')).toEqual([['node:1#member']])
})

it('2.11 each list of subjects has the whole budget', () => {
  const long = graphOf([...chain('member', '#member', 50), 'node:50#member@user:ann'])
  const evaluator = new Evaluator(schema, long, { ...options, nodeBudget: 1_000 })
  const ask = (one: Evaluator): string => reasonOf(() => list('node:0#member', 'user', '', one).join(' '))
  expect([ask(evaluator), ask(evaluator), ask(evaluator)]).toEqual(['user:ann', 'user:ann', 'user:ann'])
  expect(ask(new Evaluator(schema, long, { ...options, nodeBudget: 60 }))).toBe('NODE_BUDGET_EXCEEDED')
})

it('3.2 the place in a list is after all wildcards, and then by the text of the subject', () => {
  const texts = ['*:*', 'user:*', 'group:g#member', 'other/user:ann', 'user:ann', 'user:bob']
  const keys = texts.map((text) => listedSubjectKey({ subject: readSubject(text), excluded: [] }))
  expect(keys.map((key) => key[0])).toEqual(['0', '1', '2', '2', '2', '2'])
  expect(new Set(keys).size).toBe(texts.length)
})
