import { distance } from 'fastest-levenshtein'
import type { Turn } from '../../slices.ts'
import type { EditedText, Place } from './edited-text.ts'
import { occurrences } from './occurrences.ts'
import type { TextLines } from './text-lines.ts'
import { textStarts } from './text-starts.ts'

/** The work that a call may spend on similar text, in pairs of characters compared: less than a second. */
const MAX_WORK = 500_000_000

/** Two texts are compared with each other in one go; they may differ in no more pairs of characters. */
const MAX_COMPARED = 20_000_000

/** What looking at a place costs beside comparing the characters of two texts with each other, pair by pair. */
const WORK_PER_PLACE = 500
/** What passing over a line costs. */
const WORK_PER_LINE = 10
/** What a character costs when the lines of a text are told from each other. */
const WORK_PER_UNIT = 5

/** How a place was found: as it stands, but for white space, or as the most similar lines. */
export type MatchType = 'exact' | 'normalized' | 'fuzzy'

/** There may be millions of places; none of them overlap. */
export interface FoundText {
  readonly type: MatchType
  /** 0 to 1. */
  readonly similarity: number
  readonly count: number
  /** The places in the order of the text, from 0 on. */
  readonly place: (index: number) => Place
}

/** Saying whether there is similar text takes more work than is allowed. */
export class SearchTooLong extends Error {}

/** What all searches of a call for similar text may cost together. */
export class SearchBudget {
  #left = MAX_WORK

  /** @throws SearchTooLong */
  spend(work: number): void {
    this.#left -= work
    if (this.#left < 0) throw new SearchTooLong('the search for similar text takes too long')
  }
}

/**
 * Where a text stands in another one: first as it is; else as whole lines that differ in white space only; else as the
 * whole lines that are the most similar, if they are similar enough. null: nowhere.
 * @param threshold the least similarity, above 0; from 1 on only what is the same counts
 * @throws SearchTooLong
 */
export async function findText(
  edited: EditedText,
  wanted: string,
  threshold: number,
  budget: SearchBudget,
  turn: Turn,
): Promise<FoundText | null> {
  const starts = await textStarts(edited, wanted, turn)
  if (starts.length > 0) {
    const place = (index: number) => ({ start: starts[index] ?? 0, end: (starts[index] ?? 0) + wanted.length })
    return { type: 'exact', similarity: 1, count: starts.length, place }
  }
  if (threshold >= 1) return null
  const sought = wantedLines(wanted)
  // Without a word every empty line would be one.
  if (sought.every((line) => line.trim() === '')) return null
  if (!edited.hasLines) budget.spend(edited.text.length * WORK_PER_UNIT)
  const lines = await edited.lines(turn)
  budget.spend(lines.count * WORK_PER_LINE)
  const normal = await occurrences(
    lines.kinds,
    Int32Array.from(sought, (line) => lines.kindOf(line)),
    turn,
  )
  if (normal.length > 0) return foundLines('normalized', lines, normal, sought.length, 1)
  return await mostSimilar(edited.text, lines, sought, threshold, budget, turn)
}

function foundLines(
  type: MatchType,
  lines: TextLines,
  firsts: readonly number[],
  count: number,
  similarity: number,
): FoundText {
  return { type, similarity, count: firsts.length, place: (index) => lines.place(firsts[index] ?? 0, count) }
}

/** The lines of what is looked for; an end of line at its end is no line of its own. */
function wantedLines(wanted: string): readonly string[] {
  return wanted.replace(/\r?\n$/, '').split(/\r?\n/)
}

/** The most similar lines, all of them if several are. */
async function mostSimilar(
  text: string,
  lines: TextLines,
  sought: readonly string[],
  threshold: number,
  budget: SearchBudget,
  turn: Turn,
): Promise<FoundText | null> {
  const whole = sought.join('\n')
  let best: number[] = []
  let least = threshold
  for (let at = 0; at + sought.length <= lines.count; at++) {
    const { start, end } = lines.place(at, sought.length)
    const longer = Math.max(end - start, whole.length)
    budget.spend(WORK_PER_LINE)
    if (turn.enough(WORK_PER_LINE)) await turn.pause()
    // Texts differ by no less than their lengths.
    if (Math.min(end - start, whole.length) < longer * least) continue
    const [one, other] = withoutSame(text.slice(start, end), whole)
    const pairs = one.length * other.length
    budget.spend(WORK_PER_PLACE + longer + pairs)
    if (pairs > MAX_COMPARED) throw new SearchTooLong('the texts are too long to be compared')
    const similarity = 1 - distance(one, other) / longer
    if (turn.enough(WORK_PER_PLACE + longer + pairs)) await turn.pause()
    if (similarity < least) continue
    const previous = best.at(-1)
    if (similarity > least || previous === undefined) best = [at]
    else if (lines.place(previous, sought.length).end <= start) best.push(at)
    least = similarity
  }
  return best.length === 0 ? null : foundLines('fuzzy', lines, best, sought.length, least)
}

/** Two texts without what both begin and end with, which makes no difference. */
function withoutSame(one: string, other: string): readonly [string, string] {
  const shorter = Math.min(one.length, other.length)
  let head = 0
  while (head < shorter && one.charCodeAt(head) === other.charCodeAt(head)) head++
  let tail = 0
  while (tail < shorter - head && one.charCodeAt(one.length - 1 - tail) === other.charCodeAt(other.length - 1 - tail)) {
    tail++
  }
  return [one.slice(head, one.length - tail), other.slice(head, other.length - tail)]
}
