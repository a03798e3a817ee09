import type { GrepMatch } from './contract.ts'
import type { RipgrepLine } from './ripgrep-messages.ts'

/** A line that matches, and those around it. */
export type FoundLine = Omit<GrepMatch, 'path'>

/** Longer lines are cut around what matches, in characters. */
const SHOWN = 2_000
/** So much of a cut line stands before what matches. */
const SHOWN_BEFORE = 200

/** Gathers the lines of one file in the order in which they stand there. */
export class FoundLines {
  readonly #around: { readonly before: number; readonly after: number }
  readonly #texts = new Map<number, string>()
  readonly #hits: { readonly line: number; readonly content: string; readonly match: string }[] = []
  /** A line was too long to be looked at. */
  cut = false

  constructor(around: { readonly before: number; readonly after: number }) {
    this.#around = around
  }

  add(kind: 'match' | 'context', { lines, line_number: line, submatches }: RipgrepLine): void {
    const text = lines.replace(/\r?\n$/, '')
    const [first] = submatches
    if (this.#around.before + this.#around.after > 0) this.#texts.set(line, shown(text, 0))
    if (kind === 'match' && first !== undefined) {
      this.#hits.push({ line, content: shown(text, first.start), match: shown(first.match, 0) })
    }
  }

  /** @param most how many are asked for */
  result(most: number): readonly FoundLine[] {
    const { before, after } = this.#around
    return this.#hits.slice(0, most).map((hit) => ({
      ...hit,
      before: this.#between(hit.line - before, hit.line),
      after: this.#between(hit.line + 1, hit.line + 1 + after),
    }))
  }

  #between(start: number, end: number): readonly string[] {
    const texts: string[] = []
    for (let line = start; line < end; line++) {
      const text = this.#texts.get(line)
      if (text !== undefined) texts.push(text)
    }
    return texts
  }
}

/** @param at where the match begins, in bytes */
function shown(text: string, at: number): string {
  if (text.length <= SHOWN) return text
  const position = at === 0 ? 0 : Buffer.from(text).subarray(0, at).toString('utf8').length
  const start = Math.max(0, position - SHOWN_BEFORE)
  // A character of two units must not be cut in half.
  return text.slice(start, start + SHOWN).toWellFormed()
}
