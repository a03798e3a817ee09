import type { NexusError } from '../../common/errors/nexus-error.ts'
import { PairTable } from '../graph/pair-table.ts'
import type { AskedSubject } from './asked-subject.ts'
import { subjectIsDerivedParent } from './derived.ts'
import type { DirectRelation } from './direct-relation.ts'
import { depthExceeded, Machine, type MachineSetup } from './machine.ts'
import { Memo } from './memo.ts'
import type { ReachFrom, ReachPlan, ReachPlans } from './reach-plan.ts'
import { ERROR, FALSE, TRUE, type Value } from './values.ts'

/** Up to here a search compares with all that it visited, beyond it a table pays. */
const SMALL = 12

/**
 * The fast evaluator, for one subject: a breadth-first search that ends at the first relationship which grants. It may
 * be used at the top only, where a cycle is the same as "no"; intersections and exclusions are left to the machine.
 */
export class Reach {
  readonly #setup: MachineSetup
  readonly #plans: ReachPlans
  readonly #asked: AskedSubject
  readonly #machine: Machine
  /** TRUE or FALSE of (node, plan). Begun with the second search, so that a single one pays nothing for it. */
  #memo: Memo | null = null
  #searches = 0
  // The queue: node, plan, from which entry it was reached.
  readonly #nodes: number[] = []
  readonly #queued: ReachPlan[] = []
  readonly #reachedFrom: number[] = []
  readonly #depths: number[] = []
  #length = 0
  #visited: PairTable | null = null
  #error: NexusError | null = null

  constructor(setup: MachineSetup, plans: ReachPlans, asked: AskedSubject) {
    this.#setup = setup
    this.#plans = plans
    this.#asked = asked
    this.#machine = new Machine(setup, asked)
  }

  /** The exact evaluator for the same subject. */
  get machine(): Machine {
    return this.#machine
  }

  get error(): NexusError {
    return this.#error ?? this.#machine.error
  }

  /** TRUE, FALSE or ERROR. @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED */
  search(node: number, plan: ReachPlan): Value {
    if (this.#searches++ === 1) this.#memo = new Memo()
    this.#length = 0
    this.#visited = null
    this.#error = null
    let found = this.#reach(node, plan, -1) === TRUE ? 0 : -1
    for (let at = 0; at < this.#length && found < 0; at++) {
      if (this.#visit(at)) found = at
    }
    if (found >= 0) {
      if (this.#memo !== null) this.#rememberPath(found)
      return TRUE
    }
    if (this.#error !== null) return ERROR
    if (this.#memo !== null) {
      for (let at = 0; at < this.#length; at++) this.#memo.set(this.#nodes[at]!, this.#queued[at]!.number, FALSE)
    }
    return FALSE
  }

  #rememberPath(end: number): void {
    for (let at = end; at >= 0 && at < this.#length; at = this.#reachedFrom[at]!) {
      this.#memo!.set(this.#nodes[at]!, this.#queued[at]!.number, TRUE)
    }
  }

  /** Queues a node unless it was; TRUE if it is known to grant. */
  #reach(node: number, plan: ReachPlan, from: number): Value {
    const known = this.#memo?.get(node, plan.number)
    if (known !== undefined) return known
    if (this.#isQueued(node, plan)) return FALSE
    const depth = from < 0 ? 0 : this.#depths[from]! + 1
    if (this.#setup.maxDepth > 0 && depth > this.#setup.maxDepth) {
      this.#error ??= depthExceeded(this.#setup.maxDepth)
      return FALSE
    }
    const at = this.#length++
    this.#nodes[at] = node
    this.#queued[at] = plan
    this.#reachedFrom[at] = from
    this.#depths[at] = depth
    if (this.#visited !== null) this.#visited.add(node, plan.number)
    else if (this.#length > SMALL) this.#fillVisited()
    return FALSE
  }

  #isQueued(node: number, plan: ReachPlan): boolean {
    if (this.#visited !== null) return this.#visited.find(node, plan.number) !== 0
    for (let at = this.#length - 1; at >= 0; at--) {
      if (this.#nodes[at] === node && this.#queued[at] === plan) return true
    }
    return false
  }

  #fillVisited(): void {
    this.#visited = new PairTable(2)
    for (let at = 0; at < this.#length; at++) this.#visited.add(this.#nodes[at]!, this.#queued[at]!.number)
  }

  /** True if this node grants by itself. */
  #visit(at: number): boolean {
    const { nodes, limit } = this.#setup
    const node = this.#nodes[at]!
    const plan = this.#queued[at]!
    limit.spend()
    const { usersetNode, usersetRelation } = this.#asked
    if (usersetNode !== 0 && usersetNode === node && plan.names.has(usersetRelation)) return true
    const { graph } = nodes
    for (let slot = nodes.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) {
      const relation = graph.slotRelation(slot)
      const direct = plan.direct[relation]
      if (direct !== undefined && this.#direct(slot, direct, at)) return true
      const from = plan.from[relation]
      if (from !== undefined && this.#from(slot, from, at)) return true
    }
    if (plan.derived !== null && this.#derived(node, plan.derived, at)) return true
    const { directHierarchy } = plan
    if (directHierarchy !== null && subjectIsDerivedParent(nodes, node, directHierarchy, this.#asked)) return true
    return this.#islands(node, plan)
  }

  #direct(slot: number, direct: DirectRelation, at: number): boolean {
    const { nodes, judge } = this.#setup
    const { graph } = nodes
    for (const subject of this.#asked.slots) {
      const edge = graph.findEdge(slot, subject)
      if (edge !== 0 && judge.admits(direct, edge) && this.#holds(edge)) return true
    }
    for (let edge = graph.firstUsersetEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
      const subject = graph.edgeSubject(edge)
      const node = graph.slotNode(subject)
      const plan = this.#plans.relation(graph.nodeKind(node), graph.slotRelation(subject))
      if (this.#edge(edge, direct, node, plan, at)) return true
    }
    return false
  }

  #from(slot: number, from: ReachFrom, at: number): boolean {
    const { graph } = this.#setup.nodes
    for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
      const node = graph.slotNode(graph.edgeSubject(edge))
      const plan = this.#plans.next(from, graph.nodeKind(node))
      if (this.#edge(edge, from.tupleset, node, plan, at)) return true
    }
    return false
  }

  /** Follows a relationship; true if it grants. */
  #edge(edge: number, direct: DirectRelation, node: number, plan: ReachPlan | null, at: number): boolean {
    const { judge, limit } = this.#setup
    limit.spend()
    const { graph } = this.#setup.nodes
    if (graph.isPlain(edge)) return plan !== null && judge.admits(direct, edge) && this.#reach(node, plan, at) === TRUE
    const { wildcard, tenant } = graph.nodeKind(node)
    if (wildcard || tenant !== '' || !judge.admits(direct, edge)) return false
    if (this.#setup.conditionsLast && judge.condition(edge) === ERROR) {
      if (plan !== null && this.#grants(node, plan)) this.#error ??= judge.error(edge)
      return false
    }
    return this.#holds(edge) && plan !== null && this.#reach(node, plan, at) === TRUE
  }

  /** Whether what a relationship leads to grants, or might: its condition, which fails, matters only then. */
  #grants(node: number, { asked, kind }: ReachPlan): boolean {
    return asked.some((relation) => {
      const unit = this.#setup.plans.relation(kind, relation)
      const value = unit === null ? FALSE : this.#machine.evaluate(node, unit)
      return value === TRUE || value === ERROR
    })
  }

  #derived(node: number, derived: NonNullable<ReachPlan['derived']>, at: number): boolean {
    const { nodes } = this.#setup
    const parent = nodes.parent(node, derived.hierarchy)
    if (parent === 0) return false
    const plan = this.#plans.next(derived, nodes.kind(parent))
    return plan !== null && this.#reach(parent, plan, at) === TRUE
  }

  #islands(node: number, plan: ReachPlan): boolean {
    for (const island of plan.islands) {
      const value = this.#machine.evaluatePlan(node, island)
      if (value === TRUE) return true
      if (value === ERROR) this.#error ??= this.#machine.error
    }
    return false
  }

  #holds(edge: number): boolean {
    const { judge } = this.#setup
    const value = judge.condition(edge)
    if (value === ERROR) this.#error ??= judge.error(edge)
    return value === TRUE
  }
}
