import { NexusError } from '../../common/errors/nexus-error.ts'
import type { TenantGraph } from '../graph/tenant-graph.ts'
import type { Subject } from '../model/relationship.ts'
import { normalizeObjectId } from '../schema/hierarchy.ts'
import type { Schema } from '../schema/schema.ts'
import { Evaluation } from './evaluation.ts'
import type { EvaluationOptions, Question } from './options.ts'
import { ERROR, TRUE } from './values.ts'

export type { EvaluationOptions, Question } from './options.ts'

/**
 * Answers questions over one schema and one graph. All answers of an instance share what was found out before, so make
 * one for each request. Questions must have been validated. If the graph changes between two questions, everything is
 * forgotten and the next answer is of the new state.
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
    this.#version = graph.version
    this.#evaluation = new Evaluation(schema, graph, options)
  }

  /**
   * Whether any of the subjects has the relation on the object.
   * @throws NexusError MISSING_CONTEXT, INVALID_CONTEXT, CONDITION_FAILED, DEPTH_EXCEEDED, NODE_BUDGET_EXCEEDED,
   *   DEADLINE_EXCEEDED
   */
  check(question: Question): boolean {
    const evaluation = this.evaluation()
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

  /** What the answers of this request share; new if the graph has changed. */
  evaluation(): Evaluation {
    if (this.#graph.version !== this.#version) {
      this.#version = this.#graph.version
      this.#evaluation = new Evaluation(this.#schema, this.#graph, this.#options)
    }
    return this.#evaluation
  }

  #normalize(subject: Subject): Subject {
    if (subject.tenant !== '') return subject
    const id = normalizeObjectId(this.#schema, subject.type, subject.id)
    return id === subject.id ? subject : { ...subject, id }
  }
}
