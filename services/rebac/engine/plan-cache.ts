import type { GraphReader } from '../graph/graph-reader.ts'
import type { Kinds } from '../graph/kinds.ts'
import type { Schema } from '../schema/schema.ts'
import { Plans } from './plan.ts'
import { ReachPlans } from './reach-plan.ts'

/** The plans of a schema, in both forms. */
export interface PlanCache {
  readonly plans: Plans
  readonly reach: ReachPlans
}

// Plans hold numbers of one graph and live as long as it and its schema. A layer has kinds of its own, and so a cache.
const caches = new WeakMap<Kinds, WeakMap<Schema, PlanCache>>()

/** The plans of a schema over a graph. */
export function plansFor(schema: Schema, graph: GraphReader): PlanCache {
  let ofGraph = caches.get(graph.kinds)
  if (ofGraph === undefined) caches.set(graph.kinds, (ofGraph = new WeakMap()))
  let cache = ofGraph.get(schema)
  if (cache === undefined) {
    const plans = new Plans(schema, graph.symbols, graph.kinds)
    ofGraph.set(schema, (cache = { plans, reach: new ReachPlans(plans) }))
  }
  return cache
}
