import { type QueryWord, rawWords } from './words.ts'

/** A piece of a text, around the first of the words that were looked for. */
export interface Passage {
  readonly text: string
  /** Line of the word, from 1. */
  readonly line: number
  /** Where the text begins and ends, in characters (code points) from the start of the whole. */
  readonly start: number
  readonly end: number
  /** Which of the pieces of CHUNK characters the word is in, from 0. */
  readonly chunk: number
}

/** Length of a chunk in UTF-16 units. */
const CHUNK = 1_000
const BEFORE = 80
const AFTER = 160
const RAW_WORD = /[\p{L}\p{N}\p{M}]+/gu

/** Around the first match; null if there is none. */
export function snippetOf(text: string, words: readonly QueryWord[]): Passage | null {
  const at = firstMatch(text, words)
  return at === null ? null : passage(text, at, Math.max(0, at - BEFORE), at + AFTER)
}

/** The chunk of the first match; the first chunk if there is none. */
export function chunkOf(text: string, words: readonly QueryWord[]): Passage {
  const at = firstMatch(text, words) ?? 0
  const start = at - (at % CHUNK)
  return passage(text, at, start, start + CHUNK)
}

/** Whether all words of a query are among words as they are indexed. */
export function hasAll(indexed: string, words: readonly QueryWord[]): boolean {
  const known = indexed.split(' ')
  return words.every((word) => known.some((one) => isMatch(one, word)))
}

function isMatch(one: string, { word, prefix }: QueryWord): boolean {
  return prefix ? one.startsWith(word) : one === word
}

function firstMatch(text: string, words: readonly QueryWord[]): number | null {
  for (const match of text.matchAll(RAW_WORD)) {
    for (const one of rawWords(match[0])) if (words.some((word) => isMatch(one, word))) return match.index
  }
  return null
}

function passage(text: string, at: number, from: number, to: number): Passage {
  const start = from + (isLow(text, from) ? 1 : 0)
  const end = Math.min(text.length, to + (isLow(text, to) ? 1 : 0))
  const before = text.slice(0, start)
  const piece = text.slice(start, end)
  const offset = [...before].length
  return {
    text: piece,
    line: text.slice(0, at).split('\n').length,
    start: offset,
    end: offset + [...piece].length,
    chunk: Math.floor(at / CHUNK),
  }
}

/** The second half of a character. */
function isLow(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return unit >= 0xdc00 && unit <= 0xdfff
}
