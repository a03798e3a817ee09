import type { FetchedPart, Part } from '../model/part.ts'
import type { Relationship, RelationshipKey } from '../model/relationship.ts'
import { ANY_SUBJECT_TYPE, relationshipKeyText, WILDCARD_ID } from '../model/relationship.ts'
import { derivedParentId } from '../schema/hierarchy.ts'
import type { Hierarchy } from '../schema/schema.ts'
import type { BaseGraph } from './graph-reader.ts'
import type { Kind } from './kinds.ts'
import { MissingParts } from './missing-parts.ts'
import type { OpenKinds, OpenSymbols } from './open-names.ts'
import {
  knowAll,
  newNode,
  noNode,
  newSlot,
  NO_EDGE,
  type PartialEdge,
  type PartialNode,
  type PartialSlot,
} from './partial-records.ts'

/** About how much memory a node, a slot or an edge takes, in bytes. */
const ENTRY_BYTES = 300

/**
 * A graph of which only those parts are known that were needed. It answers "none" for what it does not know, and notes
 * which parts would tell: an answer counts only if nothing was missing when it was found. Every node and slot that is
 * asked for gets a number, whether or not a relationship names it.
 */
export class PartialGraph implements BaseGraph {
  readonly symbols: OpenSymbols
  readonly kinds: OpenKinds
  readonly revision: number
  readonly token = {}
  readonly missing = new MissingParts()
  #version = 0
  // The number 0 is none.
  readonly #nodes: PartialNode[] = [noNode()]
  readonly #slots: PartialSlot[] = [newSlot(0, 0, 0)]
  readonly #edges: PartialEdge[] = [NO_EDGE]
  readonly #nodeNumbers = new Map<number, Map<string, number>>()
  readonly #hierarchies = new Map<number, Hierarchy>()
  /** What holds instead of what is stored, by key; null: nothing. */
  readonly #instead: ReadonlyMap<string, Relationship | null>

  /** `instead`: relationships of another state of the tenant than the one that parts are fetched from, by key text. */
  constructor(
    names: { readonly symbols: OpenSymbols; readonly kinds: OpenKinds },
    revision: number,
    instead: ReadonlyMap<string, Relationship | null> = new Map(),
  ) {
    this.symbols = names.symbols
    this.kinds = names.kinds
    this.revision = revision
    this.#instead = instead
    for (const relationship of instead.values()) if (relationship !== null) this.#put(relationship)
  }

  get version(): number {
    return this.#version
  }

  /** About how much memory it holds. */
  memoryBytes(): number {
    return (this.#nodes.length + this.#slots.length + this.#edges.length) * ENTRY_BYTES
  }

  /** Takes in what was missing. */
  add(fetched: readonly FetchedPart[]): void {
    for (const { part, relationships, outline } of fetched) {
      for (const relationship of relationships) {
        if (!this.#instead.has(relationshipKeyText(relationship))) this.#put(relationship)
      }
      this.#know(part, outline)
    }
    this.#version++
  }

  get(key: RelationshipKey): Relationship | undefined {
    const [object, subject] = this.#slotsOf(key)
    const edge = this.findEdge(object, subject)
    return edge === 0 ? undefined : this.relationship(edge)
  }

  findNode(kind: number, id: string): number {
    let numbers = this.#nodeNumbers.get(kind)
    if (numbers === undefined) this.#nodeNumbers.set(kind, (numbers = new Map()))
    let node = numbers.get(id)
    if (node === undefined) {
      node = this.#nodes.length
      numbers.set(id, node)
      this.#nodes.push(newNode(this.kinds.get(kind), id))
      this.#attach(node)
    }
    return node
  }

  /** Every id has a node. */
  findNearest(kind: number, id: string): number {
    return this.findNode(kind, id)
  }

  nodeKind(node: number): Kind {
    return this.#nodes[node]!.kind
  }

  nodeId(node: number): string {
    return this.#nodes[node]!.id
  }

  firstSlot(node: number): number {
    this.#needOwn(node)
    return this.#nodes[node]!.firstSlot
  }

  nextSlot(slot: number): number {
    return this.#slots[slot]!.next
  }

  wildcardSlot(type: string): number {
    const kind = this.kinds.intern(type, '', true)
    return this.findSlot(this.findNode(kind.number, WILDCARD_ID), 0)
  }

  findSlot(node: number, relation: number): number {
    if (node === 0) return 0
    const entry = this.#nodes[node]!
    const found = relation === 0 ? entry.selfSlot : (entry.slots.get(relation) ?? 0)
    if (found !== 0) return found
    const slot = this.#slots.length
    this.#slots.push(newSlot(node, relation, relation === 0 ? 0 : entry.firstSlot))
    if (relation === 0) {
      entry.selfSlot = slot
    } else {
      entry.slots.set(relation, slot)
      entry.firstSlot = slot
    }
    return slot
  }

  slotNode(slot: number): number {
    return this.#slots[slot]!.node
  }

  slotRelation(slot: number): number {
    return this.#slots[slot]!.relation
  }

  parentOf(node: number): number {
    const { kind, id } = this.#nodes[node]!
    const hierarchy = this.#hierarchies.get(kind.number)
    const parentId = hierarchy === undefined ? null : derivedParentId(hierarchy, id)
    return parentId === null ? 0 : this.findNode(kind.number, parentId)
  }

  firstChild(node: number): number {
    const { kind, id, subtree, firstChild } = this.#nodes[node]!
    const hierarchy = this.#hierarchies.get(kind.number)
    if (hierarchy !== undefined && !subtree) {
      this.missing.note({ kind: 'subtree', objectType: kind.type, objectId: id, separator: hierarchy.separator })
    }
    return firstChild
  }

  nextSibling(node: number): number {
    return this.#nodes[node]!.nextSibling
  }

  findEdge(objectSlot: number, subjectSlot: number): number {
    const object = this.#slots[objectSlot]!
    const known = object.edges.get(subjectSlot)
    if (known !== undefined) return known
    const subject = this.#slots[subjectSlot]!
    if (this.#nodes[subject.node]!.asSubject || !this.#needOwn(object.node)) return 0
    if (subject.relation === 0 && !this.#areMembersKnown(object)) {
      this.missing.note({ kind: 'key', key: this.#key(object, subject) })
    }
    return 0
  }

  firstObjectEdge(slot: number): number {
    const entry = this.#slots[slot]!
    if (this.#needOwn(entry.node) && !this.#areMembersKnown(entry)) {
      const { kind, id } = this.#nodes[entry.node]!
      const relation = this.symbols.name(entry.relation)
      this.missing.note({ kind: 'members', objectType: kind.type, objectId: id, relation })
    }
    return entry.firstObject
  }

  firstUsersetEdge(slot: number): number {
    const entry = this.#slots[slot]!
    this.#needOwn(entry.node)
    return entry.firstUserset
  }

  nextForward(edge: number): number {
    return this.#edges[edge]!.nextForward
  }

  firstReverse(slot: number): number {
    const { node, firstReverse } = this.#slots[slot]!
    const { kind, id, asSubject } = this.#nodes[node]!
    if (!asSubject) {
      this.missing.note({ kind: 'subject', subjectTenant: kind.tenant, subjectType: kind.type, subjectId: id })
    }
    return firstReverse
  }

  nextReverse(edge: number): number {
    return this.#edges[edge]!.nextReverse
  }

  objectEdgeCount(slot: number): number {
    this.firstObjectEdge(slot)
    return this.#slots[slot]!.objectCount
  }

  reverseCount(slot: number): number {
    this.firstReverse(slot)
    return this.#slots[slot]!.reverseCount
  }

  edgeObject(edge: number): number {
    return this.#edges[edge]!.object
  }

  edgeSubject(edge: number): number {
    return this.#edges[edge]!.subject
  }

  isPlain(edge: number): boolean {
    const { conditionName, expiresAt } = this.relationship(edge)
    return conditionName === '' && expiresAt === null
  }

  expiresAt(edge: number): number | null {
    return this.relationship(edge).expiresAt
  }

  conditionName(edge: number): string {
    return this.relationship(edge).conditionName
  }

  relationship(edge: number): Relationship {
    return this.#edges[edge]!.relationship
  }

  addedNodes(): Iterable<number> {
    return []
  }

  ensureTree(hierarchy: Hierarchy): void {
    const kind = this.kinds.intern(hierarchy.type, '', false).number
    if (this.#hierarchies.has(kind)) return
    const nodes = [...(this.#nodeNumbers.get(kind)?.values() ?? [])]
    this.#hierarchies.set(kind, hierarchy)
    for (const node of nodes) this.#attach(node)
  }

  /** Notes that a node's own relationships are missing, and returns false, if nothing is known of them. */
  #needOwn(node: number): boolean {
    const { own, kind, id } = this.#nodes[node]!
    // Neither wildcards nor what belongs to other tenants has relationships of its own.
    if (own !== 'unknown' || kind.wildcard || kind.tenant !== '') return true
    this.missing.note({ kind: 'object', objectType: kind.type, objectId: id })
    return false
  }

  /** Given that something is known of the node: whether all edges to plain objects and wildcards are. */
  #areMembersKnown({ node, relation, members }: PartialSlot): boolean {
    const { own, relations } = this.#nodes[node]!
    return members || own !== 'outline' || relations?.has(relation) !== true
  }

  #know(part: Part, outline: readonly string[] | null): void {
    switch (part.kind) {
      case 'object': {
        const number = this.#objectNode(part.objectType, part.objectId)
        const node = this.#nodes[number]!
        if (outline === null) node.own = 'all'
        if (outline === null || node.own === 'all') return
        node.own = 'outline'
        node.relations = new Set(outline.map((name) => this.symbols.intern(name)))
        for (const relation of node.relations) this.findSlot(number, relation)
        return
      }
      case 'members': {
        const node = this.#objectNode(part.objectType, part.objectId)
        this.#slots[this.findSlot(node, this.symbols.intern(part.relation))]!.members = true
        return
      }
      case 'key': {
        const [object, subject] = this.#slotsOf(part.key)
        const { edges } = this.#slots[object]!
        if (!edges.has(subject)) edges.set(subject, 0)
        return
      }
      case 'subject': {
        const wildcard = part.subjectId === WILDCARD_ID || part.subjectType === ANY_SUBJECT_TYPE
        const kind = this.kinds.intern(part.subjectType, part.subjectTenant, wildcard)
        this.#nodes[this.findNode(kind.number, part.subjectId)]!.asSubject = true
        return
      }
      case 'subtree':
        this.#knowSubtree(this.#objectNode(part.objectType, part.objectId))
    }
  }

  /** Whatever is below stands in the tree. */
  #knowSubtree(root: number): void {
    this.#nodes[root]!.subtree = true
    const below = [root]
    for (let node = below.pop(); node !== undefined; node = below.pop()) {
      for (let child = this.#nodes[node]!.firstChild; child !== 0; child = this.#nodes[child]!.nextSibling) {
        knowAll(this.#nodes[child]!)
        below.push(child)
      }
    }
  }

  #objectNode(type: string, id: string): number {
    return this.findNode(this.kinds.intern(type, '', false).number, id)
  }

  /** The slots of a key's object and subject. */
  #slotsOf(key: RelationshipKey): readonly [object: number, subject: number] {
    const { subjectTenant, subjectType, subjectId } = key
    const wildcard = subjectId === WILDCARD_ID || subjectType === ANY_SUBJECT_TYPE
    const subjectNode = this.findNode(this.kinds.intern(subjectType, subjectTenant, wildcard).number, subjectId)
    const object = this.findSlot(this.#objectNode(key.objectType, key.objectId), this.symbols.intern(key.relation))
    return [object, this.findSlot(subjectNode, this.symbols.intern(key.subjectRelation))]
  }

  #key(object: PartialSlot, subject: PartialSlot): RelationshipKey {
    const { kind: objectKind, id: objectId } = this.#nodes[object.node]!
    const { kind: subjectKind, id: subjectId } = this.#nodes[subject.node]!
    return {
      objectType: objectKind.type,
      objectId,
      relation: this.symbols.name(object.relation),
      subjectTenant: subjectKind.tenant,
      subjectType: subjectKind.type,
      subjectId,
      subjectRelation: this.symbols.name(subject.relation),
    }
  }

  /** Adds a relationship; parts may overlap. */
  #put(relationship: Relationship): void {
    const [object, subject] = this.#slotsOf(relationship)
    const from = this.#slots[object]!
    const to = this.#slots[subject]!
    if ((from.edges.get(subject) ?? 0) !== 0) return
    const edge = this.#edges.length
    const isUserset = to.relation !== 0
    const nextForward = isUserset ? from.firstUserset : from.firstObject
    this.#edges.push({ object, subject, nextForward, nextReverse: to.firstReverse, relationship })
    from.edges.set(subject, edge)
    if (isUserset) from.firstUserset = edge
    else from.firstObject = edge
    if (!isUserset) from.objectCount++
    to.firstReverse = edge
    to.reverseCount++
  }

  /**
   * Puts a node of a hierarchical type under its parent, whether or not it occurs: a layer above may name it, and
   * whoever walks down the tree looks.
   */
  #attach(node: number): void {
    const parent = this.parentOf(node)
    if (parent === 0) return
    const entry = this.#nodes[node]!
    const above = this.#nodes[parent]!
    entry.nextSibling = above.firstChild
    above.firstChild = node
    if (above.subtree) knowAll(entry)
  }
}
