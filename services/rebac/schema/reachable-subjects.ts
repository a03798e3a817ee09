import { relationsInOrder } from './relation-order.ts'
import type { DirectType, RelationDefinition, Rewrite, Schema } from './schema.ts'

/** A kind of subject: the objects of a type, `type:*`, or the usersets `type#relation`. */
export interface SubjectKind {
  readonly type: string
  /** Empty unless it is a userset. */
  readonly relation: string
  readonly wildcard: boolean
}

/** Who can have a relation, given the right relationships. */
export interface Reachable {
  /** In the order of their names. */
  readonly subjects: readonly SubjectKind[]
  /** In an open schema: subjects of any kind, whether or not they are declared. */
  readonly any: boolean
}

/** One bit for each kind of subject that occurs in the schema; bit 0 stands for any other. */
type Kinds = Uint32Array
const ANY = 0

/**
 * For each `type#relation` of a schema the kinds of subject that can have it: the least fixed point over the rewrites,
 * through usersets, `from` and hierarchies. An intersection is reached by those who reach every branch. Of an exclusion
 * only the base counts: whether anybody is left depends on the relationships. An object of a type also stands for what
 * a wildcard of that type grants.
 */
export class ReachableSubjects {
  readonly #schema: Schema
  readonly #kinds: readonly SubjectKind[]
  readonly #bits: ReadonlyMap<string, number>
  readonly #found = new Map<string, Kinds>()

  constructor(schema: Schema) {
    this.#schema = schema
    this.#kinds = [{ type: '', relation: '', wildcard: false }, ...kindsOf(schema)]
    this.#bits = new Map(this.#kinds.map((kind, bit) => [kindText(kind), bit]))
    const relations = relationsInOrder(schema)
    for (const { type, relation } of relations) this.#found.set(`${type}#${relation.name}`, this.#none())
    for (let changed = true; changed; ) {
      changed = false
      for (const { type, relation } of relations) {
        const known = this.#known(type, relation.name)
        if (known !== null && addTo(known, this.#reach(type, relation, relation.rewrite))) changed = true
      }
    }
  }

  /** Who can have a declared relation. */
  of(type: string, relation: string): Reachable {
    const found = this.#known(type, relation) ?? this.#none()
    const subjects = this.#kinds.filter((_kind, bit) => bit !== ANY && isSet(found, bit))
    return { subjects, any: isSet(found, ANY) }
  }

  #reach(type: string, relation: RelationDefinition, rewrite: Rewrite): Kinds {
    switch (rewrite.kind) {
      case 'direct':
        return relation.directTypes === 'any'
          ? this.#all()
          : this.#union(relation.directTypes.map((one) => this.#direct(one)))
      case 'computed':
        return this.#userset(type, rewrite.relation)
      case 'from':
        return this.#from(type, rewrite)
      case 'union':
        return this.#union(rewrite.children.map((child) => this.#reach(type, relation, child)))
      case 'intersection':
        return rewrite.children.map((child) => this.#reach(type, relation, child)).reduce(intersect)
      case 'exclusion':
        return this.#reach(type, relation, rewrite.base)
    }
  }

  #direct({ type, form, relation }: DirectType): Kinds {
    if (form === 'userset') return this.#userset(type, relation)
    const object = this.#one({ type, relation: '', wildcard: false })
    return form === 'object' ? object : this.#union([object, this.#one({ type, relation: '', wildcard: true })])
  }

  /** Its members, and itself: a userset is a member of itself. */
  #userset(type: string, relation: string): Kinds {
    const members = this.#known(type, relation)
    // What an open schema does not declare is a direct relation.
    if (members === null) return this.#schema.open ? this.#all() : this.#none()
    return this.#union([members, this.#one({ type, relation, wildcard: false })])
  }

  #from(type: string, { tupleset, relation }: Extract<Rewrite, { kind: 'from' }>): Kinds {
    const directTypes = this.#schema.types.get(type)?.relations.get(tupleset)?.directTypes ?? 'any'
    if (directTypes === 'any') return this.#schema.open ? this.#all() : this.#none()
    const parents = directTypes.filter(({ form }) => form === 'object')
    return this.#union(parents.map((parent) => this.#userset(parent.type, relation)))
  }

  #known(type: string, relation: string): Kinds | null {
    return this.#found.get(`${type}#${relation}`) ?? null
  }

  #none(): Kinds {
    return new Uint32Array(Math.ceil(this.#kinds.length / 32))
  }

  #all(): Kinds {
    return this.#none().fill(0xffff_ffff)
  }

  #one(kind: SubjectKind): Kinds {
    const kinds = this.#none()
    const bit = this.#bits.get(kindText(kind)) ?? ANY
    kinds[bit >>> 5] = 1 << (bit & 31)
    return kinds
  }

  #union(all: readonly Kinds[]): Kinds {
    const kinds = this.#none()
    for (const some of all) addTo(kinds, some)
    return kinds
  }
}

/** Every kind of subject that a schema knows. */
function kindsOf(schema: Schema): SubjectKind[] {
  return Array.from(schema.types.values())
    .flatMap(({ name: type, relations }): SubjectKind[] => [
      { type, relation: '', wildcard: false },
      { type, relation: '', wildcard: true },
      ...Array.from(relations.keys(), (relation) => ({ type, relation, wildcard: false })),
    ])
    .toSorted((a, b) => (kindText(a) < kindText(b) ? -1 : 1))
}

function kindText({ type, relation, wildcard }: SubjectKind): string {
  return [type, wildcard ? '*' : '', relation].join('\u0000')
}

function isSet(kinds: Kinds, bit: number): boolean {
  return ((kinds[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0
}

/** True if that brought anything new. */
function addTo(kinds: Kinds, more: Kinds): boolean {
  let changed = false
  for (const [index, word] of more.entries()) {
    const before = kinds[index] ?? 0
    const after = (before | word) >>> 0
    if (after === before) continue
    kinds[index] = after
    changed = true
  }
  return changed
}

function intersect(a: Kinds, b: Kinds): Kinds {
  return a.map((word, index) => word & (b[index] ?? 0))
}
