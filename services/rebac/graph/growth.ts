/** From here on arrays grow in smaller steps: what is kept in reserve is memory that could hold another tenant. */
const LARGE = 1 << 20

/** A larger copy, of at least this many elements and a whole number of strides. */
export function grownWords(words: Uint32Array, atLeast: number, stride = 1): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.ceil(grownLength(words.length, atLeast) / stride) * stride)
  grown.set(words)
  return grown
}

/** How long an array becomes that must grow. */
export function grownLength(length: number, atLeast: number): number {
  return Math.max(atLeast, Math.ceil(length * (length < LARGE ? 1.5 : 1.125)))
}
