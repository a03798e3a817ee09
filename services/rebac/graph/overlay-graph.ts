import type { Relationship, RelationshipChange, RelationshipKey } from '../model/relationship.ts'
import { WILDCARD_ID } from '../model/relationship.ts'
import type { GraphReader } from './graph-reader.ts'
import { type Kind, Kinds, Symbols } from './kinds.ts'

/** Numbers of nodes, slots and edges from here on are the overlay's. Ghosts of the evaluator come after them. */
export const OVERLAY_BASE = 2 ** 29

interface LayerSlot {
  readonly node: number
  readonly relation: number
  /** The next slot of the node, of the layer or of the graph below. */
  readonly next: number
}

interface LayerEdge {
  readonly object: number
  readonly subject: number
  /** The next edge of the layer in the same lists; 0 at their end. */
  readonly nextForward: number
  readonly nextReverse: number
  readonly relationship: Relationship
}

/** The edges of the layer at one slot. */
interface LayerLists {
  firstObject: number
  firstUserset: number
  firstReverse: number
  objectCount: number
  reverseCount: number
}

/**
 * A graph with some changes, without copying or touching it: contextual relationships over the present, or inverted log
 * entries for an exact snapshot. It is meant for few changes, and is valid until the graph below changes.
 */
export class OverlayGraph implements GraphReader {
  readonly revision: number
  readonly version: number
  readonly symbols: Symbols
  readonly kinds: Kinds
  readonly #below: GraphReader
  readonly #nodes: { readonly kind: Kind; readonly id: string }[] = []
  readonly #nodeNumbers = new Map<number, Map<string, number>>()
  readonly #slots: LayerSlot[] = []
  readonly #edges: LayerEdge[] = []
  readonly #edgeNumbers = new Map<number, Map<number, number>>()
  readonly #lists = new Map<number, LayerLists>()
  /** The first slot of a node that has slots in the layer. */
  readonly #firstSlots = new Map<number, number>()
  readonly #selfSlots = new Map<number, number>()
  readonly #wildcardSlots = new Map<string, number>()
  readonly #removed = new Set<number>()

  /** Each key may be named by one change only. */
  constructor(below: GraphReader, changes: readonly RelationshipChange[]) {
    this.#below = below
    this.revision = below.revision
    this.version = below.version
    const symbols = new Symbols(below.symbols)
    const kinds = new Kinds(below.kinds)
    for (const { before, after } of changes) {
      if (before !== null) this.#remove(before)
      if (after !== null) this.#add(after, symbols, kinds)
    }
    // Without new names, what was prepared for the graph below serves here too.
    const hasNames = symbols.count > 0 || kinds.count > 0
    this.symbols = hasNames ? symbols : below.symbols
    this.kinds = hasNames ? kinds : below.kinds
  }

  findNode(kind: number, id: string): number {
    return this.#below.findNode(kind, id) || (this.#nodeNumbers.get(kind)?.get(id) ?? 0)
  }

  nodeKind(node: number): Kind {
    return node >= OVERLAY_BASE ? this.#nodes[node - OVERLAY_BASE]!.kind : this.#below.nodeKind(node)
  }

  nodeId(node: number): string {
    return node >= OVERLAY_BASE ? this.#nodes[node - OVERLAY_BASE]!.id : this.#below.nodeId(node)
  }

  firstSlot(node: number): number {
    return this.#firstSlots.get(node) ?? (node >= OVERLAY_BASE ? 0 : this.#below.firstSlot(node))
  }

  nextSlot(slot: number): number {
    return slot >= OVERLAY_BASE ? this.#slots[slot - OVERLAY_BASE]!.next : this.#below.nextSlot(slot)
  }

  findSlot(node: number, relation: number): number {
    const below = node >= OVERLAY_BASE ? 0 : this.#below.findSlot(node, relation)
    if (below !== 0) return below
    if (relation === 0) return this.#selfSlots.get(node) ?? 0
    for (let slot = this.#firstSlots.get(node) ?? 0; slot >= OVERLAY_BASE; slot = this.nextSlot(slot)) {
      if (this.slotRelation(slot) === relation) return slot
    }
    return 0
  }

  wildcardSlot(type: string): number {
    return this.#below.wildcardSlot(type) || (this.#wildcardSlots.get(type) ?? 0)
  }

  slotNode(slot: number): number {
    return slot >= OVERLAY_BASE ? this.#slots[slot - OVERLAY_BASE]!.node : this.#below.slotNode(slot)
  }

  slotRelation(slot: number): number {
    return slot >= OVERLAY_BASE ? this.#slots[slot - OVERLAY_BASE]!.relation : this.#below.slotRelation(slot)
  }

  findEdge(objectSlot: number, subjectSlot: number): number {
    const own = this.#edgeNumbers.get(objectSlot)?.get(subjectSlot)
    if (own !== undefined) return own
    if (objectSlot >= OVERLAY_BASE || subjectSlot >= OVERLAY_BASE) return 0
    const edge = this.#below.findEdge(objectSlot, subjectSlot)
    return this.#removed.has(edge) ? 0 : edge
  }

  firstObjectEdge(slot: number): number {
    return this.#lists.get(slot)?.firstObject || this.#firstBelow(slot, 'object')
  }

  firstUsersetEdge(slot: number): number {
    return this.#lists.get(slot)?.firstUserset || this.#firstBelow(slot, 'userset')
  }

  nextForward(edge: number): number {
    if (edge < OVERLAY_BASE) return this.#present(this.#below.nextForward(edge), 'forward')
    const { nextForward, object, subject } = this.#edges[edge - OVERLAY_BASE]!
    return nextForward || this.#firstBelow(object, this.slotRelation(subject) === 0 ? 'object' : 'userset')
  }

  firstReverse(slot: number): number {
    return this.#lists.get(slot)?.firstReverse || this.#firstBelow(slot, 'reverse')
  }

  nextReverse(edge: number): number {
    if (edge < OVERLAY_BASE) return this.#present(this.#below.nextReverse(edge), 'reverse')
    const { nextReverse, subject } = this.#edges[edge - OVERLAY_BASE]!
    return nextReverse || this.#firstBelow(subject, 'reverse')
  }

  objectEdgeCount(slot: number): number {
    const below = slot >= OVERLAY_BASE ? 0 : this.#below.objectEdgeCount(slot)
    return below + (this.#lists.get(slot)?.objectCount ?? 0)
  }

  reverseCount(slot: number): number {
    const below = slot >= OVERLAY_BASE ? 0 : this.#below.reverseCount(slot)
    return below + (this.#lists.get(slot)?.reverseCount ?? 0)
  }

  edgeObject(edge: number): number {
    return edge >= OVERLAY_BASE ? this.#edges[edge - OVERLAY_BASE]!.object : this.#below.edgeObject(edge)
  }

  edgeSubject(edge: number): number {
    return edge >= OVERLAY_BASE ? this.#edges[edge - OVERLAY_BASE]!.subject : this.#below.edgeSubject(edge)
  }

  isPlain(edge: number): boolean {
    if (edge < OVERLAY_BASE) return this.#below.isPlain(edge)
    const { conditionName, expiresAt } = this.relationship(edge)
    return conditionName === '' && expiresAt === null
  }

  expiresAt(edge: number): number | null {
    return edge >= OVERLAY_BASE ? this.relationship(edge).expiresAt : this.#below.expiresAt(edge)
  }

  conditionName(edge: number): string {
    return edge >= OVERLAY_BASE ? this.relationship(edge).conditionName : this.#below.conditionName(edge)
  }

  relationship(edge: number): Relationship {
    return edge >= OVERLAY_BASE ? this.#edges[edge - OVERLAY_BASE]!.relationship : this.#below.relationship(edge)
  }

  /** What the layer adds stands in no tree: see NodeSpace. */
  parentOf(node: number): number {
    return node >= OVERLAY_BASE ? 0 : this.#below.parentOf(node)
  }

  firstChild(node: number): number {
    return node >= OVERLAY_BASE ? 0 : this.#below.firstChild(node)
  }

  nextSibling(node: number): number {
    return node >= OVERLAY_BASE ? 0 : this.#below.nextSibling(node)
  }

  *addedNodes(): Generator<number> {
    yield* this.#below.addedNodes()
    for (let at = 0; at < this.#nodes.length; at++) yield OVERLAY_BASE + at
  }

  #firstBelow(slot: number, list: 'object' | 'userset' | 'reverse'): number {
    if (slot >= OVERLAY_BASE) return 0
    if (list === 'reverse') return this.#present(this.#below.firstReverse(slot), 'reverse')
    const first = list === 'object' ? this.#below.firstObjectEdge(slot) : this.#below.firstUsersetEdge(slot)
    return this.#present(first, 'forward')
  }

  /** The first edge from here on that was not removed. */
  #present(first: number, direction: 'forward' | 'reverse'): number {
    let edge = first
    while (edge !== 0 && this.#removed.has(edge)) {
      edge = direction === 'forward' ? this.#below.nextForward(edge) : this.#below.nextReverse(edge)
    }
    return edge
  }

  #remove(key: RelationshipKey): void {
    const { symbols, kinds } = this.#below
    const objectKind = kinds.find(key.objectType, '', false)
    const subjectKind = kinds.find(key.subjectType, key.subjectTenant, key.subjectId === WILDCARD_ID)
    const relation = symbols.find(key.relation)
    const subjectRelation = symbols.find(key.subjectRelation)
    if (objectKind === null || subjectKind === null || relation < 0 || subjectRelation < 0) return
    const objectNode = this.#below.findNode(objectKind.number, key.objectId)
    const subjectNode = this.#below.findNode(subjectKind.number, key.subjectId)
    if (objectNode === 0 || subjectNode === 0) return
    const objectSlot = this.#below.findSlot(objectNode, relation)
    const subjectSlot = this.#below.findSlot(subjectNode, subjectRelation)
    const edge = objectSlot === 0 || subjectSlot === 0 ? 0 : this.#below.findEdge(objectSlot, subjectSlot)
    if (edge !== 0) this.#removed.add(edge)
  }

  #add(relationship: Relationship, symbols: Symbols, kinds: Kinds): void {
    const { objectType, objectId, subjectType, subjectTenant, subjectId } = relationship
    const objectNode = this.#node(kinds.intern(objectType, '', false), objectId)
    const subjectNode = this.#node(kinds.intern(subjectType, subjectTenant, subjectId === WILDCARD_ID), subjectId)
    const object = this.#slot(objectNode, symbols.intern(relationship.relation))
    const subject = this.#slot(subjectNode, symbols.intern(relationship.subjectRelation))
    const isUserset = relationship.subjectRelation !== ''
    const edge = OVERLAY_BASE + this.#edges.length
    const ofObject = this.#listsOf(object)
    const nextForward = isUserset ? ofObject.firstUserset : ofObject.firstObject
    if (isUserset) ofObject.firstUserset = edge
    else ofObject.firstObject = edge
    if (!isUserset) ofObject.objectCount++
    const ofSubject = this.#listsOf(subject)
    const nextReverse = ofSubject.firstReverse
    ofSubject.firstReverse = edge
    ofSubject.reverseCount++
    this.#edges.push({ object, subject, nextForward, nextReverse, relationship })
    let numbers = this.#edgeNumbers.get(object)
    if (numbers === undefined) this.#edgeNumbers.set(object, (numbers = new Map()))
    numbers.set(subject, edge)
  }

  #node(kind: Kind, id: string): number {
    const found = this.findNode(kind.number, id)
    if (found !== 0) return found
    const node = OVERLAY_BASE + this.#nodes.length
    this.#nodes.push({ kind, id })
    let numbers = this.#nodeNumbers.get(kind.number)
    if (numbers === undefined) this.#nodeNumbers.set(kind.number, (numbers = new Map()))
    numbers.set(id, node)
    return node
  }

  #slot(node: number, relation: number): number {
    const found = this.findSlot(node, relation)
    if (found !== 0) return found
    const slot = OVERLAY_BASE + this.#slots.length
    this.#slots.push({ node, relation, next: relation === 0 ? 0 : this.firstSlot(node) })
    const kind = this.nodeKind(node)
    if (kind.wildcard) this.#wildcardSlots.set(kind.type, slot)
    if (relation === 0) this.#selfSlots.set(node, slot)
    else this.#firstSlots.set(node, slot)
    return slot
  }

  #listsOf(slot: number): LayerLists {
    let lists = this.#lists.get(slot)
    if (lists === undefined) {
      lists = { firstObject: 0, firstUserset: 0, firstReverse: 0, objectCount: 0, reverseCount: 0 }
      this.#lists.set(slot, lists)
    }
    return lists
  }
}
