import type { Kind } from '../graph/kinds.ts'
import type { DirectType, Hierarchy, Schema } from '../schema/schema.ts'

/** A relation whose relationships count: which subjects the schema accepts in it. */
export class DirectRelation {
  readonly relation: number
  /** Set if the relation is derived from the ids of objects. */
  readonly hierarchy: Hierarchy | null
  readonly #schema: Schema
  readonly #directTypes: readonly DirectType[] | 'any'
  readonly #relationName: (number: number) => string
  /** Whether a subject without a condition is accepted, by the numbers of its kind and relation. */
  readonly #unconditional: (boolean | undefined)[][] = []

  constructor(
    schema: Schema,
    relation: number,
    directTypes: readonly DirectType[] | 'any',
    hierarchy: Hierarchy | null,
    relationName: (number: number) => string,
  ) {
    this.#schema = schema
    this.relation = relation
    this.#directTypes = directTypes
    this.hierarchy = hierarchy
    this.#relationName = relationName
  }

  /** Whether a subject of this kind, with this relation if it is a userset, and this condition fits the schema. */
  accepts(kind: Kind, relation: number, condition: string): boolean {
    const types = this.#directTypes
    if (types === 'any') return condition === '' || this.#schema.conditions.has(condition)
    if (condition !== '') return this.#find(types, kind, relation, condition)
    const ofKind = (this.#unconditional[kind.number] ??= [])
    return (ofKind[relation] ??= this.#find(types, kind, relation, ''))
  }

  #find(types: readonly DirectType[], kind: Kind, relation: number, condition: string): boolean {
    const form = kind.wildcard ? 'wildcard' : relation === 0 ? 'object' : 'userset'
    const name = this.#relationName(relation)
    return types.some(
      (direct) =>
        direct.form === form && direct.type === kind.type && direct.relation === name && direct.condition === condition,
    )
  }
}
