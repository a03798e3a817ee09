import { PairTable } from '../graph/pair-table.ts'
import type { AskedSubject } from './asked-subject.ts'
import { subjectIsDerivedParent } from './derived.ts'
import type { Evaluation } from './evaluation.ts'
import type { Machine } from './machine.ts'
import type { Plan, RelationPlan } from './plan.ts'
import { TRUE } from './values.ts'

/**
 * Whether a member is one by itself, and not only as one of everybody: a relationship names it on some way that grants.
 * In an intersection it is enough to be named in one operand; after an exclusion of everybody, to have been spared.
 */
export class ExplicitMember {
  readonly #evaluation: Evaluation
  readonly #asked: AskedSubject
  readonly #machine: Machine
  /** The evaluator for somebody whom no relationship names. */
  readonly #anybody: Machine
  readonly #seen = new PairTable(2)
  readonly #queue: { readonly node: number; readonly plan: Plan }[] = []

  constructor(evaluation: Evaluation, asked: AskedSubject, machine: Machine, anybody: Machine) {
    this.#evaluation = evaluation
    this.#asked = asked
    this.#machine = machine
    this.#anybody = anybody
  }

  test(node: number, unit: RelationPlan): boolean {
    this.#reach(node, unit)
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      if (this.#visit(next.node, next.plan)) return true
    }
    return false
  }

  #visit(node: number, plan: Plan): boolean {
    if (plan.kind === 'reference') {
      this.#reach(node, this.#unit(node, plan.relation))
      return false
    }
    if (plan.kind === 'intersection') {
      if (this.#machine.evaluatePlan(node, plan) !== TRUE) return false
      for (const child of plan.children) this.#queue.push({ node, plan: child })
      return false
    }
    if (plan.kind === 'exclusion') {
      if (this.#machine.evaluatePlan(node, plan) !== TRUE) return false
      if (this.#anybody.evaluatePlan(node, plan.subtract) === TRUE) return true
      this.#queue.push({ node, plan: plan.base })
      return false
    }
    const { nodes, graph, judge } = this.#evaluation
    for (const direct of plan.direct) {
      if (direct.hierarchy !== null && subjectIsDerivedParent(nodes, node, direct.hierarchy, this.#asked)) return true
      const slot = nodes.findSlot(node, direct.relation)
      const edge = slot === 0 || this.#asked.selfSlot === 0 ? 0 : graph.findEdge(slot, this.#asked.selfSlot)
      if (edge !== 0 && judge.admits(direct, edge) && judge.condition(edge) === TRUE) return true
      for (let next = graph.firstUsersetEdge(slot); next !== 0; next = graph.nextForward(next)) {
        const subject = graph.edgeSubject(next)
        const userset = graph.slotNode(subject)
        if (judge.admits(direct, next)) this.#follow(next, userset, graph.slotRelation(subject))
      }
    }
    for (const { tupleset, target } of plan.from) {
      const parent = tupleset.hierarchy === null ? 0 : nodes.parent(node, tupleset.hierarchy)
      if (parent !== 0) this.#reach(parent, this.#unit(parent, target))
      const slot = nodes.findSlot(node, tupleset.relation)
      for (let next = graph.firstObjectEdge(slot); next !== 0; next = graph.nextForward(next)) {
        if (judge.admits(tupleset, next)) this.#follow(next, graph.slotNode(graph.edgeSubject(next)), target)
      }
    }
    for (const island of plan.islands) this.#queue.push({ node, plan: island })
    return false
  }

  #follow(edge: number, node: number, relation: number): void {
    if (this.#evaluation.judge.condition(edge) === TRUE) this.#reach(node, this.#unit(node, relation))
  }

  #reach(node: number, unit: RelationPlan | null): void {
    if (unit === null || this.#seen.find(node, unit.number) !== 0) return
    this.#seen.add(node, unit.number)
    this.#evaluation.limit.spend()
    this.#queue.push({ node, plan: unit.plan })
  }

  #unit(node: number, relation: number): RelationPlan | null {
    return this.#evaluation.plans.plans.relation(this.#evaluation.nodes.kind(node), relation)
  }
}
