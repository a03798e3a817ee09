const encoder = new TextEncoder()
const decoder = new TextDecoder()

// Ids come from tenants, so the start value is secret: nobody can prepare ids that all fall on one place.
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]!

/**
 * A text as bytes of UTF-8, with their hash. One instance is used again and again: most ids are ASCII and need no copy.
 * Equal bytes mean equal text, whatever the script.
 */
export class TextBytes {
  bytes = new Uint8Array(1024)
  length = 0
  hash = 0

  set(text: string): void {
    const { length } = text
    if (this.bytes.length < length * 3) this.bytes = new Uint8Array(length * 3)
    const bytes = this.bytes
    let hash = SEED
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at)
      if (code > 0x7f) {
        this.#setEncoded(text)
        return
      }
      bytes[at] = code
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    this.length = length
    this.hash = hash
  }

  #setEncoded(text: string): void {
    const { written } = encoder.encodeInto(text, this.bytes)
    let hash = SEED
    for (let at = 0; at < written; at++) hash = Math.imul(hash ^ this.bytes[at]!, 0x01000193)
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
