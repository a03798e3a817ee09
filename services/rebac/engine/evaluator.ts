import type { NexusError } from '../../common/errors/nexus-error.ts'
import type { BaseGraph } from '../graph/graph-reader.ts'
import type { Subject } from '../model/relationship.ts'
import { normalizeIn } from '../schema/hierarchy.ts'
import type { Schema } from '../schema/schema.ts'
import { holdsBelow } from './covers-subtree.ts'
import { Evaluation } from './evaluation.ts'
import { expand, type UsersetTree } from './expand.ts'
import { explain } from './explain.ts'
import type { Explanation } from './explanation.ts'
import { listCoversAll, type ListedObject, listObjects, type ListObjectsQuestion } from './list-objects.ts'
import { listPermissions } from './list-permissions.ts'
import { type ListedSubject, listSubjects, type ListSubjectsQuestion } from './list-subjects.ts'
import type { EvaluationOptions, Question } from './options.ts'
import { type PlanCache, prepareGraph } from './plan-cache.ts'
import { MAX_STEPS, type QuickLimits } from './quick-check.ts'
import { atOnce, type Steps } from './steps.ts'
import { ERROR, FALSE, TRUE } from './values.ts'

export type { EvaluationOptions, Question } from './options.ts'

/** How many quick questions are answered between two looks at the clock. */
const CLOCK_INTERVAL = 64

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
  readonly #graph: BaseGraph
  readonly #options: EvaluationOptions
  /** Made when a question first needs it: most do not. */
  #evaluation: Evaluation | null = null
  #plans: PlanCache
  #version: number
  readonly #quickLimits: QuickLimits | null
  #asked = 0

  /** @throws NexusError if a contextual relationship does not fit the schema */
  constructor(schema: Schema, graph: BaseGraph, options: EvaluationOptions) {
    this.#schema = schema
    this.#graph = graph
    this.#options = options
    this.#plans = prepareGraph(schema, graph)
    // After it: preparing may change the graph.
    this.#version = graph.version
    if (options.contextual.length > 0) this.#evaluation = new Evaluation(schema, graph, options)
    this.#quickLimits = quickLimitsOf(options)
  }

  /** Whether any of the subjects has the relation on the object. */
  check(question: Question): boolean {
    const { objectType, relation, subjects } = question
    const objectId = normalizeIn(this.#plans.hierarchies, objectType, question.objectId)
    const quickLimits = this.#isDue() ? null : this.#quickLimits
    let evaluation: Evaluation | null = null
    let error: NexusError | null = null
    for (const subject of subjects) {
      const normal = this.#normalize(subject)
      if (quickLimits !== null) {
        const { quick } = this.#prepared()
        const value = quick.check(this.#graph, objectType, objectId, relation, normal, quickLimits)
        if (value === TRUE) return true
        if (value === FALSE) continue
      }
      if (evaluation === null) {
        evaluation = this.#current()
        evaluation.limit.restart()
      }
      const outcome = evaluation.check(objectType, objectId, relation, normal)
      if (outcome.value === TRUE) return true
      if (outcome.value === ERROR) error ??= outcome.error
    }
    if (error !== null) throw error
    return false
  }

  /** Whether whoever has the relation on an object of the type, other than a userset, has it on everything below as well. */
  holdsBelow(objectType: string, relationName: string): boolean {
    const plans = this.#prepared()
    const kind = this.#graph.kinds.find(objectType, '', false)
    const relation = this.#graph.symbols.find(relationName)
    const plan = kind === null || relation < 0 ? null : plans.reach.relation(kind, relation)
    return plan !== null && holdsBelow(plans, plan)
  }

  /** The objects on which any of the subjects has a relation. */
  listObjects(question: ListObjectsQuestion): readonly ListedObject[] {
    return atOnce(this.listObjectsInSteps(question))
  }

  /** The same for lists that may be long. The graph must not change until it ends. */
  listObjectsInSteps(question: ListObjectsQuestion): Steps<readonly ListedObject[]> {
    return listObjects(this.#current(), { ...question, subjects: this.#normalizeAll(question.subjects) })
  }

  /** Whether what plain subjects have a relation on, besides what is listed, lies below what is listed. */
  listCoversAll(question: Pick<ListObjectsQuestion, 'objectType' | 'relation'>): boolean {
    return listCoversAll(this.#current(), question)
  }

  /** Who has a relation on an object. */
  listSubjects(question: ListSubjectsQuestion): readonly ListedSubject[] {
    return atOnce(this.listSubjectsInSteps(question))
  }

  /** The same for lists that may be long. The graph must not change until it ends. */
  listSubjectsInSteps(question: ListSubjectsQuestion): Steps<readonly ListedSubject[]> {
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

  /** Whether it is time to look at the clock and the deadline has passed; the complete evaluation then says so. */
  #isDue(): boolean {
    if (this.#options.deadline === Infinity || this.#asked++ % CLOCK_INTERVAL !== 0) return false
    return this.#options.deadline <= Date.now()
  }

  #current(): Evaluation {
    this.#prepared()
    return (this.#evaluation ??= new Evaluation(this.#schema, this.#graph, this.#options))
  }

  /** The plans, over the graph as it is now. */
  #prepared(): PlanCache {
    if (this.#graph.version !== this.#version) {
      this.#evaluation = null
      this.#plans = prepareGraph(this.#schema, this.#graph)
      this.#version = this.#graph.version
    }
    return this.#plans
  }

  #normalizeAll(subjects: readonly Subject[]): readonly Subject[] {
    return subjects.map((subject) => this.#normalize(subject))
  }

  #normalize(subject: Subject): Subject {
    if (subject.tenant !== '') return subject
    const id = normalizeIn(this.#plans.hierarchies, subject.type, subject.id)
    return id === subject.id ? subject : { ...subject, id }
  }
}

/** null if a request has something that quick questions do not know. */
function quickLimitsOf({ contextual, maxDepth, nodeBudget, now }: EvaluationOptions): QuickLimits | null {
  if (contextual.length > 0 || maxDepth > 0) return null
  return { now, maxSteps: nodeBudget === 0 ? MAX_STEPS : Math.min(nodeBudget, MAX_STEPS) }
}
