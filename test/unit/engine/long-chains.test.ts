import { describe, expect, it } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { readRelationship, readSubject } from '../../support/naive/case-file.ts'
import { CHAIN, chain, check, graphOf, options, schema } from './support/long-graphs.ts'

// A slow machine takes its time: what is tested is that no chain is too long.
describe('2.11, 6.4 long chains', { timeout: 120_000 }, () => {
  it.each([
    ['nested groups', 'member', 'member', '#member'],
    ['parents', 'viewer', 'parent', ''],
    ['parents under an exclusion', 'reader', 'parent', ''],
  ])('%s: a hundred thousand steps', (_, relation, link, suffix) => {
    const graph = graphOf([...chain(link, suffix), `node:${CHAIN}#${relation}@user:ann`])
    expect(check(graph, `node:0#${relation}@user:ann`)).toBe(true)
    expect(check(graph, `node:0#${relation}@user:bob`)).toBe(false)
    const evaluator = new Evaluator(schema, graph, options)
    const ann = readSubject('user:ann')
    const question = { objectType: 'node', relation, subjects: [ann], idPrefix: 'node-none', afterId: '', limit: 0 }
    expect(evaluator.listObjects(question)).toEqual([])
    expect(evaluator.listObjects({ ...question, idPrefix: '9999' })).toHaveLength(11)
    expect(
      evaluator.listSubjects({ objectType: 'node', objectId: '0', relation, subjectType: 'user', subjectRelation: '' }),
    ).toEqual([{ subject: ann, excluded: [] }])
    expect(evaluator.explain('node', '0', relation, ann).outcome).toBe('true')
  })

  it('a hundred thousand steps that end in a cycle', () => {
    const graph = graphOf([...chain('knot', '#knot'), `node:${CHAIN}#knot@node:0#knot`])
    expect(check(graph, 'node:5#knot@user:ann')).toBe(false)
    graph.load([readRelationship(`node:77#knot@user:ann`)])
    expect(check(graph, 'node:78#knot@user:ann')).toBe(true)
  })

  it('a path of a thousand bytes', () => {
    const graph = graphOf(['file:/#direct_viewer@user:ann'])
    expect(check(graph, `file:${'/a'.repeat(512)}#read@user:ann`, {}, defaultSchema())).toBe(true)
  })
})
