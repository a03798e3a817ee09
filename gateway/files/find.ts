import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { Turn } from '../slices.ts'
import type { FileDeps } from './deps.ts'
import { type Glob, MAX_PATTERN_LENGTH, parseGlob } from './glob.ts'
import { list } from './list.ts'
import { resolvePath } from './paths.ts'

/**
 * For each pattern the readable files and explicit directories below a directory whose paths match, sorted. Costs what
 * stands below the directory, or below the part of a single pattern that has no wildcard.
 * @throws NexusError INVALID_PARAMS, INVALID_PATH, DEADLINE_EXCEEDED, CANCELLED
 */
export async function find(
  deps: FileDeps,
  context: CallContext,
  path: string,
  patterns: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const base = resolvePath(path, context.caller.tenant)
  const globs = patterns.map((pattern) => globsOf(pattern, base.components))
  const all = globs.flat()
  const [only] = all
  // One listing serves all patterns.
  const narrow = all.length === 1 && only !== undefined ? only : undefined
  const from = narrow === undefined ? base.path : `/${[...base.components, ...narrow.prefix].join('/')}`
  const recursive = narrow === undefined || narrow.depth > 1
  const entries = all.length === 0 ? [] : await list(deps, context, from, { recursive })
  const found = globs.map((): string[] => [])
  const turn = new Turn(context.gone?.(), context.scope.deadline)
  for (const { path: at, implicit } of entries) {
    // A recursive listing does not have what is only the place of something else either.
    if (implicit) continue
    const below = at.slice(1).split('/').slice(base.components.length)
    for (const [index, alternatives] of globs.entries()) {
      if (alternatives.some((glob) => glob.matches(below))) found[index]?.push(at)
      if (turn.enough(stepsFor(alternatives, at))) await turn.pause()
    }
  }
  return found
}

/** How many steps it takes at most to find out whether a path matches any of these. */
export function stepsFor(globs: readonly Glob[], path: string): number {
  let steps = 0
  for (const glob of globs) steps += glob.steps
  return steps * path.length
}

/** A pattern as it is meant from a directory; any of the answers may match. */
export function globsOf(pattern: string, base: readonly string[]): readonly Glob[] {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new NexusError('INVALID_PARAMS', `a pattern has at most ${MAX_PATTERN_LENGTH} characters`)
  }
  const text = pattern.normalize('NFC').trim()
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0) throw new NexusError('INVALID_PARAMS', 'a pattern must not be empty')
  if (parts.includes('..')) throw new NexusError('INVALID_PARAMS', "a pattern must not have '..' segments")
  // A pattern may be written from the root: then it names the directory itself.
  const absolute = text.startsWith('/') && base.every((component, index) => parts[index] === component)
  const relative = (absolute ? parts.slice(base.length) : parts).join('/')
  const anywhere = !absolute && parts.length > 1 && !parts.includes('**')
  return [relative, ...(anywhere ? [`**/${relative}`] : [])].map(parseGlob)
}
