import type { Relationship, RelationshipKey } from '../model/relationship.ts'
import type { Hierarchy } from '../schema/schema.ts'
import type { Kind, Kinds, Symbols } from './kinds.ts'

/**
 * What the evaluator needs of a graph. Everything is a number; 0 is none, and has no slots and no edges. Numbers are
 * valid until `version` changes.
 *
 * A *node* is an object or subject: a kind (type, tenant, wildcard or not) and an id.
 * A *slot* is a node with a relation, such as group:eng#member; with relation 0 it is the node itself as a subject.
 * An *edge* is a relationship: from the slot of its object and relation to the slot of its subject.
 */
export interface GraphReader {
  readonly revision: number
  /** Changes with every change of the graph. */
  readonly version: number
  readonly symbols: Symbols
  readonly kinds: Kinds

  findNode(kind: number, id: string): number
  nodeKind(node: number): Kind
  nodeId(node: number): string
  /** The slots of a node that have a relation, in no order. */
  firstSlot(node: number): number
  nextSlot(slot: number): number
  /** The slot of a type's wildcard as a subject; of any-subject for the type "*". */
  wildcardSlot(type: string): number
  /** The slot of a node with a relation; relation 0 is the node itself. */
  findSlot(node: number, relation: number): number
  slotNode(slot: number): number
  slotRelation(slot: number): number

  /** In a type that forms a tree by ids: the derived parent of a node, the children that occur, and their siblings. */
  parentOf(node: number): number
  firstChild(node: number): number
  nextSibling(node: number): number

  findEdge(objectSlot: number, subjectSlot: number): number
  /** The edges from a slot to plain objects, wildcards and any-subject. */
  firstObjectEdge(slot: number): number
  /** The edges from a slot to usersets. */
  firstUsersetEdge(slot: number): number
  /** The next one in either of those lists. */
  nextForward(edge: number): number
  /** The edges whose subject is this slot. */
  firstReverse(slot: number): number
  nextReverse(edge: number): number
  /** How many edges to plain objects, wildcards and any-subject a slot has. */
  objectEdgeCount(slot: number): number
  reverseCount(slot: number): number

  edgeObject(edge: number): number
  edgeSubject(edge: number): number
  /** True if the edge has neither condition nor expiry, so that it simply counts. */
  isPlain(edge: number): boolean
  /** Milliseconds since 1970, or null. */
  expiresAt(edge: number): number | null
  conditionName(edge: number): string
  relationship(edge: number): Relationship
  /** The nodes that a layer adds to the graph below; none in a graph itself. */
  addedNodes(): Iterable<number>
}

/** A graph that stands on its own, so that questions can be asked of it and layers laid over it. */
export interface BaseGraph extends GraphReader {
  /** Stands for the graph where that must not be held on to. */
  readonly token: object
  /**
   * The node of an id of a kind whose nodes form a tree by one ASCII character; if there is none, the nearest node above
   * it, as a negative number; 0 if there is neither.
   */
  findNearest(kind: number, id: string, separator: number): number
  get(key: RelationshipKey): Relationship | undefined
  /** Makes a tree of the objects of a hierarchical type; once for each type. */
  ensureTree(hierarchy: Hierarchy): void
}
