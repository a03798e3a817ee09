import type { NexusError } from '../../common/errors/nexus-error.ts'
import type { GraphReader } from '../graph/graph-reader.ts'
import { OverlayGraph } from '../graph/overlay-graph.ts'
import type { TenantGraph } from '../graph/tenant-graph.ts'
import type { Subject } from '../model/relationship.ts'
import type { Schema } from '../schema/schema.ts'
import { type AskedSubject, askSubject } from './asked-subject.ts'
import { contextualChanges } from './contextual.ts'
import { EdgeJudge } from './edge-judge.ts'
import { Machine, type MachineSetup } from './machine.ts'
import { NodeSpace } from './node-space.ts'
import type { EvaluationOptions } from './options.ts'
import { type PlanCache, plansFor, prepareGraph } from './plan-cache.ts'
import { Reach } from './reach.ts'
import { FALSE, ERROR, TRUE, type Value } from './values.ts'
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
  readonly #check: MachineSetup
  readonly #list: MachineSetup
  readonly #reaches = new Map<string, Reach>()
  readonly #listReaches = new Map<string, Reach>()
  #last: { readonly subject: Subject; readonly reach: Reach } | null = null

  constructor(schema: Schema, graph: TenantGraph, options: EvaluationOptions) {
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
    this.#check = { plans: this.plans.plans, nodes, judge, limit, maxDepth: options.maxDepth, conditionsLast: false }
    this.#list = { ...this.#check, conditionsLast: true }
  }

  /** The value of a question about one subject; a cycle is FALSE. */
  check(objectType: string, objectId: string, relation: string, subject: Subject): Outcome {
    return this.#decide(this.#reachOf(subject), objectType, objectId, relation, subject)
  }

  ask(subject: Subject): AskedSubject {
    return askSubject(this.nodes, subject)
  }

  /** Whether an unexpired relationship names the object, as its object or subject. */
  occurs(node: number): boolean {
    const { nodes, graph } = this
    if (!nodes.occurs(node)) return false
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

  /** The exact evaluator of lists for one subject. */
  listMachine(asked: AskedSubject): Machine {
    return new Machine(this.#list, asked)
  }

  /** The exact evaluator of checks for one subject. */
  checkMachine(asked: AskedSubject): Machine {
    return new Machine(this.#check, asked)
  }

  /** The fast evaluator of lists for one subject. */
  listReach(subject: Subject): Reach {
    const key = subjectKey(subject)
    let reach = this.#listReaches.get(key)
    if (reach === undefined) this.#listReaches.set(key, (reach = this.#makeReach(this.#list, subject)))
    return reach
  }

  #decide(reach: Reach, objectType: string, objectId: string, relationName: string, subject: Subject): Outcome {
    const kind = this.graph.kinds.find(objectType, '', false)
    const relation = this.graph.symbols.find(relationName)
    const plan = kind === null || relation < 0 ? null : this.plans.reach.relation(kind, relation)
    if (kind === null || plan === null) return isItself(objectType, objectId, relationName, subject) ? ALLOWED : DENIED
    const value = reach.search(this.nodes.resolve(kind, objectId), plan)
    if (value === TRUE) return ALLOWED
    return value === ERROR ? { value, error: reach.error } : DENIED
  }

  #reachOf(subject: Subject): Reach {
    // One request is nearly always about one subject.
    if (this.#last !== null && sameSubject(this.#last.subject, subject)) return this.#last.reach
    const key = this.#last === null ? '' : subjectKey(subject)
    let reach = this.#last === null ? undefined : this.#reaches.get(key)
    if (reach === undefined) reach = this.#makeReach(this.#check, subject)
    if (this.#last !== null) {
      this.#reaches.set(subjectKey(this.#last.subject), this.#last.reach)
      this.#reaches.set(key, reach)
    }
    this.#last = { subject, reach }
    return reach
  }

  #makeReach(setup: MachineSetup, subject: Subject): Reach {
    return new Reach(setup, this.plans.reach, this.ask(subject))
  }
}

function isItself(objectType: string, objectId: string, relation: string, subject: Subject): boolean {
  return subject.relation === relation && subject.type === objectType && subject.id === objectId && subject.tenant === ''
}

function sameSubject(a: Subject, b: Subject): boolean {
  return a.id === b.id && a.type === b.type && a.relation === b.relation && a.tenant === b.tenant
}

function subjectKey(subject: Subject): string {
  return `${subject.tenant}\u0000${subject.type}\u0000${subject.id}\u0000${subject.relation}`
}
