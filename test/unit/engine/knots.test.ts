import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { Evaluation } from '../../../services/rebac/engine/evaluation.ts'
import { TRUE } from '../../../services/rebac/engine/values.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import type { Subject } from '../../../services/rebac/model/relationship.ts'
import { NaiveEvaluator, TooMuchWork } from '../../support/naive/naive-evaluator.ts'
import { KNOT_OBJECTS, KNOT_RELATIONS, knots } from '../../support/naive/random-knots.ts'

const numRuns = 2 * Number(process.env['NEXUS_PROPERTY_RUNS'] ?? 100)
const OPTIONS = { now: 0, context: {}, contextual: [], maxDepth: 0, nodeBudget: 0, deadline: Infinity }
const SUBJECTS: readonly Subject[] = [
  { tenant: '', type: 'user', id: 'ann', relation: '' },
  { tenant: '', type: 'user', id: 'bob', relation: '' },
  { tenant: '', type: 'node', id: '1', relation: 'r0' },
]

/** Every question of a knot in the order that the seed gives, so that memos are filled in many ways. */
function questions(seed: number): { id: string; relation: string; subject: Subject }[] {
  const all = KNOT_OBJECTS.flatMap(({ id }) =>
    KNOT_RELATIONS.flatMap((relation) => SUBJECTS.map((subject) => ({ id, relation, subject }))),
  )
  return all.sort((a, b) => rank(seed, a.id + a.relation) - rank(seed, b.id + b.relation))
}

function rank(seed: number, text: string): number {
  let hash = seed
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return hash
}

describe('cycles through intersections and exclusions', () => {
  it('are decided as the naive evaluator decides them, whatever is known already', () => {
    let compared = 0
    fc.assert(
      fc.property(knots, fc.integer(), ({ schema, stored }, seed) => {
        const graph = new TenantGraph()
        graph.load(stored)
        const naive = new NaiveEvaluator(schema, stored, { ...OPTIONS, conditionsLast: false })
        const shared = new Evaluator(schema, graph, OPTIONS)
        // The exact evaluator alone, too: the fast one answers most of these questions without it.
        const evaluation = new Evaluation(schema, graph, OPTIONS)
        const machines = new Map(SUBJECTS.map((subject) => [subject, evaluation.checkMachine(evaluation.ask(subject))]))
        for (const { id, relation, subject } of questions(seed)) {
          let expected: boolean
          try {
            expected = naive.check('node', id, relation, subject) === 'T'
          } catch (error) {
            if (error instanceof TooMuchWork) continue
            throw error
          }
          compared++
          const where = `node:${id}#${relation}@${subject.type}:${subject.id}#${subject.relation}`
          expect(shared.check({ objectType: 'node', objectId: id, relation, subjects: [subject] }), where).toBe(
            expected,
          )
          const kind = evaluation.graph.kinds.intern('node', '', false)
          const unit = evaluation.plans.plans.relation(kind, evaluation.graph.symbols.intern(relation))
          const value = unit === null ? null : machines.get(subject)?.evaluate(evaluation.nodes.resolve(kind, id), unit)
          expect(value === TRUE, `exactly: ${where}`).toBe(expected)
        }
      }),
      { numRuns },
    )
    expect(compared).toBeGreaterThan(numRuns * 10)
  })
})
