import { grownWords } from './growth.ts'
import { decodeText, TextBytes } from './text-bytes.ts'

// The words of a node: four, so that a record never lies across two cache lines.
/** The kind and, below it, the length of the id in bytes. */
const KIND_AND_LENGTH = 0
const OFFSET = 1
const HASH = 2
const FIRST_SLOT = 3
const STRIDE = 4

const LENGTH_BITS = 11
const MAX_LENGTH = (1 << LENGTH_BITS) - 1
const MAX_KIND = 2 ** (32 - LENGTH_BITS) - 1

/** Unused words of ids that are worth moving all others for. */
const COMPACT_WORDS = 1 << 18

/**
 * Objects and subjects: a kind and an id, known by a number from 1. The ids lie as UTF-8 in one array of
 * words and are compared in full.
 */
export class NodeTable {
  #words = new Uint32Array(STRIDE * 16)
  /**
   * Where the nodes are, by their hash: the number of a node, which is smaller than the index is long, and above it as
   * much of its hash as fits. So most of what is not looked for costs no look at its record.
   */
  #index = new Uint32Array(32)
  #arena = new Uint32Array(256)
  #arenaBytes = Buffer.from(this.#arena.buffer)
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
    return this.#words[node * STRIDE + KIND_AND_LENGTH]! >>> LENGTH_BITS
  }

  id(node: number): string {
    const from = this.#words[node * STRIDE + OFFSET]! * 4
    return decodeText(this.#arenaBytes, from, from + this.#length(node))
  }

  /** The first of its slots; what their order means is for others to say. */
  firstSlot(node: number): number {
    return this.#words[node * STRIDE + FIRST_SLOT]!
  }

  setFirstSlot(node: number, slot: number): void {
    this.#words[node * STRIDE + FIRST_SLOT] = slot
  }

  /**
   * The node of a path, of a kind whose nodes form a tree; if there is none, the nearest node above it, as a negative
   * number; 0 if there is neither.
   */
  findNearest(kind: number, path: string, separator: number): number {
    this.#text.set(path)
    const node = this.#find(kind, mix(this.#text.hash, kind))
    return node === 0 ? -this.#findAbove(kind, separator) : node
  }

  #findAbove(kind: number, separator: number): number {
    const prefixes = this.#text.prefixes(separator)
    // What is above a node is there too, so the last prefix that is there can be found by halving.
    let found = 0
    let from = 0
    for (let until = prefixes.count; from < until; ) {
      const middle = (from + until) >>> 1
      const node = this.#find(kind, mix(prefixes.hash(middle), kind), prefixes.length(middle))
      if (node === 0) {
        until = middle
      } else {
        found = node
        from = middle + 1
      }
    }
    return found
  }

  remove(node: number): void {
    const index = this.#index
    const mask = index.length - 1
    let hole = this.#words[node * STRIDE + HASH]! & mask
    while ((index[hole]! & mask) !== node) hole = (hole + 1) & mask
    for (let at = (hole + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = this.#words[(index[at]! & mask) * STRIDE + HASH]! & mask
      const stays = hole <= at ? hole < home && home <= at : hole < home || home <= at
      if (stays) continue
      index[hole] = index[at]!
      hole = at
    }
    index[hole] = 0
    const word = node * STRIDE
    this.#garbage += wordsOf(this.#length(node))
    this.#words.fill(0, word, word + STRIDE)
    // A free record has kind 0 and holds the next free one.
    this.#words[word + OFFSET] = this.#free
    this.#free = node
    this.#count--
    if (this.#garbage > COMPACT_WORDS && this.#garbage * 2 > this.#arenaEnd) this.#compact()
  }

  /** The node whose id is the first bytes of the text. */
  #find(kind: number, hash: number, length = this.#text.length): number {
    const words = this.#words
    const index = this.#index
    const mask = index.length - 1
    // A longer id would spoil the kind, and is nowhere.
    if (length > MAX_LENGTH) return 0
    const kindAndLength = ((kind << LENGTH_BITS) | length) >>> 0
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = index[at]!
      if (entry === 0) return 0
      if (((entry ^ hash) & ~mask) !== 0) continue
      const node = entry & mask
      const word = node * STRIDE
      if (words[word + HASH] !== hash || words[word + KIND_AND_LENGTH] !== kindAndLength) continue
      if (this.#text.startsWith(this.#arena, words[word + OFFSET]!, length)) return node
    }
  }

  #add(kind: number, hash: number): number {
    const { length, wordCount } = this.#text
    if (length > MAX_LENGTH || kind > MAX_KIND) throw new RangeError('An id is too long, or there are too many kinds.')
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
    this.#words[word + KIND_AND_LENGTH] = (kind << LENGTH_BITS) | length
    this.#words[word + OFFSET] = this.#arenaEnd
    this.#words[word + HASH] = hash
    this.#arenaEnd += wordCount
    this.#count++
    if (this.#count * 3 > this.#index.length * 2) this.#growIndex()
    this.#enter(node)
    return node
  }

  #length(node: number): number {
    return this.#words[node * STRIDE + KIND_AND_LENGTH]! & MAX_LENGTH
  }

  #enter(node: number): void {
    const index = this.#index
    const mask = index.length - 1
    const hash = this.#words[node * STRIDE + HASH]!
    let at = hash & mask
    while (index[at] !== 0) at = (at + 1) & mask
    index[at] = (hash & ~mask) | node
  }

  #growIndex(): void {
    const old = this.#index
    this.#index = new Uint32Array(old.length * 2)
    const mask = old.length - 1
    for (const entry of old) if (entry !== 0) this.#enter(entry & mask)
  }

  #growArena(atLeast: number): void {
    this.#useArena(grownWords(this.#arena, this.#arenaEnd + atLeast))
  }

  #compact(): void {
    const arena = new Uint32Array(Math.ceil((this.#arenaEnd - this.#garbage) * 1.25) + 256)
    let end = 0
    for (let node = 1; node < this.#next; node++) {
      const word = node * STRIDE
      if (this.#words[word + KIND_AND_LENGTH] === 0) continue
      const offset = this.#words[word + OFFSET]!
      const length = wordsOf(this.#length(node))
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
    this.#arenaBytes = Buffer.from(arena.buffer)
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
