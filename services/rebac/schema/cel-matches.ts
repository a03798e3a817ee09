import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'

/**
 * `matches` as CEL defines it: RE2, in time that grows with the text and the pattern only. JavaScript's own engine
 * backtracks, and reads several patterns differently.
 */
const MAX_PATTERN_LENGTH = 256
const MAX_PROGRAM = 1_000
const MAX_TEXT_LENGTH = 1_024
/** What all matches of one evaluation may cost, in characters times instructions: some 40 ms at worst. */
const MAX_WORK = 2_000_000

const compiled = new LRUCache<string, RE2JS>({ max: 500 })
let work = 0

/** Why this cannot be a pattern; null if it can. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return `a pattern is longer than ${MAX_PATTERN_LENGTH} characters`
  try {
    if (RE2JS.compile(pattern).programSize() <= MAX_PROGRAM) return null
    return `the pattern ${JSON.stringify(pattern)} is too large: it repeats too much`
  } catch {
    return `the pattern ${JSON.stringify(pattern)} is no regular expression of RE2`
  }
}

/** Begins to count what matches cost; to be called before each evaluation. */
export function beginMatching(): void {
  work = 0
}

/** Whether the pattern is found in the text. @throws Error if the text, or all that was matched, is too long */
export function findPattern(text: string, pattern: string): boolean {
  if (text.length > MAX_TEXT_LENGTH) throw new Error(`matches takes texts of at most ${MAX_TEXT_LENGTH} characters`)
  const known = compiled.get(pattern)
  const expression = known ?? RE2JS.compile(pattern)
  if (known === undefined) compiled.set(pattern, expression)
  work += (text.length + 1) * expression.programSize()
  if (work > MAX_WORK) throw new Error('the calls of matches cost too much')
  return expression.test(text)
}
