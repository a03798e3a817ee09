import type { Kind } from '../graph/kinds.ts'
import type { Hierarchy } from '../schema/schema.ts'
import type { DirectRelation } from './direct-relation.ts'
import type { Plan, Plans } from './plan.ts'

/**
 * The plan of "any of these relations" of a type. Where only unions lead to the answer, the relations that are asked of
 * the same objects can be walked together: read, write and owner of a file need one walk up its folders.
 */
export interface ReachPlan {
  readonly number: number
  readonly kind: Kind
  /** The relations that it was made for; `names` has those, too, that they are computed from. */
  readonly asked: readonly number[]
  readonly names: ReadonlySet<number>
  /** By the number of the relation. */
  readonly direct: readonly (DirectRelation | undefined)[]
  readonly from: readonly (ReachFrom | undefined)[]
  /** Set if objects of the type have derived parents that matter here. */
  readonly derived: (ReachFrom & { readonly hierarchy: Hierarchy }) | null
  /** Set if the derived relation itself is among what is asked. */
  readonly directHierarchy: Hierarchy | null
  readonly islands: readonly Plan[]
  /** False if nothing can be granted on an object without relationships, except to its own userset. */
  readonly grantsWithoutRelationships: boolean
}

/** `any of the targets from tupleset`. */
export interface ReachFrom {
  readonly tupleset: DirectRelation
  readonly targets: readonly number[]
  /** The plan of the targets, by the kind of the object that is followed; null: it has none of them. */
  readonly next: Map<number, ReachPlan | null>
}

/** Reach plans by what they are for. */
export class ReachPlans {
  readonly #plans: Plans
  /** By the number of the kind, then by that of the relation. */
  readonly #single: (ReachPlan | null | undefined)[][] = []
  readonly #sets = new Map<string, ReachPlan | null>()
  #made = 0

  constructor(plans: Plans) {
    this.#plans = plans
  }

  relation(kind: Kind, relation: number): ReachPlan | null {
    const ofKind = (this.#single[kind.number] ??= [])
    let plan = ofKind[relation]
    if (plan === undefined) ofKind[relation] = plan = this.#set(kind, [relation])
    return plan
  }

  next(from: ReachFrom, kind: Kind): ReachPlan | null {
    let plan = from.next.get(kind.number)
    if (plan === undefined) from.next.set(kind.number, (plan = this.#set(kind, from.targets)))
    return plan
  }

  #set(kind: Kind, relations: readonly number[]): ReachPlan | null {
    const key = `${kind.number}:${relations.join(',')}`
    let plan = this.#sets.get(key)
    if (plan === undefined) this.#sets.set(key, (plan = this.#make(kind, relations)))
    return plan
  }

  #make(kind: Kind, relations: readonly number[]): ReachPlan | null {
    const names = new Set<number>()
    const direct: (DirectRelation | undefined)[] = []
    const tuplesets = new Map<number, DirectRelation>()
    const targets = new Map<number, Set<number>>()
    const islands = new Set<Plan>()
    let directHierarchy: Hierarchy | null = null
    for (const relation of relations) {
      const found = this.#plans.relation(kind, relation)
      if (found === null) continue
      for (const name of found.plan.names) names.add(name)
      for (const one of found.plan.direct) {
        direct[one.relation] ??= one
        directHierarchy ??= one.hierarchy
      }
      for (const { tupleset, target } of found.plan.from) {
        tuplesets.set(tupleset.relation, tupleset)
        targets.set(tupleset.relation, (targets.get(tupleset.relation) ?? new Set()).add(target))
      }
      for (const island of found.plan.islands) islands.add(island)
    }
    if (names.size === 0) return null
    const from: (ReachFrom | undefined)[] = []
    let derived: ReachPlan['derived'] = null
    for (const [relation, tupleset] of tuplesets) {
      const sorted = [...(targets.get(relation) ?? [])].sort((a, b) => a - b)
      const step = { tupleset, targets: sorted, next: new Map<number, ReachPlan | null>() }
      from[relation] = step
      if (tupleset.hierarchy !== null) derived = { ...step, hierarchy: tupleset.hierarchy }
    }
    const grantsWithoutRelationships = derived !== null || directHierarchy !== null || islands.size > 0
    return {
      number: this.#made++,
      grantsWithoutRelationships,
      kind,
      asked: relations,
      names,
      direct,
      from,
      derived,
      directHierarchy,
      islands: [...islands],
    }
  }
}
