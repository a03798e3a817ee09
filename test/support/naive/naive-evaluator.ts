import type { JsonObject } from '../../../services/common/json.ts'
import type { Relationship, Subject } from '../../../services/rebac/model/relationship.ts'
import { relationshipKeyText } from '../../../services/rebac/model/relationship.ts'
import type { DirectType, RelationDefinition, Rewrite, Schema } from '../../../services/rebac/schema/schema.ts'

/** F: no, T: yes, C: cut off on a cycle, E: an error. */
export type NaiveValue = 'F' | 'T' | 'C' | 'E'

export interface NaiveOptions {
  readonly now: number
  readonly context: JsonObject
  readonly contextual: readonly Relationship[]
  /** Check evaluates the condition of a userset first, lists do so last. */
  readonly conditionsLast: boolean
}

export class TooMuchWork extends Error {}

const MAX_STEPS = 20_000

/**
 * The semantics of docs/semantics.md, written down as plainly as possible: recursion with the set of what is on the
 * path, no cache, no cleverness. The numbers are those of the page's rules. It shares nothing with the engine but the
 * compiled schema and its conditions.
 */
export class NaiveEvaluator {
  readonly #schema: Schema
  readonly #tuples: readonly Relationship[]
  readonly #options: NaiveOptions
  #steps = 0
  /** Of the last question: rules 2.5 and 2.6 leave the mixture of both to the order of evaluation. */
  sawCycle = false
  sawError = false

  constructor(schema: Schema, stored: readonly Relationship[], options: NaiveOptions) {
    this.#schema = schema
    this.#options = options
    // 2.9: an expired relationship is absent.
    const present = (tuple: Relationship): boolean => tuple.expiresAt === null || options.now < tuple.expiresAt
    // 2.7: a contextual relationship overrides a stored one with the same key.
    const byKey = new Map(stored.filter(present).map((tuple) => [relationshipKeyText(tuple), tuple]))
    for (const tuple of options.contextual.filter(present)) byKey.set(relationshipKeyText(tuple), tuple)
    this.#tuples = [...byKey.values()]
  }

  /** 2.5: at the top a cycle is "no". */
  check(type: string, id: string, relation: string, subject: Subject): NaiveValue {
    this.#steps = 0
    this.sawCycle = false
    this.sawError = false
    const value = this.#userset(type, id, relation, subject, new Set())
    return value === 'C' ? 'F' : value
  }

  /** The ids of a type that occur, as object or as subject of this tenant. */
  occurring(type: string): readonly string[] {
    const ids = new Set<string>()
    for (const tuple of this.#tuples) {
      if (tuple.objectType === type) ids.add(tuple.objectId)
      if (tuple.subjectType === type && tuple.subjectTenant === '' && tuple.subjectId !== '*') ids.add(tuple.subjectId)
    }
    return [...ids].sort()
  }

  /** The objects of other tenants that occur. */
  occurringAbroad(type: string): readonly Subject[] {
    const found = new Map<string, Subject>()
    for (const { subjectType, subjectId: id, subjectTenant: tenant } of this.#tuples) {
      if (subjectType === type && tenant !== '') found.set(`${tenant}/${id}`, { tenant, type, id, relation: '' })
    }
    return [...found.values()]
  }

  #userset(type: string, id: string, relation: string, subject: Subject, path: ReadonlySet<string>): NaiveValue {
    if (++this.#steps > MAX_STEPS) throw new TooMuchWork()
    // 2.3: a userset is a member of itself.
    if (subject.tenant === '' && subject.type === type && subject.id === id && subject.relation === relation) return 'T'
    const key = `${type}:${id}#${relation}`
    if (path.has(key)) {
      this.sawCycle = true
      return 'C'
    }
    const definition = this.#find(type, relation)
    if (definition === null) return 'F'
    return this.#rewrite(type, id, definition, definition.rewrite, subject, new Set(path).add(key))
  }

  #rewrite(
    type: string,
    id: string,
    relation: RelationDefinition,
    rewrite: Rewrite,
    subject: Subject,
    path: ReadonlySet<string>,
  ): NaiveValue {
    const part = (child: Rewrite): NaiveValue => this.#rewrite(type, id, relation, child, subject, path)
    switch (rewrite.kind) {
      case 'direct':
        return this.#direct(type, id, relation, subject, path)
      case 'computed':
        return this.#userset(type, id, rewrite.relation, subject, path)
      case 'from':
        return this.#from(type, id, rewrite.tupleset, rewrite.relation, subject, path)
      case 'union':
        return union(rewrite.children.map(part))
      case 'intersection':
        return intersection(rewrite.children.map(part))
      case 'exclusion': {
        const base = part(rewrite.base)
        return base === 'F' || base === 'C' ? base : exclusion(base, part(rewrite.subtract))
      }
    }
  }

  #direct(
    type: string,
    id: string,
    relation: RelationDefinition,
    subject: Subject,
    path: ReadonlySet<string>,
  ): NaiveValue {
    const values: NaiveValue[] = []
    for (const tuple of this.#tuples) {
      if (tuple.objectType !== type || tuple.objectId !== id || tuple.relation !== relation.name) continue
      if (!this.#fits(relation, tuple)) continue
      if (tuple.subjectRelation !== '') {
        const { subjectType, subjectId, subjectRelation } = tuple
        values.push(
          this.#conditioned(tuple, () => this.#userset(subjectType, subjectId, subjectRelation, subject, path)),
        )
      } else if (matches(tuple, subject)) {
        values.push(this.#condition(tuple))
      }
    }
    const parent = this.#derivedParent(type, id, relation.name)
    const isParent = subject.tenant === '' && subject.type === type && subject.id === parent && subject.relation === ''
    if (isParent) values.push('T')
    return union(values)
  }

  /** 2.4 */
  #from(
    type: string,
    id: string,
    tupleset: string,
    target: string,
    subject: Subject,
    path: ReadonlySet<string>,
  ): NaiveValue {
    const definition = this.#find(type, tupleset)
    if (definition === null) return 'F'
    const values: NaiveValue[] = []
    for (const tuple of this.#tuples) {
      if (tuple.objectType !== type || tuple.objectId !== id || tuple.relation !== tupleset) continue
      const { subjectType, subjectId, subjectRelation, subjectTenant } = tuple
      if (subjectRelation !== '' || subjectId === '*' || subjectTenant !== '' || !this.#fits(definition, tuple))
        continue
      values.push(this.#conditioned(tuple, () => this.#userset(subjectType, subjectId, target, subject, path)))
    }
    const parent = this.#derivedParent(type, id, tupleset)
    if (parent !== null) values.push(this.#userset(type, parent, target, subject, path))
    return union(values)
  }

  #derivedParent(type: string, id: string, relation: string): string | null {
    const hierarchy = this.#schema.types.get(type)?.hierarchy
    if (!hierarchy || hierarchy.relation !== relation || id === hierarchy.separator) return null
    const { separator } = hierarchy
    const parts = id.split(separator)
    if (parts.length === 1) return null
    // Runs of separators count as one.
    do parts.pop()
    while (parts.length > 1 && parts.at(-1) === '')
    return parts.join(separator) || separator
  }

  /** 2.3: first or last. */
  #conditioned(tuple: Relationship, follow: () => NaiveValue): NaiveValue {
    if (!this.#options.conditionsLast) {
      const condition = this.#condition(tuple)
      return condition === 'T' ? follow() : condition
    }
    const value = follow()
    if (value === 'F') return 'F'
    const condition = this.#condition(tuple)
    return condition === 'T' ? value : condition
  }

  /** 2.8 */
  #condition(tuple: Relationship): NaiveValue {
    if (tuple.conditionName === '') return 'T'
    try {
      const condition = this.#schema.conditions.get(tuple.conditionName)
      return condition?.evaluate(tuple.conditionContext, this.#options.context) ? 'T' : 'F'
    } catch {
      this.sawError = true
      return 'E'
    }
  }

  /** An open schema takes what is not declared as a direct relation. */
  #find(type: string, relation: string): RelationDefinition | null {
    const found = this.#schema.types.get(type)?.relations.get(relation)
    if (found !== undefined) return found
    return this.#schema.open ? { name: relation, rewrite: { kind: 'direct' }, directTypes: 'any' } : null
  }

  /** 2.1: subject form and condition are among the direct types of the model in use. */
  #fits(relation: RelationDefinition, tuple: Relationship): boolean {
    if (tuple.conditionName !== '' && !this.#schema.conditions.has(tuple.conditionName)) return false
    if (relation.directTypes === 'any') return true
    return relation.directTypes.some(
      (direct) =>
        hasForm(direct, tuple) && direct.type === tuple.subjectType && direct.condition === tuple.conditionName,
    )
  }
}

function hasForm(direct: DirectType, tuple: Relationship): boolean {
  if (tuple.subjectId === '*') return direct.form === 'wildcard'
  if (tuple.subjectRelation === '') return direct.form === 'object'
  return direct.form === 'userset' && direct.relation === tuple.subjectRelation
}

/** 2.2: the same object, or a wildcard of its type or of every type; only a plain object matches a wildcard. */
export function matches(tuple: Relationship, subject: Subject): boolean {
  if (subject.relation !== '') return false
  if (tuple.subjectTenant === subject.tenant && tuple.subjectType === subject.type && tuple.subjectId === subject.id)
    return true
  if (subject.id === '*' || tuple.subjectId !== '*') return false
  return tuple.subjectType === '*' || (tuple.subjectType === subject.type && subject.tenant === '')
}

// 2.5
export function union(values: readonly NaiveValue[]): NaiveValue {
  return firstOf(values, ['T', 'E', 'C']) ?? 'F'
}

export function intersection(values: readonly NaiveValue[]): NaiveValue {
  return firstOf(values, ['F', 'C', 'E']) ?? 'T'
}

export function exclusion(base: NaiveValue, subtract: NaiveValue): NaiveValue {
  if (base === 'F' || base === 'C') return base
  if (subtract === 'T') return 'F'
  if (subtract === 'C') return 'C'
  return base === 'E' || subtract === 'E' ? 'E' : 'T'
}

function firstOf(values: readonly NaiveValue[], order: readonly NaiveValue[]): NaiveValue | undefined {
  return order.find((value) => values.includes(value))
}
