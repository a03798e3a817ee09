const encoder = new TextEncoder()
const decoder = new TextDecoder()

// Ids come from tenants, so the start value is secret: nobody can prepare ids that all fall on one place.
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]!

const PRIME = 0x9e3779b1

/**
 * A text as UTF-8, with its length and hash in bytes. One instance is used again and again: most ids are ASCII, and are
 * hashed and compared without being encoded. Equal bytes mean equal text, whatever the script.
 */
export class TextBytes {
  #text = ''
  #ascii = true
  /** The encoded text, if it is not ASCII. */
  #bytes = new Uint8Array(1024)
  length = 0
  hash = 0

  set(text: string): void {
    const { length } = text
    let hash = SEED
    let all = 0
    let at = 0
    // Four characters for each multiplication: the loop waits for nothing else.
    for (const end = length - 3; at < end; at += 4) {
      const a = text.charCodeAt(at)
      const b = text.charCodeAt(at + 1)
      const c = text.charCodeAt(at + 2)
      const d = text.charCodeAt(at + 3)
      all |= a | b | c | d
      hash = Math.imul((hash ^ (a | (b << 8) | (c << 16) | (d << 24))) + 1, PRIME)
      hash ^= hash >>> 15
    }
    for (; at < length; at++) {
      const code = text.charCodeAt(at)
      all |= code
      hash = Math.imul((hash ^ code) + 1, PRIME)
      hash ^= hash >>> 15
    }
    this.#text = text
    this.#ascii = all < 0x80
    if (this.#ascii) {
      this.length = length
      this.hash = hash
    } else {
      this.#encode(text)
    }
  }

  /** Whether the bytes of an arena from an offset on, as many as this text has, are this text. */
  equals(arena: Uint8Array, offset: number): boolean {
    if (this.#ascii) {
      const text = this.#text
      for (let at = 0; at < text.length; at++) if (arena[offset + at] !== text.charCodeAt(at)) return false
      return true
    }
    for (let at = 0; at < this.length; at++) if (arena[offset + at] !== this.#bytes[at]) return false
    return true
  }

  /** Writes the text into an arena. */
  copyTo(arena: Uint8Array, offset: number): void {
    if (this.#ascii) {
      const text = this.#text
      for (let at = 0; at < text.length; at++) arena[offset + at] = text.charCodeAt(at)
    } else {
      arena.set(this.#bytes.subarray(0, this.length), offset)
    }
  }

  /** What is not ASCII has a hash of its own kind: a text is always one or the other. */
  #encode(text: string): void {
    if (this.#bytes.length < text.length * 3) this.#bytes = new Uint8Array(text.length * 3)
    const { written } = encoder.encodeInto(text, this.#bytes)
    let hash = SEED
    for (let at = 0; at < written; at++) {
      hash = Math.imul((hash ^ this.#bytes[at]!) + 1, PRIME)
      hash ^= hash >>> 15
    }
    this.length = written
    this.hash = hash
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
