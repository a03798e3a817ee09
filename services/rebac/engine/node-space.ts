import type { GraphReader } from '../graph/graph-reader.ts'
import type { Kind } from '../graph/kinds.ts'
import { derivedParentId } from '../schema/hierarchy.ts'
import type { Hierarchy } from '../schema/schema.ts'

/** Numbers from here on are nodes that no relationship names: objects asked about, and derived parents. */
const GHOST_BASE = 2 ** 30

/** The nodes of a graph and, beside them, ghosts: without relationships, but perhaps with a derived parent. */
export class NodeSpace {
  readonly graph: GraphReader
  readonly #ghosts: { readonly kind: Kind; readonly id: string }[] = []
  readonly #ghostNumbers = new Map<number, Map<string, number>>()

  constructor(graph: GraphReader) {
    this.graph = graph
  }

  /** The node of an object, which becomes a ghost if the graph has none. */
  resolve(kind: Kind, id: string): number {
    return this.graph.findNode(kind.number, id) || this.#ghost(kind, id)
  }

  kind(node: number): Kind {
    return node >= GHOST_BASE ? this.#ghosts[node - GHOST_BASE]!.kind : this.graph.nodeKind(node)
  }

  id(node: number): string {
    return node >= GHOST_BASE ? this.#ghosts[node - GHOST_BASE]!.id : this.graph.nodeId(node)
  }

  firstSlot(node: number): number {
    return node >= GHOST_BASE ? 0 : this.graph.firstSlot(node)
  }

  findSlot(node: number, relation: number): number {
    return node >= GHOST_BASE ? 0 : this.graph.findSlot(node, relation)
  }

  /** The derived parent of a node; 0 for a root. */
  parent(node: number, hierarchy: Hierarchy): number {
    const id = derivedParentId(hierarchy, this.id(node))
    return id === null ? 0 : this.resolve(this.kind(node), id)
  }

  #ghost(kind: Kind, id: string): number {
    let numbers = this.#ghostNumbers.get(kind.number)
    if (numbers === undefined) this.#ghostNumbers.set(kind.number, (numbers = new Map()))
    let number = numbers.get(id)
    if (number === undefined) {
      number = GHOST_BASE + this.#ghosts.length
      this.#ghosts.push({ kind, id })
      numbers.set(id, number)
    }
    return number
  }
}
