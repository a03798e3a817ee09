import type { BaseGraph } from '../graph/graph-reader.ts'
import type { Kind } from '../graph/kinds.ts'
import { ANY_SUBJECT_TYPE, type Subject, WILDCARD_ID } from '../model/relationship.ts'
import type { DirectRelation } from './direct-relation.ts'
import type { ReachFrom, ReachPlan, ReachPlans } from './reach-plan.ts'
import { FALSE, TRUE } from './values.ts'

/** The question is one for the complete evaluators. */
export const UNDECIDED = -1

/** More nodes than this are no quick question. They are compared one by one. */
const MAX_NODES = 64
/** How many nodes and relationships a quick question may look at. */
export const MAX_STEPS = 256

/** What a quick question needs of a request. */
export interface QuickLimits {
  /** Milliseconds since 1970; decides what has expired. */
  readonly now: number
  /** At most MAX_STEPS. */
  readonly maxSteps: number
}

/**
 * Answers the questions that need few steps, as nearly all do, without making a single object: the same search as
 * Reach, but with neither conditions nor intersections nor exclusions. Where it meets one of these it goes on, since
 * another way may grant, but never says no. One instance serves all requests of a graph, one after another.
 */
export class QuickCheck {
  readonly #plans: ReachPlans
  readonly #nodes = new Uint32Array(MAX_NODES)
  readonly #nodePlans: ReachPlan[] = []
  #count = 0
  #stepsLeft = 0
  #now = 0
  /** Something was met that could still grant, or fail. */
  #isOpen = false
  // The relationships that name the subject have one of these: itself, its type's wildcard, any-subject. 0: none.
  #self = 0
  #ofType = 0
  #any = 0

  // What the last question was about. Names come from requests, so that each would have to be hashed to be looked up;
  // to compare them costs less, and most questions name the types and the relation of the one before.
  #planType = ''
  #planRelation = ''
  #plan: ReachPlan | null = null
  #latestKind: Kind | null = null

  constructor(plans: ReachPlans) {
    this.#plans = plans
  }

  /** TRUE, FALSE or UNDECIDED, for a plain subject without contextual relationships or a limit of depth. */
  check(
    graph: BaseGraph,
    objectType: string,
    objectId: string,
    relationName: string,
    subject: Subject,
    limits: QuickLimits,
  ): typeof TRUE | typeof FALSE | typeof UNDECIDED {
    if (subject.relation !== '' || subject.id === WILDCARD_ID) return UNDECIDED
    const plan = this.#planOf(graph, objectType, relationName)
    if (plan === null) return UNDECIDED
    this.#count = 0
    this.#stepsLeft = limits.maxSteps
    this.#now = limits.now
    this.#isOpen = false
    if (!this.#begin(graph, plan.kind, objectId, plan)) return UNDECIDED
    if (this.#count === 0) return FALSE
    this.#ask(graph, subject)
    for (let at = 0; at < this.#count; at++) if (this.#visit(graph, this.#nodes[at]!, this.#nodePlans[at]!)) return TRUE
    return this.#isOpen ? UNDECIDED : FALSE
  }

  #planOf(graph: BaseGraph, type: string, relationName: string): ReachPlan | null {
    if (this.#plan !== null && type === this.#planType && relationName === this.#planRelation) return this.#plan
    const kind = graph.kinds.find(type, '', false)
    const relation = graph.symbols.find(relationName)
    const plan = kind === null || relation < 0 ? null : this.#plans.relation(kind, relation)
    this.#planType = type
    this.#planRelation = relationName
    return (this.#plan = plan)
  }

  #subjectKind(graph: BaseGraph, type: string, tenant: string): Kind | null {
    const latest = this.#latestKind
    if (latest !== null && latest.type === type && latest.tenant === tenant) return latest
    return (this.#latestKind = graph.kinds.find(type, tenant, false))
  }

  /** Finds the object or, where nothing names it, what is above it. False if that cannot be said quickly. */
  #begin(graph: BaseGraph, kind: Kind, id: string, plan: ReachPlan): boolean {
    const separator = plan.derived?.hierarchy.separator ?? ''
    // Separators of one ASCII character, that is all but odd ones, have a way to what is above.
    const isPath = separator.length === 1 && separator < '\u0080'
    const node = isPath ? graph.findNearest(kind.number, id, separator.charCodeAt(0)) : graph.findNode(kind.number, id)
    if (node > 0) {
      this.#reach(graph, node, plan)
      return true
    }
    if (!plan.grantsWithoutRelationships) return true
    const passedOn = isPath ? this.#passedOn(plan, kind) : null
    if (passedOn === null) return false
    if (node < 0) this.#reach(graph, -node, passedOn)
    return true
  }

  /** The plan that holds at every object above one without relationships; null if they differ, or more is to be done. */
  #passedOn(plan: ReachPlan, kind: Kind): ReachPlan | null {
    if (plan.derived === null || needsMore(plan)) return null
    const above = this.#plans.next(plan.derived, kind)
    if (above === null || above.derived === null || needsMore(above)) return null
    return this.#plans.next(above.derived, kind) === above ? above : null
  }

  #ask(graph: BaseGraph, { type, tenant, id }: Subject): void {
    const kind = this.#subjectKind(graph, type, tenant)
    const node = kind === null ? 0 : graph.findNode(kind.number, id)
    this.#self = node === 0 ? 0 : graph.findSlot(node, 0)
    this.#ofType = tenant === '' ? graph.wildcardSlot(type) : 0
    this.#any = graph.wildcardSlot(ANY_SUBJECT_TYPE)
  }

  #reach(graph: BaseGraph, node: number, plan: ReachPlan): void {
    if (!plan.grantsWithoutRelationships && graph.firstSlot(node) === 0) return
    for (let at = 0; at < this.#count; at++) if (this.#nodes[at] === node && this.#nodePlans[at] === plan) return
    if (this.#count === MAX_NODES) {
      this.#isOpen = true
      return
    }
    this.#nodes[this.#count] = node
    this.#nodePlans[this.#count] = plan
    this.#count++
  }

  /** True if this node grants by itself. */
  #visit(graph: BaseGraph, node: number, plan: ReachPlan): boolean {
    if (!this.#spend()) return false
    if (needsMore(plan)) this.#isOpen = true
    for (let slot = graph.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) {
      const relation = graph.slotRelation(slot)
      const direct = plan.direct[relation]
      if (direct !== undefined) {
        if (this.#names(graph, slot, direct)) return true
        this.#usersets(graph, slot, direct)
      }
      const from = plan.from[relation]
      if (from !== undefined) this.#follow(graph, slot, from)
    }
    if (plan.derived === null) return false
    const parent = graph.parentOf(node)
    const above = parent === 0 ? null : this.#plans.next(plan.derived, graph.nodeKind(parent))
    if (above !== null) this.#reach(graph, parent, above)
    return false
  }

  #names(graph: BaseGraph, slot: number, direct: DirectRelation): boolean {
    return (
      (this.#self !== 0 && this.#grants(graph, slot, this.#self, direct)) ||
      (this.#ofType !== 0 && this.#grants(graph, slot, this.#ofType, direct)) ||
      (this.#any !== 0 && this.#grants(graph, slot, this.#any, direct))
    )
  }

  #grants(graph: BaseGraph, slot: number, subject: number, direct: DirectRelation): boolean {
    const edge = graph.findEdge(slot, subject)
    return edge !== 0 && this.#counts(graph, edge) && direct.accepts(graph.nodeKind(graph.slotNode(subject)), 0, '')
  }

  #usersets(graph: BaseGraph, slot: number, direct: DirectRelation): void {
    for (let edge = graph.firstUsersetEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
      if (!this.#spend()) return
      const subject = graph.edgeSubject(edge)
      const node = graph.slotNode(subject)
      const kind = graph.nodeKind(node)
      const relation = graph.slotRelation(subject)
      if (!this.#counts(graph, edge) || !direct.accepts(kind, relation, '')) continue
      const plan = this.#plans.relation(kind, relation)
      if (plan !== null) this.#reach(graph, node, plan)
    }
  }

  #follow(graph: BaseGraph, slot: number, from: ReachFrom): void {
    for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
      if (!this.#spend()) return
      const node = graph.slotNode(graph.edgeSubject(edge))
      const kind = graph.nodeKind(node)
      if (!this.#counts(graph, edge) || !from.tupleset.accepts(kind, 0, '')) continue
      const plan = this.#plans.next(from, kind)
      if (plan !== null) this.#reach(graph, node, plan)
    }
  }

  /** Whether a relationship counts for sure; what has a condition might. */
  #counts(graph: BaseGraph, edge: number): boolean {
    if (graph.isPlain(edge)) return true
    const expiresAt = graph.expiresAt(edge)
    if (expiresAt !== null && expiresAt <= this.#now) return false
    if (graph.conditionName(edge) === '') return true
    this.#isOpen = true
    return false
  }

  /** False if there were too many steps. */
  #spend(): boolean {
    if (--this.#stepsLeft >= 0) return true
    this.#isOpen = true
    return false
  }
}

/** Whether a plan has parts that take the complete evaluators. */
function needsMore({ islands, directHierarchy }: ReachPlan): boolean {
  return islands.length > 0 || directHierarchy !== null
}
