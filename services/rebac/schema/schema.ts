import type { Condition } from './condition.ts'

/** How a relation is computed from others. The semantics are those of docs/semantics.md. */
export type Rewrite =
  | { readonly kind: 'direct' }
  | { readonly kind: 'computed'; readonly relation: string }
  | { readonly kind: 'from'; readonly tupleset: string; readonly relation: string }
  | { readonly kind: 'union'; readonly children: readonly Rewrite[] }
  | { readonly kind: 'intersection'; readonly children: readonly Rewrite[] }
  | { readonly kind: 'exclusion'; readonly base: Rewrite; readonly subtract: Rewrite }

/** A form of subject that a relation accepts directly. */
export interface DirectType {
  readonly type: string
  readonly form: 'object' | 'wildcard' | 'userset'
  /** For a userset. */
  readonly relation: string
  /** The condition that the relationship must carry; empty: it must carry none. */
  readonly condition: string
}

export interface RelationDefinition {
  readonly name: string
  readonly rewrite: Rewrite
  /** Which subjects may stand here directly; 'any' in an open schema; empty if the relation is only computed. */
  readonly directTypes: readonly DirectType[] | 'any'
}

export interface TypeDefinition {
  readonly name: string
  readonly relations: ReadonlyMap<string, RelationDefinition>
  /** Set if objects of this type form a tree by their ids (decisions: "Hierarchical types"). */
  readonly hierarchy: Hierarchy | null
}

/** The object `a/b` has the relation to `a` without a stored relationship, up to and including the separator alone. */
export interface Hierarchy {
  readonly type: string
  readonly relation: string
  readonly separator: string
}

export type SchemaFormat = 'dsl' | 'json' | 'namespaces'

/** The text that a schema was compiled from, as it is stored. */
export interface SchemaSource {
  readonly format: SchemaFormat
  readonly model: string
  readonly hierarchies: readonly Hierarchy[]
}

/** A checked schema. An open one accepts undeclared types and relations, which then have no effect. */
export interface Schema {
  readonly version: string
  readonly source: SchemaSource
  readonly open: boolean
  readonly types: ReadonlyMap<string, TypeDefinition>
  readonly conditions: ReadonlyMap<string, Condition>
}
