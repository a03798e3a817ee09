import type { Kind } from '../graph/kinds.ts'
import { type DirectRelation } from './direct-relation.ts'
import type { FromStep, Plan, Plans } from './plan.ts'

const PAIR_BASE = 2 ** 22

/** What of a relation a relationship can grant through, computed relations and the first operands of islands included. */
interface Leaves {
  readonly names: Map<number, boolean>
  readonly direct: Map<number, { readonly through: DirectRelation; readonly certain: boolean }>
  readonly from: (FromStep & { readonly certain: boolean })[]
}

/** A relation that contains another. */
export interface Containing {
  readonly relation: number
  /** It holds wherever the other one does; else an intersection or an exclusion has a say, too. */
  readonly certain: boolean
}

/** A relation that is granted through another, and the restriction on the relationships between. */
export interface Granted extends Containing {
  readonly through: DirectRelation
}

/** A schema read backwards: from a relationship to the relations that it may grant. It may name too many, never too few. */
export class ReverseIndex {
  readonly #plans: Plans
  readonly #direct = new Map<number, Granted[]>()
  readonly #from = new Map<number, Map<number, Granted[]>>()
  readonly #names = new Map<number, Containing[]>()
  /** Relations that others look up on the objects that they follow. */
  readonly targets = new Set<number>()

  constructor(plans: Plans) {
    this.#plans = plans
    for (const type of plans.schema.types.values()) {
      const kind = plans.kinds.intern(type.name, '', false)
      const relations = new Set([...type.relations.keys()].map((name) => plans.symbols.intern(name)))
      for (const relation of relations) {
        // In an open schema relations can be computed from undeclared ones, which grant themselves, too.
        for (const name of this.#add(kind, relation)) relations.add(name)
      }
    }
  }

  /** The relations of an object that a direct relationship may grant. */
  direct(kind: Kind, relation: number): readonly Granted[] {
    const found = this.#direct.get(kind.number * PAIR_BASE + relation)
    if (found !== undefined) return found
    return this.#undeclared(kind, relation)
  }

  /** The relations of an object that follow from the target's holding on the subject of its tupleset. */
  from(kind: Kind, tupleset: number, target: number): readonly Granted[] {
    return this.#from.get(kind.number)?.get(tupleset * PAIR_BASE + target) ?? []
  }

  /** The relations of which this one is a part, itself included. */
  containing(kind: Kind, relation: number): readonly Containing[] {
    return this.#names.get(kind.number * PAIR_BASE + relation) ?? [{ relation, certain: false }]
  }

  /** In an open schema what is not declared is direct. */
  #undeclared(kind: Kind, relation: number): readonly Granted[] {
    const direct = this.#plans.relation(kind, relation)?.plan.direct ?? []
    return direct
      .filter((through) => through.relation === relation)
      .map((through) => ({ relation, through, certain: true }))
  }

  /** Returns the relations that this one is computed from. */
  #add(kind: Kind, relation: number): Iterable<number> {
    const unit = this.#plans.relation(kind, relation)
    if (unit === null) return []
    const leaves: Leaves = { names: new Map(), direct: new Map(), from: [] }
    this.#collect(kind, unit.plan, leaves, true, new Set([relation]))
    for (const [name, certain] of leaves.names) push(this.#names, kind.number * PAIR_BASE + name, { relation, certain })
    for (const { through, certain } of leaves.direct.values()) {
      push(this.#direct, kind.number * PAIR_BASE + through.relation, { relation, through, certain })
    }
    let ofKind = this.#from.get(kind.number)
    if (ofKind === undefined) this.#from.set(kind.number, (ofKind = new Map()))
    for (const { tupleset, target, certain } of leaves.from) {
      push(ofKind, tupleset.relation * PAIR_BASE + target, { relation, through: tupleset, certain })
      this.targets.add(target)
    }
    return leaves.names.keys()
  }

  // Only what is a member of every operand is a member of an intersection, so one operand names all candidates.
  #collect(kind: Kind, plan: Plan, leaves: Leaves, certain: boolean, seen: Set<number>): void {
    switch (plan.kind) {
      case 'union':
        // What is certain comes first: whatever is met again later is known already.
        for (const name of plan.names) if (!leaves.names.has(name)) leaves.names.set(name, certain)
        for (const through of plan.direct) {
          if (!leaves.direct.has(through.relation)) leaves.direct.set(through.relation, { through, certain })
        }
        for (const step of plan.from) leaves.from.push({ ...step, certain })
        for (const island of plan.islands) this.#collect(kind, island, leaves, false, seen)
        return
      case 'intersection':
        if (plan.children[0] !== undefined) this.#collect(kind, plan.children[0], leaves, false, seen)
        return
      case 'exclusion':
        this.#collect(kind, plan.base, leaves, false, seen)
        return
      case 'reference': {
        const unit = seen.has(plan.relation) ? null : this.#plans.relation(kind, plan.relation)
        seen.add(plan.relation)
        if (unit !== null) this.#collect(kind, unit.plan, leaves, false, seen)
      }
    }
  }
}

function push<T>(map: Map<number, T[]>, key: number, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
