import { grownWords } from './growth.ts'
import { decodeText, TextBytes } from './text-bytes.ts'

// The words of a node.
const KIND = 0
const OFFSET = 1
const LENGTH = 2
const HASH = 3
const FIRST_SLOT = 4
const SELF_SLOT = 5
const STRIDE = 6

/** Unused words of ids that are worth moving all others for. */
const COMPACT_WORDS = 1 << 18

/**
 * Objects and subjects: a kind and an id, known by a number from 1. The ids lie as UTF-8 in one array of
 * words and are compared in full.
 */
export class NodeTable {
  #words = new Uint32Array(STRIDE * 16)
  #index = new Uint32Array(32)
  #arena = new Uint32Array(256)
  #arenaBytes = new Uint8Array(this.#arena.buffer)
  #arenaEnd = 0
  #garbage = 0
  #count = 0
  #next = 1
  #free = 0
  readonly #text = new TextBytes()

  get count(): number {
    return this.#count
  }

  get idLimit(): number {
    return this.#next
  }

  get bytes(): number {
    return this.#words.byteLength + this.#index.byteLength + this.#arena.byteLength
  }

  /** The node of a kind with this id; 0 if there is none. */
  find(kind: number, id: string): number {
    this.#text.set(id)
    return this.#find(kind, mix(this.#text.hash, kind))
  }

  /** The node of a kind with this id, which is made if it is new. */
  intern(kind: number, id: string): number {
    this.#text.set(id)
    const hash = mix(this.#text.hash, kind)
    return this.#find(kind, hash) || this.#add(kind, hash)
  }

  kind(node: number): number {
    return this.#words[node * STRIDE + KIND]!
  }

  id(node: number): string {
    const from = this.#words[node * STRIDE + OFFSET]! * 4
    return decodeText(this.#arenaBytes, from, from + this.#words[node * STRIDE + LENGTH]!)
  }

  /** The first of the slots with a relation. */
  firstSlot(node: number): number {
    return this.#words[node * STRIDE + FIRST_SLOT]!
  }

  setFirstSlot(node: number, slot: number): void {
    this.#words[node * STRIDE + FIRST_SLOT] = slot
  }

  /** The slot of the node itself as a subject. */
  selfSlot(node: number): number {
    return this.#words[node * STRIDE + SELF_SLOT]!
  }

  setSelfSlot(node: number, slot: number): void {
    this.#words[node * STRIDE + SELF_SLOT] = slot
  }

  remove(node: number): void {
    const index = this.#index
    const mask = index.length - 1
    let hole = this.#words[node * STRIDE + HASH]! & mask
    while (index[hole] !== node) hole = (hole + 1) & mask
    for (let at = (hole + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = this.#words[index[at]! * STRIDE + HASH]! & mask
      const stays = hole <= at ? hole < home && home <= at : hole < home || home <= at
      if (stays) continue
      index[hole] = index[at]!
      hole = at
    }
    index[hole] = 0
    const word = node * STRIDE
    this.#garbage += wordsOf(this.#words[word + LENGTH]!)
    this.#words.fill(0, word, word + STRIDE)
    // A free record has kind 0 and holds the next free one.
    this.#words[word + OFFSET] = this.#free
    this.#free = node
    this.#count--
    if (this.#garbage > COMPACT_WORDS && this.#garbage * 2 > this.#arenaEnd) this.#compact()
  }

  #find(kind: number, hash: number): number {
    const { length } = this.#text
    const words = this.#words
    const arena = this.#arena
    const mask = this.#index.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const node = this.#index[at]!
      if (node === 0) return 0
      const word = node * STRIDE
      if (words[word + HASH] !== hash || words[word + KIND] !== kind || words[word + LENGTH] !== length) continue
      if (this.#text.equals(arena, words[word + OFFSET]!)) return node
    }
  }

  #add(kind: number, hash: number): number {
    const { length, wordCount } = this.#text
    let node = this.#free
    if (node !== 0) {
      this.#free = this.#words[node * STRIDE + OFFSET]!
    } else {
      node = this.#next++
      if (this.#next * STRIDE > this.#words.length) this.#words = grownWords(this.#words, 0, STRIDE)
    }
    if (this.#arenaEnd + wordCount > this.#arena.length) this.#growArena(wordCount)
    this.#text.copyTo(this.#arena, this.#arenaEnd)
    const word = node * STRIDE
    this.#words.fill(0, word, word + STRIDE)
    this.#words[word + KIND] = kind
    this.#words[word + OFFSET] = this.#arenaEnd
    this.#words[word + LENGTH] = length
    this.#words[word + HASH] = hash
    this.#arenaEnd += wordCount
    this.#count++
    if (this.#count * 3 > this.#index.length * 2) this.#growIndex()
    this.#enter(node)
    return node
  }

  #enter(node: number): void {
    const index = this.#index
    const mask = index.length - 1
    let at = this.#words[node * STRIDE + HASH]! & mask
    while (index[at] !== 0) at = (at + 1) & mask
    index[at] = node
  }

  #growIndex(): void {
    const old = this.#index
    this.#index = new Uint32Array(old.length * 2)
    for (const node of old) if (node !== 0) this.#enter(node)
  }

  #growArena(atLeast: number): void {
    this.#useArena(grownWords(this.#arena, this.#arenaEnd + atLeast))
  }

  #compact(): void {
    const arena = new Uint32Array(Math.ceil((this.#arenaEnd - this.#garbage) * 1.25) + 256)
    let end = 0
    for (let node = 1; node < this.#next; node++) {
      const word = node * STRIDE
      if (this.#words[word + KIND] === 0) continue
      const offset = this.#words[word + OFFSET]!
      const length = wordsOf(this.#words[word + LENGTH]!)
      arena.set(this.#arena.subarray(offset, offset + length), end)
      this.#words[word + OFFSET] = end
      end += length
    }
    this.#useArena(arena)
    this.#arenaEnd = end
    this.#garbage = 0
  }

  #useArena(arena: Uint32Array<ArrayBuffer>): void {
    this.#arena = arena
    this.#arenaBytes = new Uint8Array(arena.buffer)
  }
}

function wordsOf(bytes: number): number {
  return (bytes + 3) >>> 2
}

function mix(hash: number, kind: number): number {
  let mixed = hash ^ Math.imul(kind, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
