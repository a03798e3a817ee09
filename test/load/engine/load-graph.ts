import { prepareGraph } from '../../../services/rebac/engine/plan-cache.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import type { Relationship } from '../../../services/rebac/model/relationship.ts'
import type { Schema } from '../../../services/rebac/schema/schema.ts'

/** A graph that is ready for questions. */
export function loadGraph(schema: Schema, batches: Iterable<readonly Relationship[]>): TenantGraph {
  const graph = new TenantGraph()
  for (const batch of batches) graph.load(batch)
  prepareGraph(schema, graph)
  return graph
}
