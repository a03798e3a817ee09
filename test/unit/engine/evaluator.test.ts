import { afterEach, describe, expect, it, vi } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { WorkLimit } from '../../../services/rebac/engine/work-limit.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { readQuestion, readRelationship, readSubject } from '../../support/naive/case-file.ts'
import { graphOf, options, reasonOf, schema } from './support/long-graphs.ts'

afterEach(() => vi.restoreAllMocks())

function ask(evaluator: Evaluator, text: string): string {
  const { subject, ...question } = readQuestion(text)
  return reasonOf(() => evaluator.check({ ...question, subjects: [subject] }))
}

describe('6.6 after the graph has changed, an evaluator gives', () => {
  const before = ['node:1#member@user:ann', 'node:1#banned@user:zed', 'node:1#reader@user:ann']

  it('lists and permissions of the new state', () => {
    const graph = graphOf(before)
    const evaluator = new Evaluator(schema, graph, options)
    const all = () => [
      evaluator
        .listObjects({
          objectType: 'node',
          relation: 'member',
          subjects: [readSubject('user:bob')],
          idPrefix: '',
          afterId: '',
          limit: 0,
        })
        .map(({ id }) => id),
      evaluator
        .listSubjects({
          objectType: 'node',
          objectId: '1',
          relation: 'member',
          subjectType: 'user',
          subjectRelation: '',
        })
        .map(({ subject }) => subject.id),
      evaluator.listPermissions('node', '1', [readSubject('user:ann')]),
    ]
    expect(all()).toEqual([[], ['ann'], ['member', 'reader']])
    graph.apply(2, [
      { before: null, after: readRelationship('node:1#member@user:bob') },
      { before: readRelationship('node:1#reader@user:ann'), after: null },
    ])
    expect(all()).toEqual([['1'], ['ann', 'bob'], ['member']])
  })

  it('answers of the new state where the complete evaluation is needed', () => {
    const graph = graphOf(before)
    const evaluator = new Evaluator(schema, graph, options)
    expect(ask(evaluator, 'node:1#reader@user:ann')).toBe('true')
    graph.apply(2, [{ before: null, after: readRelationship('node:1#banned@user:ann') }])
    expect(ask(evaluator, 'node:1#reader@user:ann')).toBe('false')
  })
})

it('2.11 each tree and each explanation has the whole budget', () => {
  const graph = graphOf(Array.from({ length: 20 }, (_, index) => `node:1#member@user:u${index}`))
  const evaluator = new Evaluator(schema, graph, { ...options, nodeBudget: 21 })
  for (let asked = 0; asked < 20; asked++) {
    expect(evaluator.expand('node', '1', 'member').relationships).toHaveLength(20)
    expect(evaluator.expand('node', '1', 'member').relationships).toHaveLength(20)
    expect(evaluator.explain('node', '1', 'member', readSubject('user:u1')).outcome).toBe('true')
  }
  const poor = new Evaluator(schema, graph, { ...options, nodeBudget: 19 })
  expect(reasonOf(() => poor.expand('node', '1', 'member'))).toBe('NODE_BUDGET_EXCEEDED')
})

describe('2.11 the deadline', () => {
  it('ends even the quickest question, at once', () => {
    const graph = graphOf(['node:1#member@user:ann'])
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_000)
    const until = (deadline: number): string =>
      ask(new Evaluator(schema, graph, { ...options, deadline }), 'node:1#member@user:ann')
    expect([until(999), until(1_000), until(1_001)]).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'true'])
    clock.mockClear()
    expect(until(Infinity)).toBe('true')
    expect(clock).not.toHaveBeenCalled()
  })

  it('is looked for again after 64 quick questions', () => {
    const evaluator = new Evaluator(schema, graphOf(['node:1#member@user:ann']), { ...options, deadline: 2_000 })
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_000)
    const next = (): string => ask(evaluator, 'node:1#member@user:ann')
    expect(next()).toBe('true')
    clock.mockReturnValue(2_000)
    for (let asked = 1; asked < 64; asked++) expect(next()).toBe('true')
    expect(next()).toBe('DEADLINE_EXCEEDED')
    expect(clock.mock.calls.length).toBeLessThan(5)
  })
})

describe('1.4 subjects of hierarchical types', () => {
  const graph = graphOf(['file:/s#shared-viewer@file:/a', 'file:/t#shared-viewer@other/file:/a/'])
  const evaluator = new Evaluator(defaultSchema(), graph, options)

  it('are asked about in the one form of their ids', () => {
    expect(ask(evaluator, 'file:/s#shared-viewer@file:/a/')).toBe('true')
    expect(ask(evaluator, 'file:/s/#shared-viewer@file:/a//')).toBe('true')
    expect(evaluator.listPermissions('file', '/s/', [readSubject('file:/a/')])).toContain('shared-viewer')
  })

  it('but not those of other tenants, whose ids mean what they mean there', () => {
    expect(ask(evaluator, 'file:/t#shared-viewer@other/file:/a/')).toBe('true')
    expect(ask(evaluator, 'file:/t#shared-viewer@other/file:/a')).toBe('false')
  })
})

it('6.1 what is answered quickly needs no complete evaluation', () => {
  const spend = vi.spyOn(WorkLimit.prototype, 'spend')
  const graph = graphOf(['node:1#member@node:2#member', 'node:2#member@user:ann'])
  for (const changed of [{}, { nodeBudget: 10 }, { nodeBudget: 1_000_000 }, { deadline: Date.now() + 600_000 }]) {
    const evaluator = new Evaluator(schema, graph, { ...options, ...changed })
    expect(ask(evaluator, 'node:1#member@user:ann')).toBe('true')
    expect(ask(evaluator, 'node:1#member@user:bob')).toBe('false')
  }
  expect(spend).not.toHaveBeenCalled()
  expect(ask(new Evaluator(schema, graph, { ...options, nodeBudget: 1 }), 'node:1#member@user:bob')).toBe(
    'NODE_BUDGET_EXCEEDED',
  )
})
