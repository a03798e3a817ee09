import { TenantGraph } from '../graph/tenant-graph.ts'
import type { LoadedTenant, RelationshipStore } from '../store/contract.ts'

/** A tenant of the store with its relationships in a new graph, which has no revision yet. */
export async function loadGraph(
  store: RelationshipStore,
  tenant: string,
): Promise<LoadedTenant & { readonly graph: TenantGraph }> {
  let graph = new TenantGraph()
  const loaded = await store.loadTenant(tenant, () => {
    graph = new TenantGraph()
    return (page) => graph.load(page)
  })
  return { ...loaded, graph }
}
