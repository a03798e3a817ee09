import { PathPrefixes } from './path-prefixes.ts'
import { extendHash, finishHash, HASH_START } from './text-hash.ts'

const encoder = new TextEncoder()

/**
 * A text as UTF-8, in words of four bytes, with its hash. One instance is used again and again. All bytes are kept and
 * compared: equal bytes mean equal text, whatever the script.
 */
export class TextBytes {
  #words = new Uint32Array(256)
  #bytes = new Uint8Array(this.#words.buffer)
  readonly #prefixes = new PathPrefixes()
  /** In bytes. */
  length = 0
  /** The last one is filled up with zeros. */
  wordCount = 0
  hash = 0

  set(text: string): void {
    if (this.#bytes.length < text.length * 3 + 3) this.#reserve(text.length * 3 + 3)
    if (!this.#packAscii(text)) this.#encode(text)
  }

  /** Whether the words of an arena from an offset on are the first bytes of this text. */
  startsWith(arena: Uint32Array, offset: number, bytes: number): boolean {
    const words = this.#words
    const whole = bytes >>> 2
    for (let at = 0; at < whole; at++) if (arena[offset + at] !== words[at]) return false
    const rest = bytes & 3
    return rest === 0 || arena[offset + whole] === (words[whole]! & ((1 << (rest * 8)) - 1)) >>> 0
  }

  /** Writes the words into an arena. */
  copyTo(arena: Uint32Array, offset: number): void {
    const words = this.#words
    for (let at = 0; at < this.wordCount; at++) arena[offset + at] = words[at]!
  }

  /** The lengths and hashes of the paths above this one. They are valid until the next text is set. */
  prefixes(separator: number): PathPrefixes {
    this.#prefixes.read(this.#words, this.length, separator)
    return this.#prefixes
  }

  /** Nearly every id is short and ASCII: packing it here costs less than the call to encode. False if it is not. */
  #packAscii(text: string): boolean {
    const words = this.#words
    const { length } = text
    const whole = length >>> 2
    let hash = HASH_START
    let seen = 0
    let at = 0
    for (let word = 0; word < whole; word++, at += 4) {
      const a = text.charCodeAt(at)
      const b = text.charCodeAt(at + 1)
      const c = text.charCodeAt(at + 2)
      const d = text.charCodeAt(at + 3)
      seen |= a | b | c | d
      const packed = a | (b << 8) | (c << 16) | (d << 24)
      words[word] = packed
      hash = extendHash(hash, packed)
    }
    if (at < length) {
      let packed = 0
      for (let shift = 0; at < length; at++, shift += 8) {
        const code = text.charCodeAt(at)
        seen |= code
        packed |= code << shift
      }
      words[whole] = packed
      hash = extendHash(hash, packed)
    }
    if (seen > 0x7f) return false
    this.length = length
    this.wordCount = (length + 3) >>> 2
    this.hash = finishHash(hash, length)
    return true
  }

  #encode(text: string): void {
    const { written } = encoder.encodeInto(text, this.#bytes)
    const words = this.#words
    const count = (written + 3) >>> 2
    const bytes = this.#bytes
    bytes[written] = 0
    bytes[written + 1] = 0
    bytes[written + 2] = 0
    let hash = HASH_START
    for (let at = 0; at < count; at++) hash = extendHash(hash, words[at]!)
    this.length = written
    this.wordCount = count
    this.hash = finishHash(hash, written)
  }

  #reserve(bytes: number): void {
    this.#words = new Uint32Array((bytes + 3) >>> 2)
    this.#bytes = new Uint8Array(this.#words.buffer)
  }
}

/** The text of some bytes of UTF-8. */
export function decodeText(bytes: Buffer, from: number, to: number): string {
  for (let at = from; at < to; at++) if (bytes[at]! > 0x7f) return bytes.toString('utf8', from, to)
  // ASCII, nearly every id, needs no decoder.
  return bytes.toString('latin1', from, to)
}
