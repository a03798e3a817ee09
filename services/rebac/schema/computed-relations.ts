import { computedRelations, type ModelDraft, type TypeDraft } from './draft.ts'
import type { Problems } from './problems.ts'

/** Longest chain of relations of one object that are computed from one another. */
const MAX_CHAIN = 200

/**
 * A relation that is computed from itself on the same object can never be decided, with or without relationships; and a
 * very long chain would be evaluated at every object. Both are found by the depth of each relation over those that it is
 * computed from.
 */
export function checkComputedRelations(model: ModelDraft, problems: Problems): void {
  for (const type of model.types) {
    const onCycle = relationsOnCycles(type)
    const tooDeep = chainsBeyond(type, onCycle)
    for (const { name, position } of type.relations) {
      if (onCycle.has(name)) problems.add(`${type.name}#${name}: is computed from itself in a cycle`, position)
      if (name === tooDeep) {
        problems.add(`${type.name}#${name}: is computed through more than ${MAX_CHAIN} relations`, position)
      }
    }
  }
}

/** The members of the cycles, by Tarjan's algorithm. A relation that names itself is another rule's. */
function relationsOnCycles(type: TypeDraft): ReadonlySet<string> {
  const edges = edgesOf(type)
  const found = new Set<string>()
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  for (const start of edges.keys()) {
    if (order.has(start)) continue
    const path: { readonly name: string; at: number }[] = [{ name: start, at: 0 }]
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { name } = top
      if (top.at === 0) {
        order.set(name, order.size)
        low.set(name, order.size - 1)
        open.push(name)
        isOpen.add(name)
      }
      const next = edges.get(name)?.[top.at++]
      if (next !== undefined) {
        if (!order.has(next)) path.push({ name: next, at: 0 })
        else if (isOpen.has(next)) low.set(name, Math.min(low.get(name) ?? 0, order.get(next) ?? 0))
        continue
      }
      path.pop()
      const above = path.at(-1)?.name
      if (above !== undefined) low.set(above, Math.min(low.get(above) ?? 0, low.get(name) ?? 0))
      if (low.get(name) !== order.get(name)) continue
      const component = open.splice(open.indexOf(name))
      for (const member of component) isOpen.delete(member)
      if (component.length > 1) for (const member of component) found.add(member)
    }
  }
  return found
}

/** A relation whose chain is just too long; null if there is none. */
function chainsBeyond(type: TypeDraft, onCycle: ReadonlySet<string>): string | null {
  const edges = edgesOf(type)
  const depths = new Map<string, number>()
  for (const start of edges.keys()) {
    const path = [start]
    for (let name = path.at(-1); name !== undefined; name = path.at(-1)) {
      const missing = (edges.get(name) ?? []).find((next) => !depths.has(next) && !onCycle.has(next))
      if (missing !== undefined && !onCycle.has(name)) {
        path.push(missing)
        continue
      }
      const depth = 1 + Math.max(0, ...(edges.get(name) ?? []).map((next) => depths.get(next) ?? 0))
      if (depth > MAX_CHAIN) return name
      depths.set(name, depth)
      path.pop()
    }
  }
  return null
}

function edgesOf(type: TypeDraft): ReadonlyMap<string, readonly string[]> {
  const names = new Set(type.relations.map(({ name }) => name))
  return new Map(
    type.relations.map(({ name, rewrite }) => [
      name,
      computedRelations(rewrite).filter((next) => next !== name && names.has(next)),
    ]),
  )
}
