import { expect, it, vi } from 'vitest'
import { EdgeJudge } from '../../../services/rebac/engine/edge-judge.ts'
import { ERROR, FALSE, TRUE } from '../../../services/rebac/engine/values.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { graphOf } from './support/long-graphs.ts'

const MODEL = `model
  schema 1.1
type user
type doc
  relations
    define viewer: [user, user with known]
condition known(x: int) {
  x > 0
}
`
const schema = compileSchema({ format: 'dsl', hierarchies: [], model: MODEL }, 'judge')

function judged(text: string, context = {}) {
  const graph = graphOf([text])
  const node = graph.findNode(graph.kinds.find('doc', '', false)?.number ?? 0, '1')
  const edge = graph.firstObjectEdge(graph.findSlot(node, graph.symbols.find('viewer')))
  return { edge, judge: new EdgeJudge(graph, schema, 5, context) }
}

it('2.8 a condition is evaluated once, and its error is kept', () => {
  const evaluate = vi.spyOn(schema.conditions.get('known')!, 'evaluate')
  const { judge, edge } = judged('doc:1#viewer@user:ann [known]')
  expect(judge.error(edge).reason).toBe('INTERNAL')
  expect([judge.condition(edge), judge.condition(edge)]).toEqual([ERROR, ERROR])
  expect(judge.error(edge)).toMatchObject({ reason: 'MISSING_CONTEXT' })
  expect(evaluate).toHaveBeenCalledTimes(1)
  const other = judged('doc:1#viewer@user:ann [known]', { x: 1 })
  expect([other.judge.condition(other.edge), other.judge.condition(other.edge)]).toEqual([TRUE, TRUE])
  expect(evaluate).toHaveBeenCalledTimes(2)
  expect(other.judge.error(other.edge)).toMatchObject({
    reason: 'INTERNAL',
    message: 'A condition failed without an error.',
  })
  vi.restoreAllMocks()
})

it('2.8 a condition that the schema does not have does not hold', () => {
  const { judge, edge } = judged('doc:1#viewer@user:ann [gone]')
  expect(judge.condition(edge)).toBe(FALSE)
})

it('2.9 a relationship is there until the millisecond at which it expires', () => {
  for (const [ends, present] of [
    ['004', false],
    ['005', false],
    ['006', true],
  ] as const) {
    const { judge, edge } = judged(`doc:1#viewer@user:ann expires 1970-01-01T00:00:00.${ends}Z`)
    expect(judge.isPresent(edge)).toBe(present)
  }
})
