const encoder = new TextEncoder()
const decoder = new TextDecoder()

// Ids come from tenants, so the start value is secret: nobody can prepare ids that all fall on one place.
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]!

const PRIME = 0x9e3779b1

/**
 * A text as UTF-8, in words of four bytes, with its hash. One instance is used again and again. All bytes are kept and
 * compared: equal bytes mean equal text, whatever the script.
 */
export class TextBytes {
  #words = new Uint32Array(256)
  #bytes = new Uint8Array(this.#words.buffer)
  /** In bytes. */
  length = 0
  /** The last one is filled up with zeros. */
  wordCount = 0
  hash = 0

  set(text: string): void {
    if (this.#bytes.length < text.length * 3 + 3) this.#reserve(text.length * 3 + 3)
    const { written } = encoder.encodeInto(text, this.#bytes)
    const words = this.#words
    const count = (written + 3) >>> 2
    // By hand: filling up to three bytes by a call costs more than the call to encode.
    const bytes = this.#bytes
    bytes[written] = 0
    bytes[written + 1] = 0
    bytes[written + 2] = 0
    let hash = SEED ^ written
    for (let at = 0; at < count; at++) {
      hash = Math.imul((hash ^ words[at]!) + 1, PRIME)
      hash ^= hash >>> 15
    }
    this.length = written
    this.wordCount = count
    this.hash = hash
  }

  /** Whether the words of an arena from an offset on, as many as this text has, are this text. */
  equals(arena: Uint32Array, offset: number): boolean {
    const words = this.#words
    const count = this.wordCount
    for (let at = 0; at < count; at++) if (arena[offset + at] !== words[at]) return false
    return true
  }

  /** Writes the words into an arena. */
  copyTo(arena: Uint32Array, offset: number): void {
    arena.set(this.#words.subarray(0, this.wordCount), offset)
  }

  #reserve(bytes: number): void {
    this.#words = new Uint32Array((bytes + 3) >>> 2)
    this.#bytes = new Uint8Array(this.#words.buffer)
  }
}

/** The text of some bytes of UTF-8. */
export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  // Short ASCII, nearly every id, is faster without the decoder.
  if (to - from <= 64) {
    let text = ''
    for (let at = from; at < to; at++) {
      const code = bytes[at]!
      if (code > 0x7f) return decoder.decode(bytes.subarray(from, to))
      text += String.fromCharCode(code)
    }
    return text
  }
  return decoder.decode(bytes.subarray(from, to))
}
