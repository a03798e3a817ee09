import { PairTable } from '../graph/pair-table.ts'
import { subjectText } from '../schema/subject-text.ts'
import type { DirectRelation } from './direct-relation.ts'
import type { Evaluation } from './evaluation.ts'
import type { Plan, RelationPlan } from './plan.ts'
import type { Subject } from '../model/relationship.ts'
import { EDGES_PER_STEP, type Steps } from './steps.ts'

/**
 * Every subject of a type, or userset of a type and relation, that a relation of an object hangs on: whatever stands in
 * a relationship that its evaluation could look at, on the subtracted side of an exclusion too. Whoever is not among
 * them is treated like anybody else.
 */
export class MentionedSubjects {
  readonly #evaluation: Evaluation
  readonly #type: string
  /** 0: plain objects. */
  readonly #relation: number
  readonly #seen = new PairTable(2)
  readonly #queue: { readonly node: number; readonly unit: RelationPlan }[] = []
  readonly #found = new Map<string, Subject>()
  #looked = 0

  constructor(evaluation: Evaluation, type: string, relation: number) {
    this.#evaluation = evaluation
    this.#type = type
    this.#relation = relation
  }

  /** By their text; in steps. @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED */
  *collect(node: number, unit: RelationPlan): Steps<ReadonlyMap<string, Subject>> {
    this.#reach(node, unit)
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      yield* this.#plan(next.node, next.unit.plan)
      yield
    }
    return this.#found
  }

  #reach(node: number, unit: RelationPlan | null): void {
    if (unit === null || this.#seen.find(node, unit.number) !== 0) return
    this.#seen.add(node, unit.number)
    this.#evaluation.limit.spend()
    this.#queue.push({ node, unit })
  }

  /** A userset is a member of itself. */
  #names(node: number, names: readonly number[]): void {
    const { nodes, graph } = this.#evaluation
    if (this.#relation === 0 || !names.includes(this.#relation) || nodes.kind(node).type !== this.#type) return
    this.#add({ tenant: '', type: this.#type, id: nodes.id(node), relation: graph.symbols.name(this.#relation) })
  }

  *#plan(node: number, plan: Plan): Steps<void> {
    switch (plan.kind) {
      case 'union':
        this.#names(node, plan.names)
        for (const direct of plan.direct) yield* this.#direct(node, direct)
        for (const { tupleset, target } of plan.from) yield* this.#from(node, tupleset, target)
        for (const island of plan.islands) yield* this.#plan(node, island)
        return
      case 'intersection':
        for (const child of plan.children) yield* this.#plan(node, child)
        return
      case 'exclusion':
        yield* this.#plan(node, plan.base)
        yield* this.#plan(node, plan.subtract)
        return
      case 'reference':
        this.#reach(node, this.#unit(node, plan.relation))
    }
  }

  *#direct(node: number, direct: DirectRelation): Steps<void> {
    const { nodes, graph, judge, limit } = this.#evaluation
    if (direct.hierarchy !== null && this.#relation === 0 && direct.hierarchy.type === this.#type) {
      const parent = nodes.parent(node, direct.hierarchy)
      if (parent !== 0) this.#add({ tenant: '', type: this.#type, id: nodes.id(parent), relation: '' })
    }
    const slot = nodes.findSlot(node, direct.relation)
    if (slot === 0) return
    if (this.#relation === 0) {
      for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
        limit.spend()
        if (++this.#looked % EDGES_PER_STEP === 0) yield
        const subject = graph.slotNode(graph.edgeSubject(edge))
        const { type, tenant, wildcard } = graph.nodeKind(subject)
        if (type !== this.#type || wildcard || !judge.admits(direct, edge)) continue
        this.#add({ tenant, type, id: nodes.id(subject), relation: '' })
      }
    }
    for (let edge = graph.firstUsersetEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
      limit.spend()
      if (++this.#looked % EDGES_PER_STEP === 0) yield
      if (!judge.admits(direct, edge)) continue
      const subject = graph.edgeSubject(edge)
      const userset = graph.slotNode(subject)
      this.#reach(userset, this.#unit(userset, graph.slotRelation(subject)))
    }
  }

  *#from(node: number, tupleset: DirectRelation, target: number): Steps<void> {
    const { nodes, graph, judge, limit } = this.#evaluation
    const parent = tupleset.hierarchy === null ? 0 : nodes.parent(node, tupleset.hierarchy)
    if (parent !== 0) this.#reach(parent, this.#unit(parent, target))
    const slot = nodes.findSlot(node, tupleset.relation)
    if (slot === 0) return
    for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
      limit.spend()
      if (++this.#looked % EDGES_PER_STEP === 0) yield
      const followed = graph.slotNode(graph.edgeSubject(edge))
      if (judge.admits(tupleset, edge)) this.#reach(followed, this.#unit(followed, target))
    }
  }

  #unit(node: number, relation: number): RelationPlan | null {
    return this.#evaluation.plans.plans.relation(this.#evaluation.nodes.kind(node), relation)
  }

  #add(subject: Subject): void {
    this.#found.set(subjectText(subject), subject)
  }
}
