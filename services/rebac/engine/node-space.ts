import type { GraphReader } from '../graph/graph-reader.ts'
import type { Kind } from '../graph/kinds.ts'
import { OVERLAY_BASE } from '../graph/overlay-graph.ts'
import { derivedParentId } from '../schema/hierarchy.ts'
import type { Hierarchy, Schema } from '../schema/schema.ts'

/** Numbers from here on are nodes that no relationship names: objects asked about, and derived parents. */
const GHOST_BASE = 2 ** 30

/** The nodes of a graph and, beside them, ghosts: without relationships, but perhaps with a derived parent. */
export class NodeSpace {
  readonly graph: GraphReader
  readonly #schema: Schema
  /** Made when they are first needed: most questions are about what is there. */
  #ghosts: { readonly kind: Kind; readonly id: string }[] | null = null
  #ghostNumbers: Map<number, Map<string, number>> | null = null
  /** The children that a layer adds, by their parents. */
  #addedChildren: Map<number, Set<number>> | null = null

  constructor(graph: GraphReader, schema: Schema) {
    this.graph = graph
    this.#schema = schema
  }

  /** The node of an object, which becomes a ghost if the graph has none. */
  resolve(kind: Kind, id: string): number {
    return this.graph.findNode(kind.number, id) || this.#ghost(kind, id)
  }

  kind(node: number): Kind {
    return node >= GHOST_BASE ? this.#ghosts![node - GHOST_BASE]!.kind : this.graph.nodeKind(node)
  }

  id(node: number): string {
    return node >= GHOST_BASE ? this.#ghosts![node - GHOST_BASE]!.id : this.graph.nodeId(node)
  }

  firstSlot(node: number): number {
    return node >= GHOST_BASE ? 0 : this.graph.firstSlot(node)
  }

  findSlot(node: number, relation: number): number {
    return node >= GHOST_BASE ? 0 : this.graph.findSlot(node, relation)
  }

  /** The derived parent of a node of a hierarchical type; 0 for a root. */
  parent(node: number, hierarchy: Hierarchy): number {
    if (node < OVERLAY_BASE) return this.graph.parentOf(node)
    const id = derivedParentId(hierarchy, this.id(node))
    return id === null ? 0 : this.resolve(this.kind(node), id)
  }

  /** The nodes whose derived parent this is: those that occur, or have something below them that does. */
  *children(node: number): Generator<number> {
    if (node < OVERLAY_BASE) {
      for (let child = this.graph.firstChild(node); child !== 0; child = this.graph.nextSibling(child)) yield child
    }
    this.#addedChildren ??= this.#findAddedChildren()
    yield* this.#addedChildren.get(node) ?? []
  }

  #findAddedChildren(): Map<number, Set<number>> {
    const found = new Map<number, Set<number>>()
    for (const added of this.graph.addedNodes()) {
      const kind = this.kind(added)
      const hierarchy =
        kind.wildcard || kind.tenant !== '' ? null : (this.#schema.types.get(kind.type)?.hierarchy ?? null)
      if (hierarchy === null) continue
      for (let node = added; node >= OVERLAY_BASE; ) {
        const parent = this.parent(node, hierarchy)
        if (parent === 0) break
        const siblings = found.get(parent) ?? new Set()
        found.set(parent, siblings.add(node))
        node = parent
      }
    }
    return found
  }

  #ghost(kind: Kind, id: string): number {
    this.#ghosts ??= []
    this.#ghostNumbers ??= new Map()
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
