import { visitRewrite } from './draft.ts'
import type { RelationDefinition, Schema } from './schema.ts'

/** A relation with the type that declares it. */
export interface TypedRelation {
  readonly type: string
  readonly relation: RelationDefinition
}

/** All relations, each after those that it is made of, as far as there is no cycle: what follows from them is found in few rounds. */
export function relationsInOrder(schema: Schema): TypedRelation[] {
  const ordered: TypedRelation[] = []
  const seen = new Set<TypedRelation>()
  const all = new Map<string, TypedRelation>(
    Array.from(schema.types.values()).flatMap(({ name: type, relations }) =>
      Array.from(relations.values(), (relation) => [`${type}#${relation.name}`, { type, relation }] as const),
    ),
  )
  for (const start of all.values()) {
    const path: { readonly of: TypedRelation; readonly rest: string[] }[] = []
    const enter = (of: TypedRelation | undefined) => {
      if (of !== undefined && seen.size < seen.add(of).size) path.push({ of, rest: partsOf(schema, of) })
    }
    enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop()
      if (next !== undefined) enter(all.get(next))
      else ordered.push((path.pop() ?? top).of)
    }
  }
  return ordered
}

/** The relations, as type#relation, that a relation is made of. */
function partsOf(schema: Schema, { type, relation }: TypedRelation): string[] {
  const parts: string[] = []
  const directTypes = relation.directTypes === 'any' ? [] : relation.directTypes
  for (const direct of directTypes) if (direct.form === 'userset') parts.push(`${direct.type}#${direct.relation}`)
  visitRewrite(relation.rewrite, (node) => {
    if (node.kind === 'computed') parts.push(`${type}#${node.relation}`)
    if (node.kind !== 'from') return
    const parents = schema.types.get(type)?.relations.get(node.tupleset)?.directTypes ?? 'any'
    for (const parent of parents === 'any' ? [] : parents) parts.push(`${parent.type}#${node.relation}`)
  })
  return parts
}
