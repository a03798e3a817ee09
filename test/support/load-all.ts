import type { Relationship } from '../../services/rebac/model/relationship.ts'
import type { LoadedTenant, RelationshipStore } from '../../services/rebac/store/contract.ts'

/** What loadTenant reads, with all relationships at once. */
export async function loadAll(
  store: RelationshipStore,
  tenant: string,
  now?: number,
): Promise<LoadedTenant & { readonly relationships: readonly Relationship[] }> {
  let relationships: Relationship[] = []
  const loaded = await store.loadTenant(
    tenant,
    () => {
      relationships = []
      return (page) => void relationships.push(...page)
    },
    now,
  )
  return { ...loaded, relationships }
}
