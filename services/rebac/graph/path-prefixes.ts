import { extendHash, finishHash, HASH_START } from './text-hash.ts'

/**
 * The paths above a path, from the root down, found and hashed in one pass over its words: each ends before a run of
 * separators, and the root is the separator alone.
 */
export class PathPrefixes {
  #lengths = new Int32Array(64)
  #hashes = new Int32Array(64)
  count = 0

  /** In bytes. */
  length(at: number): number {
    return this.#lengths[at]!
  }

  hash(at: number): number {
    return this.#hashes[at]!
  }

  /** `separator`: one ASCII character, which is never a part of another character's bytes. */
  read(words: Uint32Array, length: number, separator: number): void {
    this.count = 0
    let hash = HASH_START
    let previous = 0
    for (let start = 0; start < length; start += 4) {
      const word = words[start >>> 2]!
      const end = Math.min(4, length - start)
      for (let at = 0; at < end; at++) {
        const byte = (word >>> (at * 8)) & 0xff
        if (byte === separator && previous !== separator) this.#add(hash, word, Math.max(start + at, 1))
        previous = byte
      }
      hash = extendHash(hash, word)
    }
    // A path is not above itself: the root, which the scan finds like any other.
    if (this.count > 0 && this.#lengths[this.count - 1] === length) this.count--
  }

  #add(hash: number, word: number, length: number): void {
    if (this.count === this.#lengths.length) this.#grow()
    const rest = length & 3
    const whole = rest === 0 ? hash : extendHash(hash, word & ((1 << (rest * 8)) - 1))
    this.#lengths[this.count] = length
    this.#hashes[this.count] = finishHash(whole, length)
    this.count++
  }

  #grow(): void {
    const lengths = new Int32Array(this.#lengths.length * 2)
    lengths.set(this.#lengths)
    this.#lengths = lengths
    const hashes = new Int32Array(lengths.length)
    hashes.set(this.#hashes)
    this.#hashes = hashes
  }
}
