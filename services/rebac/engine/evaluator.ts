import type { NexusError } from '../../common/errors/nexus-error.ts'
import type { TenantGraph } from '../graph/tenant-graph.ts'
import type { Subject } from '../model/relationship.ts'
import { normalizeObjectId } from '../schema/hierarchy.ts'
import type { Schema } from '../schema/schema.ts'
import { Evaluation } from './evaluation.ts'
import { expand, type UsersetTree } from './expand.ts'
import { explain } from './explain.ts'
import type { Explanation } from './explanation.ts'
import { type ListedObject, listObjects, type ListObjectsQuestion } from './list-objects.ts'
import { listPermissions } from './list-permissions.ts'
import { type ListedSubject, listSubjects, type ListSubjectsQuestion } from './list-subjects.ts'
import type { EvaluationOptions, Question } from './options.ts'
import { ERROR, TRUE } from './values.ts'

export type { EvaluationOptions, Question } from './options.ts'

/**
 * Answers questions over one schema and one graph. All answers of an instance share what was found out before, so make
 * one for each request. Questions must have been validated. If the graph changes between two questions, everything is
 * forgotten and the next answer is of the new state.
 *
 * Every method may throw MISSING_CONTEXT, INVALID_CONTEXT, CONDITION_FAILED, DEPTH_EXCEEDED, NODE_BUDGET_EXCEEDED and
 * DEADLINE_EXCEEDED.
 */
export class Evaluator {
  readonly #schema: Schema
  readonly #graph: TenantGraph
  readonly #options: EvaluationOptions
  #evaluation: Evaluation
  #version: number

  /** @throws NexusError if a contextual relationship does not fit the schema */
  constructor(schema: Schema, graph: TenantGraph, options: EvaluationOptions) {
    this.#schema = schema
    this.#graph = graph
    this.#options = options
    this.#evaluation = new Evaluation(schema, graph, options)
    // After it: the first evaluation may prepare the graph.
    this.#version = graph.version
  }

  /** Whether any of the subjects has the relation on the object. */
  check(question: Question): boolean {
    const evaluation = this.#current()
    evaluation.limit.restart()
    const objectId = normalizeObjectId(this.#schema, question.objectType, question.objectId)
    let error: NexusError | null = null
    for (const subject of question.subjects) {
      const normal = this.#normalize(subject)
      const outcome = evaluation.check(question.objectType, objectId, question.relation, normal)
      if (outcome.value === TRUE) return true
      if (outcome.value === ERROR) error ??= outcome.error
    }
    if (error !== null) throw error
    return false
  }

  /** The objects on which any of the subjects has a relation. */
  listObjects(question: ListObjectsQuestion): readonly ListedObject[] {
    return listObjects(this.#current(), { ...question, subjects: this.#normalizeAll(question.subjects) })
  }

  /** Who has a relation on an object. */
  listSubjects(question: ListSubjectsQuestion): readonly ListedSubject[] {
    return listSubjects(this.#current(), question)
  }

  /** Every relation and permission that any of the subjects has on an object. */
  listPermissions(objectType: string, objectId: string, subjects: readonly Subject[]): readonly string[] {
    return listPermissions(this.#current(), objectType, objectId, this.#normalizeAll(subjects))
  }

  /** The tree of subjects behind one relation. */
  expand(objectType: string, objectId: string, relation: string): UsersetTree {
    return expand(this.#current(), objectType, objectId, relation)
  }

  /** Why a subject has a relation, or has it not. */
  explain(objectType: string, objectId: string, relation: string, subject: Subject): Explanation {
    return explain(this.#current(), objectType, objectId, relation, this.#normalize(subject))
  }

  #current(): Evaluation {
    if (this.#graph.version !== this.#version) {
      this.#evaluation = new Evaluation(this.#schema, this.#graph, this.#options)
      this.#version = this.#graph.version
    }
    return this.#evaluation
  }

  #normalizeAll(subjects: readonly Subject[]): readonly Subject[] {
    return subjects.map((subject) => this.#normalize(subject))
  }

  #normalize(subject: Subject): Subject {
    if (subject.tenant !== '') return subject
    const id = normalizeObjectId(this.#schema, subject.type, subject.id)
    return id === subject.id ? subject : { ...subject, id }
  }
}
