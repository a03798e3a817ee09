import type { NexusError } from '../../common/errors/nexus-error.ts'
import { PairTable } from '../graph/pair-table.ts'
import type { AskedSubject } from './asked-subject.ts'
import { subjectIsDerivedParent } from './derived.ts'
import type { DirectRelation } from './direct-relation.ts'
import { depthExceeded, Machine, type MachineSetup } from './machine.ts'
import { Memo } from './memo.ts'
import type { ReachFrom, ReachPlan, ReachPlans } from './reach-plan.ts'
import { ERROR, FALSE, TRUE, type Value } from './values.ts'

/** A node that was reached. */
interface Entry {
  readonly node: number
  readonly plan: ReachPlan
  /** From where; null: it was asked about. */
  readonly from: Entry | null
  readonly depth: number
}

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
  #machine: Machine | null = null
  /** TRUE or FALSE of (node, plan). Begun with the second search, so that a single one pays nothing for it. */
  #memo: Memo | null = null
  #searches = 0
  readonly #queue: Entry[] = []
  #visited: PairTable | null = null
  #error: NexusError | null = null

  constructor(setup: MachineSetup, plans: ReachPlans, asked: AskedSubject) {
    this.#setup = setup
    this.#plans = plans
    this.#asked = asked
  }

  /** The exact evaluator for the same subject. */
  get machine(): Machine {
    return (this.#machine ??= new Machine(this.#setup, this.#asked))
  }

  get error(): NexusError {
    return this.#error ?? this.machine.error
  }

  /** TRUE, FALSE or ERROR. @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED */
  search(node: number, plan: ReachPlan): Value {
    if (this.#searches++ === 1) this.#memo = new Memo()
    this.#queue.length = 0
    this.#visited = null
    this.#error = null
    if (this.#reach(node, plan, null)) return TRUE
    for (let at = 0; at < this.#queue.length; at++) {
      const entry = this.#queue[at]!
      if (!this.#visit(entry)) continue
      this.#remember(entry)
      return TRUE
    }
    if (this.#error !== null) return ERROR
    if (this.#memo !== null) for (const entry of this.#queue) this.#memo.set(entry.node, entry.plan.number, FALSE)
    return FALSE
  }

  /** What granted grants to everything that it was reached from. */
  #remember(end: Entry): void {
    if (this.#memo === null) return
    for (let entry: Entry | null = end; entry !== null; entry = entry.from) {
      this.#memo.set(entry.node, entry.plan.number, TRUE)
    }
  }

  /** Queues a node unless it was; true if it is known to grant. */
  #reach(node: number, plan: ReachPlan, from: Entry | null): boolean {
    if (this.#leadsNowhere(node, plan)) return false
    const known = this.#memo?.get(node, plan.number)
    if (known !== undefined) {
      if (known === TRUE && from !== null) this.#remember(from)
      return known === TRUE
    }
    if (this.#isQueued(node, plan)) return false
    const depth = from === null ? 0 : from.depth + 1
    if (this.#setup.maxDepth > 0 && depth > this.#setup.maxDepth) {
      this.#error ??= depthExceeded(this.#setup.maxDepth)
      return false
    }
    this.#queue.push({ node, plan, from, depth })
    if (this.#visited !== null) this.#visited.add(node, plan.number)
    else if (this.#queue.length > SMALL) this.#fillVisited()
    return false
  }

  /** Most of what a relation like `member from viewer` follows are users, who have no members. */
  #leadsNowhere(node: number, plan: ReachPlan): boolean {
    if (plan.grantsWithoutRelationships || this.#setup.nodes.firstSlot(node) !== 0) return false
    return node !== this.#asked.usersetNode
  }

  #isQueued(node: number, plan: ReachPlan): boolean {
    if (this.#visited !== null) return this.#visited.find(node, plan.number) !== 0
    for (const entry of this.#queue) if (entry.node === node && entry.plan === plan) return true
    return false
  }

  #fillVisited(): void {
    this.#visited = new PairTable(2)
    for (const { node, plan } of this.#queue) this.#visited.add(node, plan.number)
  }

  /** True if this node grants by itself. */
  #visit(entry: Entry): boolean {
    const { nodes, limit } = this.#setup
    const { node, plan } = entry
    limit.spend()
    const { usersetNode, usersetRelation } = this.#asked
    if (usersetNode !== 0 && usersetNode === node && plan.names.has(usersetRelation)) return true
    const { graph } = nodes
    for (let slot = nodes.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) {
      const relation = graph.slotRelation(slot)
      const direct = plan.direct[relation]
      if (direct !== undefined && this.#direct(slot, direct, entry)) return true
      const from = plan.from[relation]
      if (from !== undefined && this.#from(slot, from, entry)) return true
    }
    if (plan.derived !== null && this.#derived(node, plan.derived, entry)) return true
    const { directHierarchy } = plan
    if (directHierarchy !== null && subjectIsDerivedParent(nodes, node, directHierarchy, this.#asked)) return true
    return this.#islands(node, plan)
  }

  #direct(slot: number, direct: DirectRelation, entry: Entry): boolean {
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
      if (this.#edge(edge, direct, node, plan, entry)) return true
    }
    return false
  }

  #from(slot: number, from: ReachFrom, entry: Entry): boolean {
    const { graph } = this.#setup.nodes
    for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
      const node = graph.slotNode(graph.edgeSubject(edge))
      const plan = this.#plans.next(from, graph.nodeKind(node))
      if (this.#edge(edge, from.tupleset, node, plan, entry)) return true
    }
    return false
  }

  /** Follows a relationship; true if it grants. */
  #edge(edge: number, direct: DirectRelation, node: number, plan: ReachPlan | null, entry: Entry): boolean {
    const { judge, limit } = this.#setup
    limit.spend()
    const { graph } = this.#setup.nodes
    if (graph.isPlain(edge)) return plan !== null && judge.admits(direct, edge) && this.#reach(node, plan, entry)
    const { wildcard, tenant } = graph.nodeKind(node)
    if (wildcard || tenant !== '' || !judge.admits(direct, edge)) return false
    if (this.#setup.conditionsLast && judge.condition(edge) === ERROR) {
      if (plan !== null && this.#grants(node, plan)) this.#error ??= judge.error(edge)
      return false
    }
    return this.#holds(edge) && plan !== null && this.#reach(node, plan, entry)
  }

  /** Whether what a relationship leads to grants, or might: its condition, which fails, matters only then. */
  #grants(node: number, { asked, kind }: ReachPlan): boolean {
    return asked.some((relation) => {
      const unit = this.#setup.plans.relation(kind, relation)
      const value = unit === null ? FALSE : this.machine.evaluate(node, unit)
      return value === TRUE || value === ERROR
    })
  }

  #derived(node: number, derived: NonNullable<ReachPlan['derived']>, entry: Entry): boolean {
    const { nodes } = this.#setup
    const parent = nodes.parent(node, derived.hierarchy)
    if (parent === 0) return false
    const plan = this.#plans.next(derived, nodes.kind(parent))
    return plan !== null && this.#reach(parent, plan, entry)
  }

  #islands(node: number, plan: ReachPlan): boolean {
    for (const island of plan.islands) {
      const value = this.machine.evaluatePlan(node, island)
      if (value === TRUE) return true
      if (value === ERROR) this.#error ??= this.machine.error
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
