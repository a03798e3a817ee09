import type { JsonObject } from '../../../services/common/json.ts'
import type { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import type { UsersetTree } from '../../../services/rebac/engine/expand.ts'
import type { Relationship, Subject } from '../../../services/rebac/model/relationship.ts'
import type { Schema } from '../../../services/rebac/schema/schema.ts'
import { exclusion, intersection, matches, type NaiveValue, TooMuchWork, union } from './naive-evaluator.ts'

const MAX_TREES = 2000

/** Answers checks from nothing but the trees of Expand: what they leave out or add shows as another answer. */
export class ExpandReader {
  readonly #evaluator: Pick<Evaluator, 'expand'>
  readonly #schema: Schema
  readonly #context: JsonObject
  #trees = 0

  constructor(evaluator: Pick<Evaluator, 'expand'>, schema: Schema, context: JsonObject) {
    this.#evaluator = evaluator
    this.#schema = schema
    this.#context = context
  }

  /** A cycle is "no". @throws TooMuchWork */
  check(type: string, id: string, relation: string, subject: Subject): NaiveValue {
    this.#trees = 0
    const value = this.#relation(type, id, relation, subject, new Set())
    return value === 'C' ? 'F' : value
  }

  #relation(type: string, id: string, relation: string, subject: Subject, path: ReadonlySet<string>): NaiveValue {
    if (this.#isSame(subject, type, id, relation)) return 'T'
    const key = `${type}:${id}#${relation}`
    if (path.has(key)) return 'C'
    if (++this.#trees > MAX_TREES) throw new TooMuchWork()
    const tree = this.#evaluator.expand(type, id, relation)
    return this.#tree(tree, subject, relation, new Set(path).add(key))
  }

  /** `within`: the relation that this is a part of; computed relations come as trees with a name of their own. */
  #tree(tree: UsersetTree, subject: Subject, within: string, path: ReadonlySet<string>): NaiveValue {
    const { objectType: type, objectId: id, relation } = tree
    let below = path
    if (relation !== within && tree.operation !== 'unexpanded') {
      if (this.#isSame(subject, type, id, relation)) return 'T'
      const key = `${type}:${id}#${relation}`
      if (path.has(key)) return 'C'
      below = new Set(path).add(key)
    }
    const parts = (): NaiveValue[] => tree.children.map((child) => this.#tree(child, subject, relation, below))
    switch (tree.operation) {
      case 'leaf':
        return union([...tree.relationships.map((one) => this.#relationship(one, subject, below)), ...parts()])
      case 'union':
      case 'from':
        return union(parts())
      case 'intersection':
        return intersection(parts())
      case 'exclusion': {
        const [base = 'F', subtract = 'F'] = parts()
        return exclusion(base, subtract)
      }
      case 'unexpanded': {
        if (relation === '') return this.#isSame(subject, type, id, '') ? 'T' : 'F'
        const conditions = tree.relationships.map((one) => this.#condition(one))
        const condition = conditions.find((value) => value !== 'T') ?? 'T'
        return condition === 'T' ? this.#relation(type, id, relation, subject, below) : condition
      }
    }
  }

  #relationship(one: Relationship, subject: Subject, path: ReadonlySet<string>): NaiveValue {
    if (one.subjectRelation === '') return matches(one, subject) ? this.#condition(one) : 'F'
    const condition = this.#condition(one)
    if (condition !== 'T') return condition
    return this.#relation(one.subjectType, one.subjectId, one.subjectRelation, subject, path)
  }

  #condition({ conditionName, conditionContext }: Relationship): NaiveValue {
    if (conditionName === '') return 'T'
    try {
      return this.#schema.conditions.get(conditionName)?.evaluate(conditionContext, this.#context) ? 'T' : 'F'
    } catch {
      return 'E'
    }
  }

  #isSame(subject: Subject, type: string, id: string, relation: string): boolean {
    return subject.tenant === '' && subject.type === type && subject.id === id && subject.relation === relation
  }
}
