import type { Relationship, RelationshipChange, RelationshipKey } from '../model/relationship.ts'
import { ANY_SUBJECT_TYPE, WILDCARD_ID } from '../model/relationship.ts'
import { derivedParentId } from '../schema/hierarchy.ts'
import type { Hierarchy } from '../schema/schema.ts'
import { EdgeDetails } from './edge-details.ts'
import type { BaseGraph } from './graph-reader.ts'
import { type Kind, Kinds, Symbols } from './kinds.ts'
import { NodeTable } from './node-table.ts'
import { NodeTree } from './node-tree.ts'
import { PairTable } from './pair-table.ts'

// The words of a slot; the first two are its key. The slots of a node form a list, headed by the node itself as a subject.
const NODE = 0
const RELATION = 1
const NEXT_OF_NODE = 2
const FIRST_OBJECT = 3
const FIRST_USERSET = 4
const FIRST_REVERSE = 5
const OBJECT_COUNT = 6
const REVERSE_COUNT = 7
const SLOT_STRIDE = 8

// The words of an edge; the first two are its key.
const OBJECT_SLOT = 0
const SUBJECT_SLOT = 1
const NEXT_FORWARD = 2
const PREVIOUS_FORWARD = 3
const NEXT_REVERSE = 4
const PREVIOUS_REVERSE = 5
const EDGE_STRIDE = 6

/**
 * Most lists are short. Their first members are found by walking, and only those behind them stand in a hash table, so
 * that most lookups cost one cache miss instead of two and most records no place in a table.
 */
const WALKED = 4

/**
 * One tenant's relationships in memory. A direct check is a few hash probes; all relationships of an object's relation,
 * and all of a subject, are linked lists. Expired relationships stay until a change removes them: readers look.
 */
export class TenantGraph implements BaseGraph {
  readonly symbols = new Symbols()
  readonly kinds = new Kinds()
  readonly token = {}
  #revision = 0
  #version = 0
  readonly #nodes = new NodeTable()
  readonly #slots = new PairTable(SLOT_STRIDE)
  readonly #edges = new PairTable(EDGE_STRIDE)
  readonly #details = new EdgeDetails()
  readonly #tree = new NodeTree()
  /** By type. Every question about a plain subject needs them. */
  readonly #wildcardSlots = new Map<string, number>()
  /** By the number of the kind. */
  readonly #hierarchies = new Map<number, Hierarchy>()

  /** The tenant's revision that this graph shows. */
  get revision(): number {
    return this.#revision
  }

  get version(): number {
    return this.#version
  }

  /** How many relationships there are, expired ones included. */
  get size(): number {
    return this.#edges.count
  }

  /** About how much memory it holds. */
  memoryBytes(): number {
    return this.#nodes.bytes + this.#slots.bytes + this.#edges.bytes + this.#details.bytes + this.#tree.bytes
  }

  /** Adds relationships, replacing those of the same key; for filling a new graph. */
  load(batch: readonly Relationship[]): void {
    for (const relationship of batch) this.#put(relationship)
    this.#version++
  }

  /** Makes the changes of one revision, in their order. */
  apply(revision: number, changes: readonly RelationshipChange[]): void {
    for (const { before, after } of changes) {
      if (before !== null) this.#delete(before)
      if (after !== null) this.#put(after)
    }
    this.#revision = revision
    this.#version++
  }

  get(key: RelationshipKey): Relationship | undefined {
    const edge = this.#findByKey(key)
    return edge === 0 ? undefined : this.relationship(edge)
  }

  /** Every relationship, in no order. */
  *all(): Generator<Relationship> {
    for (let edge = 1; edge < this.#edges.idLimit; edge++) {
      if (this.#edges.words[edge * EDGE_STRIDE + SUBJECT_SLOT] !== 0) yield this.relationship(edge)
    }
  }

  findNode(kind: number, id: string): number {
    return this.#nodes.find(kind, id)
  }

  findNearest(kind: number, id: string, separator: number): number {
    return this.#nodes.findNearest(kind, id, separator)
  }

  nodeKind(node: number): Kind {
    return this.kinds.get(this.#nodes.kind(node))
  }

  nodeId(node: number): string {
    return this.#nodes.id(node)
  }

  firstSlot(node: number): number {
    const first = this.#nodes.firstSlot(node)
    return this.slotRelation(first) === 0 ? this.nextSlot(first) : first
  }

  nextSlot(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + NEXT_OF_NODE]!
  }

  findSlot(node: number, relation: number): number {
    if (relation === 0) return this.#selfSlot(node)
    const slots = this.#slots.words
    let slot = this.firstSlot(node)
    for (let walked = 0; slot !== 0; slot = slots[slot * SLOT_STRIDE + NEXT_OF_NODE]!) {
      if (slots[slot * SLOT_STRIDE + RELATION] === relation) return slot
      if (++walked === WALKED) return this.#slots.find(node, relation)
    }
    return 0
  }

  wildcardSlot(type: string): number {
    return this.#wildcardSlots.size === 0 ? 0 : (this.#wildcardSlots.get(type) ?? 0)
  }

  slotNode(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + NODE]!
  }

  slotRelation(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + RELATION]!
  }

  findEdge(objectSlot: number, subjectSlot: number): number {
    const edges = this.#edges.words
    let edge = this.#slots.words[objectSlot * SLOT_STRIDE + this.#listOf(subjectSlot)]!
    for (let walked = 0; edge !== 0; edge = edges[edge * EDGE_STRIDE + NEXT_FORWARD]!) {
      if (edges[edge * EDGE_STRIDE + SUBJECT_SLOT] === subjectSlot) return edge
      if (++walked === WALKED) return this.#edges.find(objectSlot, subjectSlot)
    }
    return 0
  }

  firstObjectEdge(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + FIRST_OBJECT]!
  }

  firstUsersetEdge(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + FIRST_USERSET]!
  }

  nextForward(edge: number): number {
    return this.#edges.words[edge * EDGE_STRIDE + NEXT_FORWARD]!
  }

  firstReverse(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + FIRST_REVERSE]!
  }

  nextReverse(edge: number): number {
    return this.#edges.words[edge * EDGE_STRIDE + NEXT_REVERSE]!
  }

  objectEdgeCount(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + OBJECT_COUNT]!
  }

  reverseCount(slot: number): number {
    return this.#slots.words[slot * SLOT_STRIDE + REVERSE_COUNT]!
  }

  edgeObject(edge: number): number {
    return this.#edges.words[edge * EDGE_STRIDE + OBJECT_SLOT]!
  }

  edgeSubject(edge: number): number {
    return this.#edges.words[edge * EDGE_STRIDE + SUBJECT_SLOT]!
  }

  isPlain(edge: number): boolean {
    return this.#details.isPlain(edge)
  }

  expiresAt(edge: number): number | null {
    return this.#details.rare(edge).expiresAt
  }

  conditionName(edge: number): string {
    return this.#details.rare(edge).conditionName
  }

  relationship(edge: number): Relationship {
    const object = this.edgeObject(edge)
    const subject = this.edgeSubject(edge)
    const objectNode = this.slotNode(object)
    const subjectNode = this.slotNode(subject)
    const subjectKind = this.nodeKind(subjectNode)
    const { conditionName, conditionContext, expiresAt, attributes } = this.#details.rare(edge)
    return {
      id: this.#details.id(edge),
      objectType: this.nodeKind(objectNode).type,
      objectId: this.nodeId(objectNode),
      relation: this.symbols.name(this.slotRelation(object)),
      subjectTenant: subjectKind.tenant,
      subjectType: subjectKind.type,
      subjectId: this.nodeId(subjectNode),
      subjectRelation: this.symbols.name(this.slotRelation(subject)),
      conditionName,
      conditionContext,
      expiresAt,
      createdAt: this.#details.createdAt(edge),
      attributes,
    }
  }

  parentOf(node: number): number {
    return this.#tree.parent(node)
  }

  firstChild(node: number): number {
    return this.#tree.firstChild(node)
  }

  nextSibling(node: number): number {
    return this.#tree.nextSibling(node)
  }

  addedNodes(): Iterable<number> {
    return []
  }

  /**
   * Makes a tree of the objects of a hierarchical type, once; every later change keeps it. Directories that no
   * relationship names get nodes too, while something below them has one.
   */
  ensureTree(hierarchy: Hierarchy): void {
    const kind = this.kinds.intern(hierarchy.type, '', false).number
    const known = this.#hierarchies.get(kind)
    if (known?.separator === hierarchy.separator) return
    this.#hierarchies.set(kind, hierarchy)
    const limit = this.#nodes.idLimit
    for (let node = 1; node < limit; node++) if (this.#nodes.kind(node) === kind) this.#tree.detach(node)
    for (let node = 1; node < limit; node++) if (this.#nodes.kind(node) === kind) this.#attach(node, kind)
    for (let node = 1; node < limit; node++) if (this.#nodes.kind(node) === kind) this.#dropNodeIfUnused(node)
    this.#version++
  }

  /** The edge of a key; 0 if there is none. */
  #findByKey(key: RelationshipKey): number {
    const objectKind = this.kinds.find(key.objectType, '', false)
    const subjectKind = this.kinds.find(key.subjectType, key.subjectTenant, isWildcard(key))
    const relation = this.symbols.find(key.relation)
    const subjectRelation = this.symbols.find(key.subjectRelation)
    if (objectKind === null || subjectKind === null || relation < 0 || subjectRelation < 0) return 0
    const objectNode = this.findNode(objectKind.number, key.objectId)
    const subjectNode = objectNode === 0 ? 0 : this.findNode(subjectKind.number, key.subjectId)
    if (subjectNode === 0) return 0
    const objectSlot = this.findSlot(objectNode, relation)
    const subjectSlot = this.findSlot(subjectNode, subjectRelation)
    return objectSlot === 0 || subjectSlot === 0 ? 0 : this.findEdge(objectSlot, subjectSlot)
  }

  #put(relationship: Relationship): void {
    const objectKind = this.kinds.intern(relationship.objectType, '', false)
    const subjectKind = this.kinds.intern(
      relationship.subjectType,
      relationship.subjectTenant,
      isWildcard(relationship),
    )
    const object = this.#slot(this.#node(objectKind.number, relationship.objectId), relationship.relation)
    const subject = this.#slot(this.#node(subjectKind.number, relationship.subjectId), relationship.subjectRelation)
    let edge = this.findEdge(object, subject)
    if (edge === 0) {
      edge = this.#edges.allocate(object, subject)
      this.#link(edge, object, subject)
    }
    this.#details.set(edge, relationship)
  }

  #delete(key: RelationshipKey): void {
    const edge = this.#findByKey(key)
    if (edge === 0) return
    const object = this.edgeObject(edge)
    const subject = this.edgeSubject(edge)
    this.#unlink(edge, object, subject)
    this.#details.remove(edge)
    this.#edges.remove(edge)
    this.#dropIfUnused(object)
    if (subject !== object) this.#dropIfUnused(subject)
  }

  #slot(node: number, relationName: string): number {
    const relation = this.symbols.intern(relationName)
    const found = this.findSlot(node, relation)
    if (found !== 0) return found
    const slot = this.#slots.allocate(node, relation)
    if (relation === 0) {
      this.#slots.words[slot * SLOT_STRIDE + NEXT_OF_NODE] = this.#nodes.firstSlot(node)
      this.#nodes.setFirstSlot(node, slot)
      const kind = this.nodeKind(node)
      if (kind.wildcard) this.#wildcardSlots.set(kind.type, slot)
    } else {
      this.#linkSlot(node, slot)
    }
    return slot
  }

  /** Puts a slot first, or behind those that are walked, where a table finds it. */
  #linkSlot(node: number, slot: number): void {
    const slots = this.#slots.words
    const first = this.firstSlot(node)
    let last = first
    let walked = 1
    for (; last !== 0 && walked < WALKED; walked++) last = slots[last * SLOT_STRIDE + NEXT_OF_NODE]!
    if (last === 0) {
      slots[slot * SLOT_STRIDE + NEXT_OF_NODE] = first
      this.#setFirstSlot(node, slot)
      return
    }
    slots[slot * SLOT_STRIDE + NEXT_OF_NODE] = slots[last * SLOT_STRIDE + NEXT_OF_NODE]!
    slots[last * SLOT_STRIDE + NEXT_OF_NODE] = slot
    this.#slots.enter(slot)
  }

  #selfSlot(node: number): number {
    const first = this.#nodes.firstSlot(node)
    return this.slotRelation(first) === 0 ? first : 0
  }

  /** Sets the first slot with a relation. */
  #setFirstSlot(node: number, slot: number): void {
    const self = this.#selfSlot(node)
    if (self === 0) this.#nodes.setFirstSlot(node, slot)
    else this.#slots.words[self * SLOT_STRIDE + NEXT_OF_NODE] = slot
  }

  #dropIfUnused(slot: number): void {
    const word = slot * SLOT_STRIDE
    const slots = this.#slots.words
    if (slots[word + FIRST_OBJECT] !== 0 || slots[word + FIRST_USERSET] !== 0 || slots[word + FIRST_REVERSE] !== 0)
      return
    const node = slots[word + NODE]!
    const next = slots[word + NEXT_OF_NODE]!
    if (slots[word + RELATION] === 0) {
      this.#nodes.setFirstSlot(node, next)
      const kind = this.nodeKind(node)
      if (kind.wildcard) this.#wildcardSlots.delete(kind.type)
    } else {
      let previous = this.firstSlot(node)
      if (previous === slot) {
        this.#setFirstSlot(node, next)
      } else {
        while (this.nextSlot(previous) !== slot) previous = this.nextSlot(previous)
        slots[previous * SLOT_STRIDE + NEXT_OF_NODE] = next
      }
    }
    this.#slots.remove(slot)
    this.#dropNodeIfUnused(node)
  }

  /** A node goes with its last slot and child, and so may its ancestors. */
  #dropNodeIfUnused(first: number): void {
    for (let node = first; node !== 0; ) {
      if (this.#nodes.firstSlot(node) !== 0) return
      if (this.#tree.firstChild(node) !== 0) return
      const parent = this.#tree.parent(node)
      this.#tree.detach(node)
      this.#nodes.remove(node)
      node = parent
    }
  }

  #node(kind: number, id: string): number {
    const { count } = this.#nodes
    const node = this.#nodes.intern(kind, id)
    if (this.#nodes.count > count && this.#hierarchies.size > 0) this.#attach(node, kind)
    return node
  }

  /** Puts a node under its parent, making what is missing above. */
  #attach(first: number, kind: number): void {
    const hierarchy = this.#hierarchies.get(kind)
    if (hierarchy === undefined) return
    for (let node = first; this.#tree.parent(node) === 0; ) {
      const parentId = derivedParentId(hierarchy, this.#nodes.id(node))
      if (parentId === null) return
      const parent = this.#nodes.intern(kind, parentId)
      this.#tree.attach(node, parent)
      node = parent
    }
  }

  #link(edge: number, object: number, subject: number): void {
    const slots = this.#slots.words
    const edges = this.#edges.words
    const head = object * SLOT_STRIDE + this.#listOf(subject)
    const word = edge * EDGE_STRIDE
    // Like a slot: first, or behind those that are walked.
    let last = slots[head]!
    for (let walked = 1; last !== 0 && walked < WALKED; walked++) last = edges[last * EDGE_STRIDE + NEXT_FORWARD]!
    const next = last === 0 ? slots[head]! : edges[last * EDGE_STRIDE + NEXT_FORWARD]!
    edges[word + NEXT_FORWARD] = next
    edges[word + PREVIOUS_FORWARD] = last
    if (next !== 0) edges[next * EDGE_STRIDE + PREVIOUS_FORWARD] = edge
    if (last === 0) {
      slots[head] = edge
    } else {
      edges[last * EDGE_STRIDE + NEXT_FORWARD] = edge
      this.#edges.enter(edge)
    }
    if (this.#listOf(subject) === FIRST_OBJECT) slots[object * SLOT_STRIDE + OBJECT_COUNT]! += 1

    const reverseHead = subject * SLOT_STRIDE + FIRST_REVERSE
    const nextReverse = slots[reverseHead]!
    edges[word + NEXT_REVERSE] = nextReverse
    if (nextReverse !== 0) edges[nextReverse * EDGE_STRIDE + PREVIOUS_REVERSE] = edge
    slots[reverseHead] = edge
    slots[subject * SLOT_STRIDE + REVERSE_COUNT]! += 1
  }

  #unlink(edge: number, object: number, subject: number): void {
    const slots = this.#slots.words
    const edges = this.#edges.words
    const word = edge * EDGE_STRIDE
    const next = edges[word + NEXT_FORWARD]!
    const previous = edges[word + PREVIOUS_FORWARD]!
    if (next !== 0) edges[next * EDGE_STRIDE + PREVIOUS_FORWARD] = previous
    if (previous !== 0) edges[previous * EDGE_STRIDE + NEXT_FORWARD] = next
    else slots[object * SLOT_STRIDE + this.#listOf(subject)] = next
    if (this.#listOf(subject) === FIRST_OBJECT) slots[object * SLOT_STRIDE + OBJECT_COUNT]! -= 1

    const nextReverse = edges[word + NEXT_REVERSE]!
    const previousReverse = edges[word + PREVIOUS_REVERSE]!
    if (nextReverse !== 0) edges[nextReverse * EDGE_STRIDE + PREVIOUS_REVERSE] = previousReverse
    if (previousReverse !== 0) edges[previousReverse * EDGE_STRIDE + NEXT_REVERSE] = nextReverse
    else slots[subject * SLOT_STRIDE + FIRST_REVERSE] = nextReverse
    slots[subject * SLOT_STRIDE + REVERSE_COUNT]! -= 1
  }

  #listOf(subject: number): number {
    return this.slotRelation(subject) === 0 ? FIRST_OBJECT : FIRST_USERSET
  }
}

function isWildcard(key: RelationshipKey): boolean {
  return key.subjectId === WILDCARD_ID || key.subjectType === ANY_SUBJECT_TYPE
}
