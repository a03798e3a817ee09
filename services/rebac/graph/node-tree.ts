import { grownWords } from './growth.ts'

// The words of a node.
const PARENT = 0
const FIRST_CHILD = 1
const NEXT_SIBLING = 2
const PREVIOUS_SIBLING = 3
const STRIDE = 4

/** The tree that the nodes of hierarchical types form, by the numbers of the nodes. 0 is none. */
export class NodeTree {
  #words = new Uint32Array(0)

  get bytes(): number {
    return this.#words.byteLength
  }

  parent(node: number): number {
    return this.#words[node * STRIDE + PARENT] ?? 0
  }

  firstChild(node: number): number {
    return this.#words[node * STRIDE + FIRST_CHILD] ?? 0
  }

  nextSibling(node: number): number {
    return this.#words[node * STRIDE + NEXT_SIBLING] ?? 0
  }

  attach(node: number, parent: number): void {
    this.#reserve(Math.max(node, parent))
    const words = this.#words
    const next = words[parent * STRIDE + FIRST_CHILD]!
    words[node * STRIDE + PARENT] = parent
    words[node * STRIDE + NEXT_SIBLING] = next
    words[node * STRIDE + PREVIOUS_SIBLING] = 0
    if (next !== 0) words[next * STRIDE + PREVIOUS_SIBLING] = node
    words[parent * STRIDE + FIRST_CHILD] = node
  }

  /** Takes a node from its parent; its children stay its own. */
  detach(node: number): void {
    const words = this.#words
    const parent = this.parent(node)
    if (parent === 0) return
    const next = words[node * STRIDE + NEXT_SIBLING]!
    const previous = words[node * STRIDE + PREVIOUS_SIBLING]!
    if (next !== 0) words[next * STRIDE + PREVIOUS_SIBLING] = previous
    if (previous !== 0) words[previous * STRIDE + NEXT_SIBLING] = next
    else words[parent * STRIDE + FIRST_CHILD] = next
    words[node * STRIDE + PARENT] = 0
    words[node * STRIDE + NEXT_SIBLING] = 0
    words[node * STRIDE + PREVIOUS_SIBLING] = 0
  }

  #reserve(node: number): void {
    if ((node + 1) * STRIDE <= this.#words.length) return
    this.#words = grownWords(this.#words, (node + 1) * STRIDE)
  }
}
