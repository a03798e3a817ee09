/** Longer patterns are refused, in UTF-16 units; no path is longer. */
export const MAX_PATTERN_LENGTH = 1_024

/** A pattern for paths below a directory. */
export interface Glob {
  /** The components that it begins with and that have no wildcard, as far as they are directories of all that matches. */
  readonly prefix: readonly string[]
  /** How many components below the prefix a match has, at most; Infinity with `**`. */
  readonly depth: number
  /** Whether a path matches; it is given by its components below the directory. */
  readonly matches: (components: readonly string[]) => boolean
  /** How many steps that takes at most for each character of a path. */
  readonly steps: number
}

type Token = { readonly kind: 'star' | 'any' } | { readonly kind: 'one'; readonly fits: Test }
type Test = (text: string) => boolean
type Step = 'deep' | Test

/**
 * Reads a pattern: `*` stands for any characters of a component and `?` for one, `[a-z]` and `[!a-z]` for one of a set, a
 * component `**` for any number of components. Case matters; a dot at the beginning is a character like others. Matching
 * takes at most the product of the lengths of pattern and path: a pattern cannot be made to take forever, as a regular
 * expression could.
 */
export function parseGlob(pattern: string): Glob {
  const parts = pattern.split('/').filter((part) => part !== '')
  // A list of all below a directory is not about the directory itself.
  const whole = parts.at(-1) === '**' ? [...parts, '*'] : parts
  const steps = whole.map((part): Step => (part === '**' ? 'deep' : componentTest(part)))
  const wild = parts.findIndex((part) => /[*?[]/.test(part))
  const prefix = parts.slice(0, wild === -1 ? Math.max(0, parts.length - 1) : wild)
  return {
    prefix,
    depth: steps.includes('deep') ? Infinity : steps.length - prefix.length,
    matches: (components) => wildcardMatch(steps, components, isDeep, fitsComponent),
    steps: pattern.length,
  }
}

function isDeep(step: Step): boolean {
  return step === 'deep'
}

function fitsComponent(step: Step, component: string): boolean {
  return step !== 'deep' && step(component)
}

/** How a component is tested: for most patterns without a look at each character. */
function componentTest(part: string): Test {
  if (!/[*?[]/.test(part)) return (component) => component === part
  const [head = '', tail, ...more] = part.split('*')
  if (tail !== undefined && more.length === 0 && !/[?[]/.test(part)) {
    const least = head.length + tail.length
    return (component) => component.length >= least && component.startsWith(head) && component.endsWith(tail)
  }
  const tokens = tokensOf(part)
  return (component) => wildcardMatch(tokens, [...component], isStar, fitsCharacter)
}

function isStar(token: Token): boolean {
  return token.kind === 'star'
}

function fitsCharacter(token: Token, character: string): boolean {
  return token.kind === 'any' || (token.kind === 'one' && token.fits(character))
}

/**
 * Whether items fit a sequence of tokens of which some stand for any number of items. Only the last of these is ever
 * tried again: what comes before it was matched as early as possible, which leaves the most to the rest.
 */
function wildcardMatch<T, I>(
  tokens: readonly T[],
  items: readonly I[],
  isMany: (token: T) => boolean,
  fits: (token: T, item: I) => boolean,
): boolean {
  let [token, item] = [0, 0]
  let many: { readonly token: number; item: number } | undefined
  while (item < items.length) {
    const current = tokens[token]
    const next = items[item]
    if (current !== undefined && isMany(current)) {
      token++
      many = { token, item }
    } else if (current !== undefined && next !== undefined && fits(current, next)) {
      token++
      item++
    } else if (many !== undefined) {
      many.item++
      token = many.token
      item = many.item
    } else return false
  }
  return tokens.slice(token).every(isMany)
}

function tokensOf(part: string): readonly Token[] {
  const characters = [...part]
  const tokens: Token[] = []
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? ''
    const end = character === '[' ? endOfSet(characters, index) : -1
    if (character === '*') tokens.push({ kind: 'star' })
    else if (character === '?') tokens.push({ kind: 'any' })
    else if (end === -1) tokens.push({ kind: 'one', fits: (other) => other === character })
    else {
      tokens.push({ kind: 'one', fits: setOf(characters.slice(index + 1, end)) })
      index = end
    }
  }
  return tokens
}

/** Where a set ends, or -1: then the bracket is a bracket. The first member may be a closing bracket. */
function endOfSet(characters: readonly string[], start: number): number {
  const first = characters[start + 1] === '!' || characters[start + 1] === '^' ? start + 2 : start + 1
  return characters.indexOf(']', first + 1)
}

function setOf(members: readonly string[]): Test {
  const negated = members[0] === '!' || members[0] === '^'
  const rest = negated ? members.slice(1) : members
  const ranges: Range[] = []
  for (let index = 0; index < rest.length; index++) {
    const from = codeOf(rest[index])
    const isRange = rest[index + 1] === '-' && index + 2 < rest.length
    ranges.push([from, isRange ? codeOf(rest[index + 2]) : from])
    if (isRange) index += 2
  }
  const sorted = sortedRanges(ranges)
  return (character) => isWithin(sorted, codeOf(character)) !== negated
}

type Range = readonly [from: number, to: number]

/** The same in order and without overlaps: a set may have a thousand members, and is asked about every character. */
function sortedRanges(ranges: readonly Range[]): readonly Range[] {
  const sorted: Range[] = []
  for (const [from, to] of ranges.filter(([low, high]) => low <= high).toSorted(([one], [other]) => one - other)) {
    const last = sorted.at(-1)
    if (last !== undefined && from <= last[1] + 1) sorted[sorted.length - 1] = [last[0], Math.max(last[1], to)]
    else sorted.push([from, to])
  }
  return sorted
}

function isWithin(sorted: readonly Range[], code: number): boolean {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.[1] ?? 0) < code) low = middle + 1
    else high = middle
  }
  const range = sorted[low]
  return range !== undefined && range[0] <= code
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0
}
