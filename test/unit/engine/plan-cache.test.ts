import { expect, it } from 'vitest'
import { plansFor, prepareGraph } from '../../../services/rebac/engine/plan-cache.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { graphOf, schema } from './support/long-graphs.ts'

it('6 plans are made once for a schema over a graph, and for no other', () => {
  const [one, other] = [graphOf([]), graphOf([])]
  const files = defaultSchema()
  const made = [prepareGraph(schema, one), prepareGraph(files, one), prepareGraph(schema, other)]
  expect(new Set(made).size).toBe(3)
  expect([prepareGraph(schema, one), prepareGraph(files, one), prepareGraph(schema, other)]).toEqual(made)
  expect(
    [plansFor(schema, one), plansFor(files, one), plansFor(schema, other)].map((plans, at) => plans === made[at]),
  ).toEqual([true, true, true])
  expect(prepareGraph(files, one)).toBe(made[1])
  expect(made.map(({ plans }) => plans.schema)).toEqual([schema, files, schema])
  expect(made[0]?.hierarchies).toEqual([])
  expect(made[1]?.hierarchies.map(({ type }) => type)).toEqual(['file'])
  expect(made[1]?.reverse).toBe(prepareGraph(files, one).reverse)
})
