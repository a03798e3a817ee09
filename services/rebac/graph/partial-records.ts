import type { Relationship } from '../model/relationship.ts'
import type { Kind } from './kinds.ts'

/** What is known of an object or subject. */
export interface PartialNode {
  readonly kind: Kind
  readonly id: string
  readonly slots: Map<number, number>
  selfSlot: number
  firstSlot: number
  /** What is known of its own relationships: all, or those to usersets with the names of all relations, or nothing. */
  own: 'all' | 'outline' | 'unknown'
  /** With an outline: the relations that it has. */
  relations: ReadonlySet<number> | null
  /** Whether everything that names it as a subject is known. */
  asSubject: boolean
  /** Whether everything below it in the tree is known. */
  subtree: boolean
  firstChild: number
  nextSibling: number
}

/** What is known of a relation of a node; relation 0 is the node itself, as a subject. */
export interface PartialSlot {
  readonly node: number
  readonly relation: number
  readonly next: number
  /** Whether all edges to plain objects and wildcards are known, beside what is known of the node. */
  members: boolean
  /** Edges out of the slot that are known to be there or known not to be, by the slot of their subject. */
  readonly edges: Map<number, number>
  firstObject: number
  firstUserset: number
  firstReverse: number
  objectCount: number
  reverseCount: number
}

/** A relationship between two slots. */
export interface PartialEdge {
  readonly object: number
  readonly subject: number
  readonly nextForward: number
  readonly nextReverse: number
  readonly relationship: Relationship
}

/** All that there is of a node, and below it, is here. */
export function knowAll(node: PartialNode): void {
  node.own = 'all'
  node.asSubject = true
  node.subtree = true
}

/** A node of which nothing is known. */
export function newNode(kind: Kind, id: string): PartialNode {
  return {
    kind,
    id,
    slots: new Map(),
    selfSlot: 0,
    firstSlot: 0,
    own: 'unknown',
    relations: null,
    asSubject: false,
    subtree: false,
    firstChild: 0,
    nextSibling: 0,
  }
}

/** A slot without edges; `next` is the next one of its node, 0 for none. */
export function newSlot(node: number, relation: number, next: number): PartialSlot {
  return {
    node,
    relation,
    next,
    members: false,
    edges: new Map(),
    firstObject: 0,
    firstUserset: 0,
    firstReverse: 0,
    objectCount: 0,
    reverseCount: 0,
  }
}

const NO_RELATIONSHIP: Relationship = {
  id: '',
  objectType: '',
  objectId: '',
  relation: '',
  subjectTenant: '',
  subjectType: '',
  subjectId: '',
  subjectRelation: '',
  conditionName: '',
  conditionContext: null,
  expiresAt: null,
  createdAt: 0,
  attributes: null,
}

/** The edge with the number 0. */
export const NO_EDGE: PartialEdge = {
  object: 0,
  subject: 0,
  nextForward: 0,
  nextReverse: 0,
  relationship: NO_RELATIONSHIP,
}

/** Nothing, of which all is known: nothing is there. */
export function noNode(): PartialNode {
  const nothing = newNode({ number: 0, type: '', tenant: '', wildcard: false }, '')
  return { ...nothing, own: 'all', asSubject: true, subtree: true }
}
