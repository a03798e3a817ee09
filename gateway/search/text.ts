import { wordsOf } from './words.ts'

const ENCODINGS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** Bytes as text; null if they are not text. Of `whole` false the last character may be cut. */
export function textOf(bytes: Uint8Array, whole: boolean): string | null {
  const [encoding = 'utf-8'] = ENCODINGS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte)) ?? []
  if (encoding === 'utf-8' && bytes.includes(0)) return null
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !whole })
  } catch {
    return null
  }
}

/** The words of a content's first `limit` bytes; none of what is not text. */
export function wordsOfContent(bytes: Uint8Array, limit: number): string {
  const text = textOf(bytes.subarray(0, limit), bytes.byteLength <= limit)
  return text === null ? '' : wordsOf(text)
}
