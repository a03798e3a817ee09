import { describe, expect, it } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { resolveInheritance } from '../../../services/rebac/engine/resolve-inheritance.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { readRelationship, readSubject } from '../../support/naive/case-file.ts'
import { chain, check, graphOf, options, reasonOf, schema } from './support/long-graphs.ts'

describe('2.11 bounds on work', () => {
  const deep = graphOf([
    ...Array.from({ length: 50 }, (_, i) => `node:${i}#member@node:${i + 1}#member`),
    'node:50#member@user:ann',
  ])

  it('max_depth is an error, not a no, and hides nothing that is nearer', () => {
    expect(check(deep, 'node:0#member@user:ann', { maxDepth: 50 })).toBe(true)
    expect(reasonOf(() => check(deep, 'node:0#member@user:ann', { maxDepth: 49 }))).toBe('DEPTH_EXCEEDED')
    expect(reasonOf(() => check(deep, 'node:0#linked@user:ann', { maxDepth: 10 }))).toBe('false')
    const near = graphOf([
      ...Array.from({ length: 50 }, (_, i) => `node:${i}#member@node:${i + 1}#member`),
      'node:0#member@user:ann',
    ])
    expect(check(near, 'node:0#member@user:ann', { maxDepth: 3 })).toBe(true)
  })

  it('what a bound cut short is not remembered', () => {
    const evaluator = new Evaluator(schema, deep, { ...options, maxDepth: 30 })
    const ask = (id: number): string =>
      reasonOf(() =>
        evaluator.check({
          objectType: 'node',
          objectId: String(id),
          relation: 'member',
          subjects: [readSubject('user:ann')],
        }),
      )
    expect([ask(0), ask(0), ask(40), ask(25), ask(25)]).toEqual([
      'DEPTH_EXCEEDED',
      'DEPTH_EXCEEDED',
      'true',
      'true',
      'true',
    ])
  })

  it('the node budget is an error, and each question has the whole of it', () => {
    const evaluator = new Evaluator(schema, deep, { ...options, nodeBudget: 60 })
    const ask = (id: number): string =>
      reasonOf(() =>
        evaluator.check({
          objectType: 'node',
          objectId: String(id),
          relation: 'member',
          subjects: [readSubject('user:ann')],
        }),
      )
    expect([ask(0), ask(0), ask(30), ask(40)]).toEqual(['NODE_BUDGET_EXCEEDED', 'NODE_BUDGET_EXCEEDED', 'true', 'true'])
    for (const relation of ['knot', 'linked', 'reader']) {
      const knots = graphOf([
        ...chain('knot', '#knot', 500),
        ...chain('linked', '#linked', 500),
        ...chain('parent', '', 500),
      ])
      expect(
        reasonOf(() => check(knots, `node:0#${relation}@user:ann`, { nodeBudget: 100 })),
        relation,
      ).toBe('NODE_BUDGET_EXCEEDED')
    }
  })

  it('6.5 what one question found costs the next ones nothing', () => {
    const ask = (evaluator: Evaluator, id: number): string =>
      reasonOf(() =>
        evaluator.check({
          objectType: 'node',
          objectId: String(id),
          relation: 'member',
          subjects: [readSubject('user:ann')],
        }),
      )
    // With a limit of depth nothing is answered by the quick walk, which remembers nothing.
    const limited = { ...options, maxDepth: 100, nodeBudget: 60 }
    expect(ask(new Evaluator(schema, deep, limited), 10)).toBe('NODE_BUDGET_EXCEEDED')
    const evaluator = new Evaluator(schema, deep, limited)
    expect([45, 40, 35, 30, 25, 20, 15, 10].map((id) => ask(evaluator, id))).toEqual(Array(8).fill('true'))
  })

  it('the deadline is an error', () => {
    const graph = graphOf(chain('knot', '#knot', 5000))
    expect(reasonOf(() => check(graph, 'node:0#knot@user:ann', { deadline: Date.now() - 1 }))).toBe('DEADLINE_EXCEEDED')
    expect(check(graph, 'node:0#knot@user:ann', { deadline: Date.now() + 60_000 })).toBe(false)
  })

  it('densely linked groups are not walked once for each path', () => {
    const size = 40
    const links = Array.from(
      { length: size * size },
      (_, at) => `node:${Math.floor(at / size)}#knot@node:${at % size}#knot`,
    )
    const graph = graphOf(links)
    expect(check(graph, 'node:0#knot@user:ann', { nodeBudget: 200_000 })).toBe(false)
    graph.load([readRelationship(`node:${size - 1}#knot@user:ann`)])
    expect(check(graph, 'node:0#knot@user:ann', { nodeBudget: 200_000 })).toBe(true)
  })

  it('6.1 one of very many members is looked up, not searched for', () => {
    for (const relation of ['member', 'knot']) {
      const graph = graphOf(Array.from({ length: 20_000 }, (_, i) => `node:0#${relation}@user:u${i}`))
      expect(check(graph, `node:0#${relation}@user:u9`, { nodeBudget: 10 }), relation).toBe(true)
      expect(check(graph, `node:0#${relation}@user:nobody`, { nodeBudget: 10 }), relation).toBe(false)
    }
  })

  it('a relation with very many direct members', () => {
    const graph = graphOf(Array.from({ length: 20_000 }, (_, i) => `file:/a#direct_viewer@user:u${i}`))
    const on = defaultSchema()
    expect(check(graph, 'file:/a/b#read@user:u19999', {}, on)).toBe(true)
    expect(check(graph, 'file:/a/b#read@user:nobody', {}, on)).toBe(false)
  })
})

describe('one evaluator', () => {
  it('allows if any subject is allowed, and fails only if none is', () => {
    const graph = graphOf(['node:1#member@user:ann'])
    const evaluator = new Evaluator(schema, graph, options)
    const ask = (...subjects: string[]): boolean =>
      evaluator.check({ objectType: 'node', objectId: '1', relation: 'member', subjects: subjects.map(readSubject) })
    expect([ask('user:bob', 'user:ann'), ask('user:bob', 'user:carl'), ask()]).toEqual([true, false, false])
  })

  it('6.6 answers of the new state after the graph has changed', () => {
    const graph = graphOf(['node:1#member@user:ann'])
    const evaluator = new Evaluator(schema, graph, options)
    const ask = (): boolean =>
      evaluator.check({ objectType: 'node', objectId: '1', relation: 'member', subjects: [readSubject('user:ann')] })
    expect(ask()).toBe(true)
    graph.apply(2, [{ before: readRelationship('node:1#member@user:ann'), after: null }])
    expect(ask()).toBe(false)
  })

  it('refuses contextual relationships that do not fit, or name one key twice', () => {
    const graph = new TenantGraph()
    const evaluate = (...contextual: string[]): string =>
      reasonOf(() => new Evaluator(schema, graph, { ...options, contextual: contextual.map(readRelationship) }))
    expect(evaluate('node:1#gone@user:ann')).toBe('UNKNOWN_RELATION')
    expect(evaluate('node:1#member@node:1')).toBe('RELATIONSHIP_NOT_ALLOWED')
    expect(evaluate('node:1#member@user:ann', 'node:1#member@user:ann')).toBe('DUPLICATE_KEY_IN_REQUEST')
  })

  it('lists objects by prefix, page by page', () => {
    const graph = graphOf([
      'file:/a#direct_viewer@user:ann',
      'file:/a/b#direct_viewer@user:ann',
      'file:/a/c#direct_viewer@user:bob',
      'file:/d#shared-viewer@user:ann',
    ])
    const evaluator = new Evaluator(defaultSchema(), graph, options)
    const list = (idPrefix: string, afterId = '', limit = 0): string[] =>
      evaluator
        .listObjects({
          objectType: 'file',
          relation: 'read',
          subjects: [readSubject('user:ann')],
          idPrefix,
          afterId,
          limit,
        })
        .map(({ id }) => id)
    expect(list('')).toEqual(['/a', '/a/b', '/a/c', '/d'])
    expect(list('/a/')).toEqual(['/a/b', '/a/c'])
    expect(list('', '/a', 2)).toEqual(['/a/b', '/a/c'])
    expect(list('', '/d')).toEqual([])
  })
})

describe('4.6 resolveInheritance', () => {
  it('follows unexpired links of agents, one step', () => {
    const graph = graphOf([
      'agent:a#inherits_from@user:ann',
      'agent:a#inherits_from@user:old expires 1970-01-01T00:00:00.005Z',
      'agent:b#inherits_from@agent:a',
      'user:ann#inherits_from@user:root',
      'agent:c#inherits_from@user:*',
      'agent:d#inherits_from@user:ann [nexus_abac]',
      'agent:f#inherits_from@other/user:ann',
      'agent:g#other@user:ann',
    ])
    const links = (subject: string, now: number): string[] =>
      resolveInheritance(graph, readSubject(subject), now)
        .map(({ id }) => id)
        .sort()
    expect(links('agent:a', 4)).toEqual(['ann', 'old'])
    expect(links('agent:a', 5)).toEqual(['ann'])
    expect([
      links('agent:b', 5),
      links('user:ann', 5),
      links('agent:c', 5),
      links('agent:d', 5),
      links('agent:e', 5),
      links('agent:f', 5),
      links('agent:g', 5),
    ]).toEqual([['a'], [], [], [], [], [], []])
  })

  it('an agent is of this tenant and a subject by itself, and what it inherits from is too', () => {
    const graph = graphOf(['agent:a#inherits_from@user:ann'])
    expect(resolveInheritance(graph, readSubject('agent:a'), 0)).toEqual([
      { tenant: '', type: 'user', id: 'ann', relation: '' },
    ])
    expect(resolveInheritance(graph, readSubject('other/agent:a'), 0)).toEqual([])
    expect(resolveInheritance(graph, readSubject('agent:a#inherits_from'), 0)).toEqual([])
    expect(resolveInheritance(graphOf([]), readSubject('agent:a'), 0)).toEqual([])
    expect(resolveInheritance(graphOf(['agent:a#other@user:ann']), readSubject('agent:a'), 0)).toEqual([])
    expect(resolveInheritance(graphOf(['user:a#inherits_from@user:ann']), readSubject('agent:a'), 0)).toEqual([])
  })
})
