import { grownWords } from './growth.ts'

/**
 * Records of a fixed number of words, found by their first two words if they were entered. The records lie one after
 * another in one typed array, so that a lookup costs few cache misses; ids start at 1, and 0 means none. Freed records
 * are used again.
 */
export class PairTable {
  /** Word w of record id is words[id * stride + w]. Replaced when the table grows: do not keep it. */
  words: Uint32Array
  readonly stride: number
  #index: Uint32Array
  #count = 0
  #entered = 0
  /** Ids from here on were never used. */
  #next = 1
  /** The first freed record; each holds the next one in its first word. */
  #free = 0

  constructor(stride: number) {
    this.stride = stride
    this.words = new Uint32Array(stride * 16)
    this.#index = new Uint32Array(32)
  }

  get count(): number {
    return this.#count
  }

  /** Ids are below this. */
  get idLimit(): number {
    return this.#next
  }

  get bytes(): number {
    return this.words.byteLength + this.#index.byteLength
  }

  find(a: number, b: number): number {
    const index = this.#index
    const words = this.words
    const mask = index.length - 1
    for (let at = hashPair(a, b) & mask; ; at = (at + 1) & mask) {
      const id = index[at]!
      if (id === 0) return 0
      const word = id * this.stride
      if (words[word] === a && words[word + 1] === b) return id
    }
  }

  /** Adds a record that must not exist, and enters it; its other words are 0. */
  add(a: number, b: number): number {
    const id = this.allocate(a, b)
    this.enter(id)
    return id
  }

  /** Adds a record that `find` does not find until it is entered; its other words are 0. */
  allocate(a: number, b: number): number {
    let id = this.#free
    if (id !== 0) {
      this.#free = this.words[id * this.stride]!
    } else {
      id = this.#next++
      if (this.#next * this.stride > this.words.length) this.#growWords()
    }
    const word = id * this.stride
    this.words.fill(0, word, word + this.stride)
    this.words[word] = a
    this.words[word + 1] = b
    this.#count++
    return id
  }

  /** Lets `find` find a record, which it does not yet. */
  enter(id: number): void {
    this.#entered++
    if (this.#entered * 3 > this.#index.length * 2) this.#growIndex()
    this.#place(id)
  }

  /** Removes a record, whether it was entered or not. */
  remove(id: number): void {
    const word = id * this.stride
    if (this.#entered > 0 && this.find(this.words[word]!, this.words[word + 1]!) === id) this.#leave(id)
    this.words.fill(0, word, word + this.stride)
    this.words[word] = this.#free
    this.#free = id
    this.#count--
  }

  #leave(id: number): void {
    const index = this.#index
    const mask = index.length - 1
    let hole = this.#home(id) & mask
    while (index[hole] !== id) hole = (hole + 1) & mask
    // Entries behind the hole that probed past it move up, so that no tombstone is needed.
    for (let at = (hole + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = this.#home(index[at]!) & mask
      const stays = hole <= at ? hole < home && home <= at : hole < home || home <= at
      if (stays) continue
      index[hole] = index[at]!
      hole = at
    }
    index[hole] = 0
    this.#entered--
  }

  #home(id: number): number {
    const word = id * this.stride
    return hashPair(this.words[word]!, this.words[word + 1]!)
  }

  #place(id: number): void {
    const index = this.#index
    const mask = index.length - 1
    let at = this.#home(id) & mask
    while (index[at] !== 0) at = (at + 1) & mask
    index[at] = id
  }

  #growWords(): void {
    this.words = grownWords(this.words, 0, this.stride)
  }

  #growIndex(): void {
    const old = this.#index
    this.#index = new Uint32Array(old.length * 2)
    for (const id of old) if (id !== 0) this.#place(id)
  }
}

function hashPair(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
