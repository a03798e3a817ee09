import { PairTable } from '../graph/pair-table.ts'
import type { Kind } from '../graph/kinds.ts'
import type { AskedSubject } from './asked-subject.ts'
import type { EdgeJudge } from './edge-judge.ts'
import type { NodeSpace } from './node-space.ts'
import type { Granted, ReverseIndex } from './reverse-index.ts'
import { EDGES_PER_STEP, type Steps } from './steps.ts'
import type { WorkLimit } from './work-limit.ts'
import type { Schema } from '../schema/schema.ts'

/** No relation has this number. */
const DIRECT = 0

interface CandidateSetup {
  readonly schema: Schema
  readonly nodes: NodeSpace
  readonly judge: EdgeJudge
  readonly limit: WorkLimit
  readonly index: ReverseIndex
}

/** What was found, each once. */
export interface Found {
  readonly nodes: readonly number[]
  /** So many of them, from the first on, have the relation; the others are to be checked. */
  readonly certain: number
}

/**
 * The objects on which a subject may have a relation: a walk from the subject along all relationships towards objects.
 * First along what grants without condition, end or operator, so that what it finds need not be checked; then along the
 * rest, where it looks neither at conditions nor at what intersections and exclusions take away. What it does not find
 * is certainly "no".
 */
export class Candidates {
  readonly #setup: CandidateSetup
  readonly #kind: Kind
  readonly #relation: number
  readonly #seen = new PairTable(2)
  readonly #nodes: number[] = []
  readonly #relations: number[] = []
  readonly #found: number[] = []
  /** The first relationships of lists that are still to be read, and what is looked up on their subject, or DIRECT. */
  readonly #edges: number[] = []
  readonly #targets: number[] = []
  /** Objects of hierarchical types whose children are still to be reached. */
  readonly #families: { readonly node: number; readonly granted: readonly Granted[] }[] = []
  #isCertain = true
  /** Where the second walk begins. */
  readonly #openNodes: number[] = []
  readonly #openRelations: number[] = []

  constructor(setup: CandidateSetup, kind: Kind, relation: number) {
    this.#setup = setup
    this.#kind = kind
    this.#relation = relation
  }

  /** In steps. @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED */
  *collect(asked: AskedSubject): Steps<Found> {
    for (const slot of asked.slots) this.#open(slot, DIRECT)
    const { usersetNode, usersetRelation } = asked
    if (usersetNode !== 0) this.#startUserset(usersetNode, usersetRelation)
    this.#startDerived(asked)
    yield* this.#walk()
    const certain = this.#found.length
    this.#isCertain = false
    for (const [index, node] of this.#openNodes.entries()) this.#reach(node, this.#openRelations[index]!)
    yield* this.#walk()
    return { nodes: this.#found, certain }
  }

  *#walk(): Steps<void> {
    const { graph } = this.#setup.nodes
    for (let looked = 1; ; ) {
      for (let edge = this.#edges.pop(); edge !== undefined; edge = this.#edges.pop()) {
        const target = this.#targets.pop()!
        for (let next = edge; next !== 0; next = graph.nextReverse(next)) {
          this.#edge(next, target)
          if (looked++ % EDGES_PER_STEP === 0) yield
        }
      }
      for (let family = this.#families.pop(); family !== undefined; family = this.#families.pop()) {
        for (const child of this.#setup.nodes.children(family.node)) {
          this.#reachAll(child, family.granted)
          if (looked++ % EDGES_PER_STEP === 0) yield
        }
      }
      const node = this.#nodes.pop()
      if (node === undefined) return
      this.#visit(node, this.#relations.pop()!)
      if (looked++ % EDGES_PER_STEP === 0) yield
    }
  }

  #startUserset(node: number, relation: number): void {
    for (const containing of this.#setup.index.containing(this.#setup.nodes.kind(node), relation)) {
      this.#reachFor(node, containing.relation, containing.certain)
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
    this.#families.push({ node: nodes.resolve(kind, subject.id), granted: index.direct(kind, relation) })
  }

  #visit(node: number, relation: number): void {
    const { nodes, limit, schema, index } = this.#setup
    limit.spend()
    const userset = nodes.findSlot(node, relation)
    if (userset !== 0) this.#open(userset, DIRECT)
    if (!index.targets.has(relation)) return
    const self = nodes.findSlot(node, 0)
    if (self !== 0) this.#open(self, relation)
    const kind = nodes.kind(node)
    const hierarchy = schema.types.get(kind.type)?.hierarchy ?? null
    const tupleset = hierarchy === null ? -1 : nodes.graph.symbols.find(hierarchy.relation)
    if (tupleset < 0) return
    const granted = index.from(kind, tupleset, relation)
    if (granted.length > 0) this.#families.push({ node, granted })
  }

  /** All relationships with this subject are to be looked at. */
  #open(slot: number, target: number): void {
    const first = this.#setup.nodes.graph.firstReverse(slot)
    if (first === 0) return
    this.#edges.push(first)
    this.#targets.push(target)
  }

  /** A relationship that names the subject directly, or through which others follow it. */
  #edge(edge: number, target: number): void {
    const { nodes, index } = this.#setup
    const object = nodes.graph.edgeObject(edge)
    const node = nodes.graph.slotNode(object)
    const kind = nodes.graph.nodeKind(node)
    const relation = nodes.graph.slotRelation(object)
    const granted = target === DIRECT ? index.direct(kind, relation) : index.from(kind, relation, target)
    this.#admitted(edge, node, granted)
  }

  #admitted(edge: number, node: number, granted: readonly Granted[]): void {
    const { judge, limit, nodes } = this.#setup
    limit.spend()
    const isPlain = nodes.graph.isPlain(edge)
    for (const { relation, through, certain } of granted) {
      if (this.#isUseful(node, relation) && judge.admits(through, edge))
        this.#reachFor(node, relation, certain && isPlain)
    }
  }

  #reachAll(node: number, granted: readonly Granted[]): void {
    for (const { relation, certain } of granted) {
      if (this.#isUseful(node, relation)) this.#reachFor(node, relation, certain)
    }
  }

  /** Whether a relation of an object can lead on, or is what is asked for. */
  #isUseful(node: number, relation: number): boolean {
    if (relation === this.#relation || this.#setup.index.targets.has(relation)) return true
    const { nodes } = this.#setup
    const slot = nodes.findSlot(node, relation)
    return slot !== 0 && nodes.graph.firstReverse(slot) !== 0
  }

  #reachFor(node: number, relation: number, certain: boolean): void {
    if (certain || !this.#isCertain) {
      this.#reach(node, relation)
    } else {
      this.#openNodes.push(node)
      this.#openRelations.push(relation)
    }
  }

  #reach(node: number, relation: number): void {
    if (this.#seen.find(node, relation) !== 0) return
    this.#seen.add(node, relation)
    this.#nodes.push(node)
    this.#relations.push(relation)
    if (relation === this.#relation && this.#setup.nodes.kind(node).number === this.#kind.number) this.#found.push(node)
  }
}
