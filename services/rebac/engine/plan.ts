import type { Kind, Kinds, Symbols } from '../graph/kinds.ts'
import { findRelation } from '../schema/direct-types.ts'
import type { Rewrite, Schema } from '../schema/schema.ts'
import { DirectRelation } from './direct-relation.ts'

/** How one relation of one type is evaluated: computed relations are flattened into what they are computed from. */
export type Plan = UnionPlan | IntersectionPlan | ExclusionPlan | ReferencePlan

export interface UnionPlan {
  readonly kind: 'union'
  /** The relations that this union stands for: a userset of one of them is a member. */
  readonly names: readonly number[]
  readonly direct: readonly DirectRelation[]
  readonly from: readonly FromStep[]
  /** Intersections and exclusions. */
  readonly islands: readonly IslandPlan[]
}

export type IslandPlan = IntersectionPlan | ExclusionPlan

export interface IntersectionPlan {
  readonly kind: 'intersection'
  readonly children: readonly Plan[]
}

export interface ExclusionPlan {
  readonly kind: 'exclusion'
  readonly base: Plan
  readonly subtract: Plan
}

/** Another relation of the same object, as an operand. It is not flattened: operands could multiply without bound. */
export interface ReferencePlan {
  readonly kind: 'reference'
  readonly relation: number
}

/** `target from tupleset`. */
export interface FromStep {
  readonly tupleset: DirectRelation
  readonly target: number
}

/** The plan of a relation, with a number for memos. */
export interface RelationPlan {
  readonly number: number
  readonly kind: Kind
  readonly relation: number
  readonly plan: UnionPlan
}

const PAIR_BASE = 2 ** 22

/** The plans of one schema over the numbers of one graph, made when they are first needed. */
export class Plans {
  readonly schema: Schema
  readonly symbols: Symbols
  readonly kinds: Kinds
  readonly #relations = new Map<number, RelationPlan | null>()
  #made = 0

  constructor(schema: Schema, symbols: Symbols, kinds: Kinds) {
    this.schema = schema
    this.symbols = symbols
    this.kinds = kinds
    // Every name of the schema gets a number now, so that a later relationship cannot change what a plan means.
    for (const type of schema.types.values()) {
      kinds.intern(type.name, '', false)
      kinds.intern(type.name, '', true)
      for (const relation of type.relations.keys()) symbols.intern(relation)
    }
  }

  /** null if the type has no such relation. */
  relation(kind: Kind, relation: number): RelationPlan | null {
    const key = kind.number * PAIR_BASE + relation
    const known = this.#relations.get(key)
    if (known !== undefined) return known
    const made = this.#make(kind, relation)
    this.#relations.set(key, made)
    return made
  }

  #make(kind: Kind, relation: number): RelationPlan | null {
    if (kind.tenant !== '' || kind.wildcard || relation === 0) return null
    const builder = new UnionBuilder()
    if (!this.#addRelation(builder, kind, this.symbols.name(relation))) return null
    return { number: this.#made++, kind, relation, plan: builder.build() }
  }

  /** Adds what a relation is computed from to a union; false if the type has no such relation. */
  #addRelation(builder: UnionBuilder, kind: Kind, name: string): boolean {
    const definition = findRelation(this.schema, kind.type, name)
    if (definition === null) return false
    if (builder.addName(this.symbols.intern(name))) this.#addRewrite(builder, kind, name, definition.rewrite)
    return true
  }

  #addRewrite(builder: UnionBuilder, kind: Kind, name: string, rewrite: Rewrite): void {
    switch (rewrite.kind) {
      case 'direct':
        builder.direct.push(this.#direct(kind, name))
        return
      case 'computed':
        this.#addRelation(builder, kind, rewrite.relation)
        return
      case 'from':
        builder.from.push({
          tupleset: this.#direct(kind, rewrite.tupleset),
          target: this.symbols.intern(rewrite.relation),
        })
        return
      case 'union':
        for (const child of rewrite.children) this.#addRewrite(builder, kind, name, child)
        return
      case 'intersection':
        builder.islands.push({
          kind: 'intersection',
          children: rewrite.children.map((child) => this.#operand(kind, name, child)),
        })
        return
      case 'exclusion':
        builder.islands.push({
          kind: 'exclusion',
          base: this.#operand(kind, name, rewrite.base),
          subtract: this.#operand(kind, name, rewrite.subtract),
        })
    }
  }

  #operand(kind: Kind, name: string, rewrite: Rewrite): Plan {
    if (rewrite.kind === 'computed') return { kind: 'reference', relation: this.symbols.intern(rewrite.relation) }
    const builder = new UnionBuilder()
    this.#addRewrite(builder, kind, name, rewrite)
    const union = builder.build()
    const [only] = union.islands
    const bare = union.names.length === 0 && union.direct.length === 0 && union.from.length === 0
    return bare && only !== undefined && union.islands.length === 1 ? only : union
  }

  #direct(kind: Kind, name: string): DirectRelation {
    const definition = findRelation(this.schema, kind.type, name)
    const hierarchy = this.schema.types.get(kind.type)?.hierarchy ?? null
    return new DirectRelation(
      this.schema,
      this.symbols.intern(name),
      definition?.directTypes ?? [],
      hierarchy?.relation === name ? hierarchy : null,
      (number) => this.symbols.name(number),
    )
  }
}

class UnionBuilder {
  readonly direct: DirectRelation[] = []
  readonly from: FromStep[] = []
  readonly islands: IslandPlan[] = []
  readonly #names: number[] = []

  /** False if the relation is part of the union already. */
  addName(name: number): boolean {
    if (this.#names.includes(name)) return false
    this.#names.push(name)
    return true
  }

  build(): UnionPlan {
    return { kind: 'union', names: this.#names, direct: this.direct, from: this.from, islands: this.islands }
  }
}
