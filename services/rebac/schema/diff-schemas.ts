import type { Hierarchy, RelationDefinition, Rewrite, Schema, TypeDefinition } from './schema.ts'

/** One difference between two schemas. */
export interface SchemaDifference {
  readonly kind: 'added' | 'removed' | 'changed'
  /** Empty for a condition. */
  readonly type: string
  /** Empty if the whole type was added or removed. */
  readonly relation: string
  /** Empty unless it is a condition that differs. */
  readonly condition: string
}

/**
 * What differs from one schema to another, ordered by name. Definitions are compared by what they say: the order of
 * direct types, and of the branches of a union or an intersection, does not matter.
 */
export function diffSchemas(from: Schema, to: Schema): SchemaDifference[] {
  const types = compare(from.types, to.types, typeText).flatMap(({ kind, name }) => {
    if (kind !== 'changed') return [{ kind, type: name, relation: '', condition: '' }]
    return diffRelations(name, from.types.get(name), to.types.get(name))
  })
  const conditions = compare(from.conditions, to.conditions, ({ definition }) => definition).map(({ kind, name }) => {
    return { kind, type: '', relation: '', condition: name }
  })
  return [...types, ...conditions]
}

function diffRelations(
  type: string,
  from: TypeDefinition | undefined,
  to: TypeDefinition | undefined,
): SchemaDifference[] {
  const [before, after] = [relationTexts(from), relationTexts(to)]
  return compare(before, after, (text) => text).map(({ kind, name }) => ({ kind, type, relation: name, condition: '' }))
}

function compare<T>(
  from: ReadonlyMap<string, T>,
  to: ReadonlyMap<string, T>,
  textOf: (definition: T) => string,
): { readonly kind: SchemaDifference['kind']; readonly name: string }[] {
  const differs = (name: string): SchemaDifference['kind'] | null => {
    const [before, after] = [from.get(name), to.get(name)]
    if (before === undefined) return 'added'
    if (after === undefined) return 'removed'
    return textOf(before) === textOf(after) ? null : 'changed'
  }
  const names = new Set([...from.keys(), ...to.keys()])
  return [...names].toSorted().flatMap((name) => {
    const kind = differs(name)
    return kind === null ? [] : [{ kind, name }]
  })
}

function typeText(type: TypeDefinition): string {
  return JSON.stringify(Array.from(relationTexts(type), ([name, text]) => `${name} ${text}`).toSorted())
}

/** What each relation of a type says; a derived relation also says how it is derived. */
function relationTexts(type: TypeDefinition | undefined): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [name, relation] of type?.relations ?? []) texts.set(name, relationText(relation))
  const hierarchy = type?.hierarchy ?? null
  if (hierarchy !== null)
    texts.set(hierarchy.relation, `${texts.get(hierarchy.relation) ?? ''} ${hierarchyText(hierarchy)}`)
  return texts
}

function hierarchyText({ separator }: Hierarchy): string {
  return `derived by ${separator}`
}

function relationText({ rewrite, directTypes }: RelationDefinition): string {
  const direct = directTypes === 'any' ? 'any' : directTypes.map((one) => JSON.stringify(one)).toSorted()
  return JSON.stringify([rewriteText(rewrite), direct])
}

function rewriteText(rewrite: Rewrite): string {
  switch (rewrite.kind) {
    case 'union':
    case 'intersection':
      return `${rewrite.kind}(${rewrite.children.map(rewriteText).toSorted().join(', ')})`
    case 'exclusion':
      return `exclusion(${rewriteText(rewrite.base)}, ${rewriteText(rewrite.subtract)})`
    default:
      return JSON.stringify(rewrite)
  }
}
