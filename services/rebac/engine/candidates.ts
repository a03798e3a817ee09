import { PairTable } from '../graph/pair-table.ts'
import type { Kind } from '../graph/kinds.ts'
import type { AskedSubject } from './asked-subject.ts'
import type { EdgeJudge } from './edge-judge.ts'
import type { NodeSpace } from './node-space.ts'
import type { Granted, ReverseIndex } from './reverse-index.ts'
import type { WorkLimit } from './work-limit.ts'
import type { Schema } from '../schema/schema.ts'

interface CandidateSetup {
  readonly schema: Schema
  readonly nodes: NodeSpace
  readonly judge: EdgeJudge
  readonly limit: WorkLimit
  readonly index: ReverseIndex
}

/**
 * The objects on which a subject may have a relation: a walk from the subject along all relationships towards objects.
 * It looks neither at conditions nor at what intersections and exclusions take away, so each candidate is to be checked;
 * what is not a candidate is certainly "no".
 */
export class Candidates {
  readonly #setup: CandidateSetup
  readonly #kind: Kind
  readonly #relation: number
  readonly #seen = new PairTable(2)
  readonly #nodes: number[] = []
  readonly #relations: number[] = []
  readonly #found: number[] = []

  constructor(setup: CandidateSetup, kind: Kind, relation: number) {
    this.#setup = setup
    this.#kind = kind
    this.#relation = relation
  }

  /** @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED */
  collect(asked: AskedSubject): readonly number[] {
    for (const slot of asked.slots) this.#grantedBy(slot)
    const { usersetNode, usersetRelation } = asked
    if (usersetNode !== 0) this.#startUserset(usersetNode, usersetRelation)
    this.#startDerived(asked)
    for (let node = this.#nodes.pop(); node !== undefined; node = this.#nodes.pop()) {
      this.#visit(node, this.#relations.pop()!)
    }
    return this.#found
  }

  #startUserset(node: number, relation: number): void {
    for (const containing of this.#setup.index.containing(this.#setup.nodes.kind(node), relation)) {
      this.#reach(node, containing)
    }
  }

  /** The subject may be the derived parent of others. */
  #startDerived({ form, subject }: AskedSubject): void {
    const { schema, nodes, index } = this.#setup
    const hierarchy = schema.types.get(subject.type)?.hierarchy ?? null
    if (form !== 'object' || subject.tenant !== '' || hierarchy === null) return
    const kind = nodes.graph.kinds.find(subject.type, '', false)
    const relation = nodes.graph.symbols.find(hierarchy.relation)
    if (kind === null || relation < 0) return
    const granted = index.direct(kind, relation)
    for (const child of nodes.children(nodes.resolve(kind, subject.id))) {
      for (const { relation: reached } of granted) this.#reach(child, reached)
    }
  }

  #visit(node: number, relation: number): void {
    const { nodes, limit, schema, index } = this.#setup
    limit.spend()
    const userset = nodes.findSlot(node, relation)
    if (userset !== 0) this.#grantedBy(userset)
    if (!index.targets.has(relation)) return
    const self = nodes.findSlot(node, 0)
    if (self !== 0) this.#followed(self, relation)
    const kind = nodes.kind(node)
    const hierarchy = schema.types.get(kind.type)?.hierarchy ?? null
    const tupleset = hierarchy === null ? -1 : nodes.graph.symbols.find(hierarchy.relation)
    if (tupleset < 0) return
    const granted = index.from(kind, tupleset, relation)
    if (granted.length === 0) return
    for (const child of nodes.children(node)) this.#reachAll(child, granted)
  }

  /** The relationships that name this subject directly. */
  #grantedBy(slot: number): void {
    const { graph } = this.#setup.nodes
    for (let edge = graph.firstReverse(slot); edge !== 0; edge = graph.nextReverse(edge)) {
      const object = graph.edgeObject(edge)
      const node = graph.slotNode(object)
      this.#admitted(edge, node, this.#setup.index.direct(graph.nodeKind(node), graph.slotRelation(object)))
    }
  }

  /** The relationships through which others follow this object. */
  #followed(slot: number, target: number): void {
    const { graph } = this.#setup.nodes
    for (let edge = graph.firstReverse(slot); edge !== 0; edge = graph.nextReverse(edge)) {
      const object = graph.edgeObject(edge)
      const node = graph.slotNode(object)
      this.#admitted(edge, node, this.#setup.index.from(graph.nodeKind(node), graph.slotRelation(object), target))
    }
  }

  #admitted(edge: number, node: number, granted: readonly Granted[]): void {
    const { judge, limit } = this.#setup
    limit.spend()
    for (const { relation, through } of granted) {
      if (this.#isUseful(node, relation) && judge.admits(through, edge)) this.#reach(node, relation)
    }
  }

  #reachAll(node: number, granted: readonly Granted[]): void {
    for (const { relation } of granted) if (this.#isUseful(node, relation)) this.#reach(node, relation)
  }

  /** Whether a relation of an object can lead on, or is what is asked for. */
  #isUseful(node: number, relation: number): boolean {
    if (relation === this.#relation || this.#setup.index.targets.has(relation)) return true
    const { nodes } = this.#setup
    const slot = nodes.findSlot(node, relation)
    return slot !== 0 && nodes.graph.firstReverse(slot) !== 0
  }

  #reach(node: number, relation: number): void {
    if (this.#seen.find(node, relation) !== 0) return
    this.#seen.add(node, relation)
    this.#nodes.push(node)
    this.#relations.push(relation)
    if (relation === this.#relation && this.#setup.nodes.kind(node).number === this.#kind.number) this.#found.push(node)
  }
}
