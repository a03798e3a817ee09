import type { Kind } from '../graph/kinds.ts'
import type { DirectType, Hierarchy, Schema } from '../schema/schema.ts'

/** Kinds and relations of a graph are below this; two of them make one number. */
const PAIR_BASE = 2 ** 22

/** A relation whose relationships count: which subjects the schema accepts in it. */
export class DirectRelation {
  readonly relation: number
  /** Set if the relation is derived from the ids of objects. */
  readonly hierarchy: Hierarchy | null
  readonly #schema: Schema
  readonly #directTypes: readonly DirectType[] | 'any'
  readonly #relationName: (number: number) => string
  /** Whether a subject without a condition is accepted, by kind and relation. */
  readonly #unconditional = new Map<number, boolean>()

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
    if (this.#directTypes === 'any') return condition === '' || this.#schema.conditions.has(condition)
    if (condition !== '') return this.#find(kind, relation, condition)
    const key = kind.number * PAIR_BASE + relation
    const known = this.#unconditional.get(key)
    if (known !== undefined) return known
    const accepted = this.#find(kind, relation, '')
    this.#unconditional.set(key, accepted)
    return accepted
  }

  #find(kind: Kind, relation: number, condition: string): boolean {
    if (this.#directTypes === 'any') return true
    const form = kind.wildcard ? 'wildcard' : relation === 0 ? 'object' : 'userset'
    const name = this.#relationName(relation)
    return this.#directTypes.some(
      (direct) =>
        direct.form === form && direct.type === kind.type && direct.relation === name && direct.condition === condition,
    )
  }
}
