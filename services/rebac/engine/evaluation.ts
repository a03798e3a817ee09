import type { NexusError } from '../../common/errors/nexus-error.ts'
import type { BaseGraph, GraphReader } from '../graph/graph-reader.ts'
import { OverlayGraph } from '../graph/overlay-graph.ts'
import type { Subject } from '../model/relationship.ts'
import type { Schema } from '../schema/schema.ts'
import { type AskedSubject, askSubject } from './asked-subject.ts'
import { contextualChanges } from './contextual.ts'
import { EdgeJudge } from './edge-judge.ts'
import { Machine, type MachineSetup } from './machine.ts'
import { NodeSpace } from './node-space.ts'
import type { EvaluationOptions } from './options.ts'
import { type PlanCache, plansFor, prepareGraph } from './plan-cache.ts'
import type { Reach } from './reach.ts'
import { SubjectEvaluators } from './subject-evaluators.ts'
import { ERROR, FALSE, TRUE, type Value } from './values.ts'
import { WorkLimit } from './work-limit.ts'

export interface Outcome {
  readonly value: Value
  readonly error: NexusError | null
}

const DENIED: Outcome = { value: FALSE, error: null }
const ALLOWED: Outcome = { value: TRUE, error: null }

/** The state of one request over one state of the graph. */
export class Evaluation {
  readonly schema: Schema
  readonly graph: GraphReader
  readonly nodes: NodeSpace
  readonly limit: WorkLimit
  readonly judge: EdgeJudge
  readonly plans: PlanCache
  readonly options: EvaluationOptions
  readonly #setup: MachineSetup
  readonly #checks: SubjectEvaluators
  #listSetup: MachineSetup | null = null
  #lists: SubjectEvaluators | null = null

  constructor(schema: Schema, graph: BaseGraph, options: EvaluationOptions) {
    this.schema = schema
    this.options = options
    this.plans = prepareGraph(schema, graph)
    this.graph = graph
    if (options.contextual.length > 0) {
      this.graph = new OverlayGraph(graph, contextualChanges(schema, graph, options))
      this.plans = plansFor(schema, this.graph)
    }
    this.nodes = new NodeSpace(this.graph, schema)
    this.limit = new WorkLimit(options)
    this.judge = new EdgeJudge(this.graph, schema, options.now, options.context)
    const { nodes, judge, limit } = this
    this.#setup = { plans: this.plans.plans, nodes, judge, limit, maxDepth: options.maxDepth, conditionsLast: false }
    this.#checks = new SubjectEvaluators(this.#setup, this.plans.reach)
  }

  /** The value of a question about one subject; a cycle is FALSE. */
  check(objectType: string, objectId: string, relationName: string, subject: Subject): Outcome {
    const kind = this.graph.kinds.find(objectType, '', false)
    const relation = this.graph.symbols.find(relationName)
    const plan = kind === null || relation < 0 ? null : this.plans.reach.relation(kind, relation)
    if (kind === null || plan === null) return isItself(objectType, objectId, relationName, subject) ? ALLOWED : DENIED
    const reach = this.#checks.of(subject)
    const value = reach.search(this.nodes.resolve(kind, objectId), plan)
    if (value === TRUE) return ALLOWED
    return value === ERROR ? { value, error: reach.error } : DENIED
  }

  ask(subject: Subject): AskedSubject {
    return askSubject(this.nodes, subject)
  }

  /** Whether an unexpired relationship names the object, as its object or subject. */
  occurs(node: number): boolean {
    const { nodes, graph } = this
    for (let slot = nodes.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) {
      for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
        if (this.judge.isPresent(edge)) return true
      }
      for (let edge = graph.firstUsersetEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
        if (this.judge.isPresent(edge)) return true
      }
      if (this.#isSubject(slot)) return true
    }
    const self = nodes.findSlot(node, 0)
    return self !== 0 && this.#isSubject(self)
  }

  #isSubject(slot: number): boolean {
    const { graph } = this
    for (let edge = graph.firstReverse(slot); edge !== 0; edge = graph.nextReverse(edge)) {
      if (this.judge.isPresent(edge)) return true
    }
    return false
  }

  /** The exact evaluator of checks for one subject. */
  checkMachine(asked: AskedSubject): Machine {
    return new Machine(this.#setup, asked)
  }

  /** The exact evaluator of lists for one subject. */
  listMachine(asked: AskedSubject): Machine {
    return new Machine(this.#forLists(), asked)
  }

  /** The fast evaluator of lists for one subject. */
  listReach(subject: Subject): Reach {
    return (this.#lists ??= new SubjectEvaluators(this.#forLists(), this.plans.reach)).of(subject)
  }

  #forLists(): MachineSetup {
    return (this.#listSetup ??= { ...this.#setup, conditionsLast: true })
  }
}

function isItself(objectType: string, objectId: string, relation: string, subject: Subject): boolean {
  return (
    subject.relation === relation && subject.type === objectType && subject.id === objectId && subject.tenant === ''
  )
}
