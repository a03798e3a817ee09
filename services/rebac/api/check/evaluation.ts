import { NexusError } from '../../../common/errors/nexus-error.ts'
import { Evaluator } from '../../engine/evaluator.ts'
import { resolveInheritance } from '../../engine/resolve-inheritance.ts'
import type { Relationship, Subject } from '../../model/relationship.ts'
import type { Schema } from '../../schema/schema.ts'
import { normalizeObjectId, validateQuestion, validateRelationship } from '../../schema/validate.ts'
import type { TenantView } from '../../tenants/tenant-view.ts'
import { within } from '../parse/fields.ts'
import type { Question, QuestionScope } from './question.ts'

/** Answers questions of one scope at one revision; all share what was found out on the way. */
export class Evaluation {
  readonly #view: TenantView
  readonly #schema: Schema
  readonly #evaluator: Evaluator

  /** @throws NexusError if a contextual relationship does not fit the schema */
  constructor(view: TenantView, schema: Schema, scope: QuestionScope, deadline: number) {
    this.#view = view
    this.#schema = schema
    this.#evaluator = new Evaluator(schema, view.graph, {
      now: Date.now(),
      context: scope.context,
      contextual: scope.contextual.length === 0 ? scope.contextual : acceptContextual(schema, scope.contextual),
      maxDepth: scope.maxDepth,
      nodeBudget: scope.nodeBudget,
      deadline,
    })
  }

  /** @throws NexusError if the question is wrong, or cannot be decided within its bounds */
  allows(question: Question): boolean {
    const { objectType, relation } = question
    const objectId = normalizeObjectId(this.#schema, objectType, question.objectId)
    const subjects = this.#subjectsOf(question)
    for (const subject of subjects) validateQuestion(this.#schema, { objectType, objectId, relation, subject })
    return this.#evaluator.check({ objectType, objectId, relation, subjects })
  }

  #subjectsOf(question: Question): readonly Subject[] {
    const { subject, alsoAs } = question
    if (alsoAs.length === 0 && !question.resolveInheritance) return [this.#normalized(subject)]
    const inherited = question.resolveInheritance ? resolveInheritance(this.#view.graph, subject) : []
    return [subject, ...alsoAs, ...inherited].map((one) => this.#normalized(one))
  }

  #normalized(subject: Subject): Subject {
    const id = normalizeObjectId(this.#schema, subject.type, subject.id)
    return id === subject.id ? subject : { ...subject, id }
  }
}

function acceptContextual(schema: Schema, relationships: readonly Relationship[]): Relationship[] {
  return relationships.map((relationship, index) => {
    const accepted = {
      ...relationship,
      objectId: normalizeObjectId(schema, relationship.objectType, relationship.objectId),
      subjectId: normalizeObjectId(schema, relationship.subjectType, relationship.subjectId),
    }
    within(`contextual_relationships[${index}]`, () => validateRelationship(schema, accepted))
    return accepted
  })
}
