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
}

type Token = { readonly kind: 'star' | 'any' } | { readonly kind: 'one'; readonly fits: (character: string) => boolean }
type Step = 'deep' | readonly Token[]

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
  const steps = whole.map((part): Step => (part === '**' ? 'deep' : tokensOf(part)))
  const wild = parts.findIndex((part) => /[*?[]/.test(part))
  const prefix = parts.slice(0, wild === -1 ? Math.max(0, parts.length - 1) : wild)
  return {
    prefix,
    depth: steps.includes('deep') ? Infinity : steps.length - prefix.length,
    matches: (components) => wildcardMatch(steps, components, isDeep, fitsComponent),
  }
}

function isDeep(step: Step): boolean {
  return step === 'deep'
}

function fitsComponent(step: Step, component: string): boolean {
  return step !== 'deep' && wildcardMatch(step, [...component], isStar, fitsCharacter)
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

function setOf(members: readonly string[]): (character: string) => boolean {
  const negated = members[0] === '!' || members[0] === '^'
  const rest = negated ? members.slice(1) : members
  const ranges: (readonly [number, number])[] = []
  for (let index = 0; index < rest.length; index++) {
    const from = codeOf(rest[index])
    const isRange = rest[index + 1] === '-' && index + 2 < rest.length
    ranges.push([from, isRange ? codeOf(rest[index + 2]) : from])
    if (isRange) index += 2
  }
  return (character) => ranges.some(([from, to]) => from <= codeOf(character) && codeOf(character) <= to) !== negated
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0
}
