import { Evaluator, type EvaluationOptions } from '../../../services/rebac/engine/evaluator.ts'
import { OpenKinds, OpenSymbols } from '../../../services/rebac/graph/open-names.ts'
import { PartialGraph } from '../../../services/rebac/graph/partial-graph.ts'
import { type Relationship, relationshipKeyText } from '../../../services/rebac/model/relationship.ts'
import type { Schema } from '../../../services/rebac/schema/schema.ts'
import { fetchFromArray } from './fake-parts.ts'

/** The verbs of the engine. */
export type Verbs = Pick<Evaluator, 'check' | 'listObjects' | 'listSubjects' | 'listPermissions' | 'expand' | 'explain'>

/** More rounds than any question of a small world can need. */
const MAX_ROUNDS = 1_000

/** The engine over a graph of which it fetches what it needs, from an array. What was fetched stays for later calls. */
export class PartialEvaluator implements Verbs {
  readonly #schema: Schema
  readonly #stored: readonly Relationship[]
  readonly #options: EvaluationOptions
  readonly #outlineFrom: number
  readonly #graph: PartialGraph

  /** `instead`: what holds in place of what is stored, by key text. */
  constructor(
    schema: Schema,
    stored: readonly Relationship[],
    options: EvaluationOptions,
    { outlineFrom = Infinity, instead = new Map<string, Relationship | null>() } = {},
  ) {
    this.#schema = schema
    this.#stored = stored
    this.#options = options
    this.#outlineFrom = outlineFrom
    this.#graph = new PartialGraph({ symbols: new OpenSymbols(), kinds: new OpenKinds() }, 1, instead)
  }

  check(...question: Parameters<Verbs['check']>): ReturnType<Verbs['check']> {
    return this.#run((evaluator) => evaluator.check(...question))
  }

  listObjects(...question: Parameters<Verbs['listObjects']>): ReturnType<Verbs['listObjects']> {
    return this.#run((evaluator) => evaluator.listObjects(...question))
  }

  listSubjects(...question: Parameters<Verbs['listSubjects']>): ReturnType<Verbs['listSubjects']> {
    return this.#run((evaluator) => evaluator.listSubjects(...question))
  }

  listPermissions(...question: Parameters<Verbs['listPermissions']>): ReturnType<Verbs['listPermissions']> {
    return this.#run((evaluator) => evaluator.listPermissions(...question))
  }

  expand(...question: Parameters<Verbs['expand']>): ReturnType<Verbs['expand']> {
    return this.#run((evaluator) => evaluator.expand(...question))
  }

  explain(...question: Parameters<Verbs['explain']>): ReturnType<Verbs['explain']> {
    return this.#run((evaluator) => evaluator.explain(...question))
  }

  #run<T>(ask: (evaluator: Evaluator) => T): T {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      let answer: () => T
      try {
        const value = ask(new Evaluator(this.#schema, this.#graph, this.#options))
        answer = () => value
      } catch (error) {
        answer = () => {
          throw error
        }
      }
      const missing = this.#graph.missing.take()
      if (missing.length === 0) return answer()
      // As the service does: what has expired is there, too.
      const limits = { now: 0, outlineFrom: this.#outlineFrom }
      this.#graph.add(missing.map((part) => fetchFromArray(this.#stored, part, limits)))
    }
    throw new Error('something is missing again and again')
  }
}

/**
 * The same over what is stored later, with the changes since then undone: of the relationships some were deleted, some
 * replaced, and some are new.
 */
export function evaluatorOfEarlier(
  schema: Schema,
  stored: readonly Relationship[],
  options: EvaluationOptions,
  outlineFrom: number,
): PartialEvaluator {
  const instead = new Map<string, Relationship | null>()
  const later: Relationship[] = []
  const keys = new Set(stored.map(relationshipKeyText))
  for (const [index, row] of stored.entries()) {
    if (index % 3 !== 0) later.push(row)
    else instead.set(relationshipKeyText(row), row)
    if (index % 6 === 0) later.push({ ...row, expiresAt: null, conditionName: '', conditionContext: null })
    const extra = { ...row, subjectType: 'user', subjectTenant: '', subjectId: 'bob', subjectRelation: '' }
    if (index % 4 !== 1 || keys.has(relationshipKeyText(extra)) || instead.has(relationshipKeyText(extra))) continue
    later.push({ ...extra, conditionName: '', conditionContext: null, expiresAt: null })
    instead.set(relationshipKeyText(extra), null)
  }
  return new PartialEvaluator(schema, later, options, { outlineFrom, instead })
}
