import type { ModelDraft, RelationDraft } from './draft.ts'
import type { Rewrite } from './schema.ts'

/**
 * The relations, as `type#relation`, that some set of relationships can grant: the least fixed point of "has a direct
 * object or wildcard, or leads to a relation that has". As in OpenFGA, an exclusion needs an entry on both sides.
 */
export function relationsWithEntry(model: ModelDraft): ReadonlySet<string> {
  const relations = new Map<string, RelationDraft>()
  const all: { readonly type: string; readonly relation: RelationDraft }[] = []
  for (const type of model.types) {
    for (const relation of type.relations) {
      relations.set(`${type.name}#${relation.name}`, relation)
      all.push({ type: type.name, relation })
    }
  }
  const found = new Set<string>()

  const enters = (type: string, relation: RelationDraft, rewrite: Rewrite): boolean => {
    switch (rewrite.kind) {
      case 'direct':
        return (
          relation.directTypes === 'any' ||
          relation.directTypes.some(
            (direct) => direct.form !== 'userset' || found.has(`${direct.type}#${direct.relation}`),
          )
        )
      case 'computed':
        return found.has(`${type}#${rewrite.relation}`)
      case 'from': {
        const tupleset = relations.get(`${type}#${rewrite.tupleset}`)?.directTypes ?? []
        return tupleset === 'any' || tupleset.some((direct) => found.has(`${direct.type}#${rewrite.relation}`))
      }
      case 'union':
        return rewrite.children.some((child) => enters(type, relation, child))
      case 'intersection':
        return rewrite.children.every((child) => enters(type, relation, child))
      case 'exclusion':
        return enters(type, relation, rewrite.base) && enters(type, relation, rewrite.subtract)
    }
  }

  let before = -1
  while (found.size !== before) {
    before = found.size
    for (const { type, relation } of all) {
      if (enters(type, relation, relation.rewrite)) found.add(`${type}#${relation.name}`)
    }
  }
  return found
}
