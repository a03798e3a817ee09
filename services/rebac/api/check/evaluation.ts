import { Evaluator } from '../../engine/evaluator.ts'
import type { Subject } from '../../model/relationship.ts'
import type { Schema } from '../../schema/schema.ts'
import { validateQuestion } from '../../schema/validate.ts'
import type { EvaluationView } from '../../tenants/tenant-view.ts'
import { inheritedSubjects } from './inherited-subjects.ts'
import type { Question, QuestionScope } from './question.ts'

/** Answers questions of one scope at one revision; all share what was found out on the way. */
export class Evaluation {
  readonly #view: EvaluationView
  readonly #schema: Schema
  readonly #scope: QuestionScope
  readonly #now = Date.now()
  readonly #evaluator: Evaluator
  /** Questions come in rows about one relation of one type. */
  #holdsBelow: { readonly objectType: string; readonly relation: string; readonly holds: boolean } | null = null

  /** @throws NexusError if a contextual relationship does not fit the schema */
  constructor(view: EvaluationView, schema: Schema, scope: QuestionScope, deadline: number) {
    const { context, contextual, maxDepth, nodeBudget } = scope
    const now = this.#now
    this.#view = view
    this.#schema = schema
    this.#scope = scope
    this.#evaluator = new Evaluator(schema, view.graph, { now, context, contextual, maxDepth, nodeBudget, deadline })
  }

  /** @throws NexusError if the question is wrong, or cannot be decided within its bounds */
  allows(question: Question): boolean {
    const { objectType, objectId, relation } = question
    const subjects = this.#subjectsOf(question)
    for (const subject of subjects) validateQuestion(this.#schema, { objectType, objectId, relation, subject })
    return this.#evaluator.check({ objectType, objectId, relation, subjects })
  }

  /** Whether who is allowed is allowed for everything below the object as well. */
  covers({ objectType, relation, subject, alsoAs }: Question): boolean {
    if (subject.relation !== '' || alsoAs.some((one) => one.relation !== '')) return false
    const last = this.#holdsBelow
    if (last !== null && last.objectType === objectType && last.relation === relation) return last.holds
    const holds = this.#evaluator.holdsBelow(objectType, relation)
    this.#holdsBelow = { objectType, relation, holds }
    return holds
  }

  #subjectsOf({ subject, alsoAs, resolveInheritance }: Question): readonly Subject[] {
    if (!resolveInheritance) return alsoAs.length === 0 ? [subject] : [subject, ...alsoAs]
    const inherited = inheritedSubjects(this.#view.graph, subject, this.#scope.contextual, this.#now)
    return [subject, ...alsoAs, ...inherited]
  }
}
