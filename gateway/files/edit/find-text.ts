import { distance } from 'fastest-levenshtein'

/** The search for similar text holds up everybody else; it ends after this much work, about a tenth of a second. */
const MAX_WORK = 200_000_000

/** What looking at a place costs beside comparing the characters of two texts with each other, pair by pair. */
const WORK_PER_PLACE = 500

/** As many lines may be compared with each other; no text has as many. */
const MAX_LINES_COMPARED = 10_000_000

/** How a place was found: as it stands, but for white space, or as the most similar lines. */
export type MatchType = 'exact' | 'normalized' | 'fuzzy'

/** A place in a text, in UTF-16 units. */
export interface Place {
  readonly start: number
  readonly end: number
  /** 0 to 1. */
  readonly similarity: number
}

export interface FoundText {
  readonly type: MatchType
  /** In the order of the text; they do not overlap. */
  readonly places: readonly Place[]
}

/** Saying whether there is similar text takes more work than is allowed. */
export class SearchTooLong extends Error {}

/**
 * Where a text stands in another one: first as it is; else as whole lines that differ in white space only; else as the
 * whole lines that are the most similar, if they are similar enough. null: nowhere.
 * @param threshold the least similarity, above 0; from 1 on only what is the same counts
 * @throws SearchTooLong
 */
export function findText(text: string, wanted: string, threshold: number): FoundText | null {
  const exact = exactPlaces(text, wanted)
  if (exact.length > 0) return { type: 'exact', places: exact }
  if (threshold >= 1) return null
  const lines = linesOf(text)
  const normal = normalPlaces(lines, wanted)
  if (normal.length > 0) return { type: 'normalized', places: normal }
  const similar = similarPlaces(text, lines, wanted, threshold)
  return similar.length > 0 ? { type: 'fuzzy', places: similar } : null
}

function exactPlaces(text: string, wanted: string): Place[] {
  const places: Place[] = []
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
    places.push({ start: at, end: at + wanted.length, similarity: 1 })
  }
  return places
}

interface Line {
  readonly start: number
  /** Before its end of line. */
  readonly end: number
  readonly normal: string
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start)
    const next = newline === -1 ? text.length : newline
    const end = text[next - 1] === '\r' && next > start ? next - 1 : next
    lines.push({ start, end, normal: normalized(text.slice(start, end)) })
    start = next + 1
  }
  return lines
}

function normalized(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ')
}

/** The lines of what is looked for; an end of line at its end is no line of its own. */
function wantedLines(wanted: string): readonly string[] {
  return wanted.replace(/\r?\n$/, '').split(/\r?\n/)
}

function normalPlaces(lines: readonly Line[], wanted: string): Place[] {
  const sought = wantedLines(wanted).map(normalized)
  // Without a word every empty line would be one.
  if (sought.every((line) => line === '')) return []
  const places: Place[] = []
  let work = 0
  for (let at = 0; at + sought.length <= lines.length; ) {
    let same = 0
    while (same < sought.length && lines[at + same]?.normal === sought[same]) same++
    // Of many lines that are the same each could be the first one.
    work += same
    if (work > MAX_LINES_COMPARED) throw new SearchTooLong('the search for the same lines takes too long')
    const isHere = same === sought.length
    if (isHere) places.push({ ...placeOf(lines, at, sought.length), similarity: 1 })
    at += isHere ? sought.length : 1
  }
  return places
}

/** The most similar lines, all of them if several are. */
function similarPlaces(text: string, lines: readonly Line[], wanted: string, threshold: number): Place[] {
  const sought = wantedLines(wanted)
  const whole = sought.join('\n')
  if (whole.trim() === '') return []
  let work = 0
  let best: Place[] = []
  let least = threshold
  for (let at = 0; at + sought.length <= lines.length; at++) {
    const place = placeOf(lines, at, sought.length)
    const longer = Math.max(place.end - place.start, whole.length)
    // Texts differ by no less than their lengths.
    if (Math.min(place.end - place.start, whole.length) < longer * least) continue
    work += WORK_PER_PLACE + (place.end - place.start) * whole.length
    if (work > MAX_WORK) throw new SearchTooLong('the search for similar text takes too long')
    const similarity = 1 - distance(text.slice(place.start, place.end), whole) / longer
    if (similarity < least) continue
    const previous = best.at(-1)
    if (similarity > least || previous === undefined) best = [{ ...place, similarity }]
    else if (previous.end <= place.start) best.push({ ...place, similarity })
    least = similarity
  }
  return best
}

/** Whole lines, without the last end of line: it stays, whether or not what is looked for has one. */
function placeOf(lines: readonly Line[], at: number, count: number): Omit<Place, 'similarity'> {
  return { start: lines[at]?.start ?? 0, end: lines[at + count - 1]?.end ?? 0 }
}
