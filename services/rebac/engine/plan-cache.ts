import type { BaseGraph, GraphReader } from '../graph/graph-reader.ts'
import type { Kinds } from '../graph/kinds.ts'
import type { Hierarchy, Schema } from '../schema/schema.ts'
import { Plans } from './plan.ts'
import { QuickCheck } from './quick-check.ts'
import { ReachPlans } from './reach-plan.ts'
import { ReverseIndex } from './reverse-index.ts'

/** The plans of a schema, in both forms. */
export interface PlanCache {
  readonly plans: Plans
  readonly reach: ReachPlans
  readonly quick: QuickCheck
  readonly hierarchies: readonly Hierarchy[]
  /** For lists; made when it is first needed. */
  readonly reverse: ReverseIndex
}

class LazyPlans implements PlanCache {
  readonly plans: Plans
  readonly reach: ReachPlans
  readonly quick: QuickCheck
  readonly hierarchies: readonly Hierarchy[]
  #reverse: ReverseIndex | null = null

  constructor(plans: Plans) {
    this.plans = plans
    this.reach = new ReachPlans(plans)
    this.quick = new QuickCheck(this.reach)
    this.hierarchies = [...plans.schema.types.values()].flatMap(({ hierarchy }) =>
      hierarchy === null ? [] : [hierarchy],
    )
  }

  get reverse(): ReverseIndex {
    return (this.#reverse ??= new ReverseIndex(this.plans))
  }
}

// Plans hold numbers of one graph and live as long as it and its schema. A layer has kinds of its own, and so a cache.
const caches = new WeakMap<Kinds, WeakMap<Schema, PlanCache>>()

/** The plans of a schema over a graph. */
export function plansFor(schema: Schema, graph: GraphReader): PlanCache {
  let ofGraph = caches.get(graph.kinds)
  if (ofGraph === undefined) caches.set(graph.kinds, (ofGraph = new WeakMap()))
  let cache = ofGraph.get(schema)
  if (cache === undefined) {
    cache = new LazyPlans(new Plans(schema, graph.symbols, graph.kinds))
    ofGraph.set(schema, cache)
  }
  return cache
}

/**
 * What was prepared last. Questions come in rows for one tenant, and two look-ups in weak maps cost a tenth of a direct
 * check. It holds on to names and plans of one tenant that may have left, but not to its graph.
 */
let latest: { readonly graph: object; readonly cache: PlanCache } | null = null

/**
 * Makes a graph ready for questions under a schema. The first question does it, too; but on a large graph of a
 * hierarchical type it takes a second, which whoever loads a graph can spend before it is in use.
 */
export function prepareGraph(schema: Schema, graph: BaseGraph): PlanCache {
  if (latest !== null && latest.graph === graph.token && latest.cache.plans.schema === schema) return latest.cache
  const cache = plansFor(schema, graph)
  for (const hierarchy of cache.hierarchies) graph.ensureTree(hierarchy)
  latest = { graph: graph.token, cache }
  return cache
}
