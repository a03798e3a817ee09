import type { CallContext } from '../context.ts'
import { belowRoots } from './below-roots.ts'
import type { FilePage, PageOptions } from './contract.ts'
import { type FileDeps, whenOpened } from './deps.ts'
import { pageOfForeign } from './foreign.ts'
import { lookThroughMount } from './mounted-listing.ts'
import { betweenMoves, type Look } from './moves.ts'
import { entryOf } from './nodes.ts'
import { walkInOrder } from './ordered-walk.ts'
import { comparePaths, resolvePath, SERVER_TREE, sortedByPath, type TreePath } from './paths.ts'
import { directoryAt, type Located } from './queries.ts'
import { readableRoots, type Root } from './readable-roots.ts'
import { isCovered, visibleOf } from './visibility.ts'

/** As much is looked at together, at most, where most of it cannot be seen. */
const LARGEST_LOOK = 4_096

interface Part {
  readonly found: readonly Located[]
  readonly more: boolean
}

/**
 * A page of what `list` gives, in the same order. Costs what is on the page, and what lies before its end or what the
 * caller may read, whichever is less, where some of it cannot be seen.
 */
export async function listPage(
  deps: FileDeps,
  context: CallContext,
  path: string,
  options: PageOptions,
): Promise<FilePage> {
  const at = resolvePath(path, context.caller.tenant)
  const parts = await Promise.all(
    at.path === '/'
      ? [
          pageOfTree(deps, context, at, options),
          pageOfTree(deps, context, { ...at, tree: SERVER_TREE }, options),
          pageOfShared(deps, context, options),
        ]
      : [pageOfTree(deps, context, at, options)],
  )
  const found = sortedByPath(parts.flatMap((part) => part.found))
  return {
    entries: found.slice(0, options.limit).map(({ path: place, node }) => entryOf(place, node)),
    more: found.length > options.limit || parts.some(({ more }) => more),
  }
}

async function pageOfTree(deps: FileDeps, context: CallContext, at: TreePath, options: PageOptions): Promise<Part> {
  const bypass = at.tree !== SERVER_TREE && deps.guard.bypasses(context, at.tree)
  if (bypass) deps.guard.noteBypass(context, 'list', at.path)
  if (bypass || at.tree === SERVER_TREE) {
    return cut(await readPage(deps, context, at, { ...options, limit: options.limit + 1 }), options)
  }
  return await betweenMoves(deps, context, at.tree, () => lookFromEitherSide(deps, context, at, options))
}

/** Of what others share, as it is seen from above: no back end of a mount is asked, and administrators see no more. */
async function pageOfShared(deps: FileDeps, context: CallContext, options: PageOptions): Promise<Part> {
  const wanted = { ...options, after: options.after ?? '/', limit: options.limit + 1 }
  const readBelow = async (at: TreePath) => {
    const look = () => lookFromEitherSide(deps, context, at, wanted)
    return (await betweenMoves(deps, context, at.tree, look)).found
  }
  return cut(sortedByPath(await pageOfForeign(deps, context, wanted, readBelow)), options)
}

async function lookFromEitherSide(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  options: PageOptions,
): Promise<Look<Part>> {
  const visible: Located[] = []
  let [looked, isKnowable] = [0, true]
  for (let { after } = options, size = options.limit + 1; ; size = Math.min(size * 2, LARGEST_LOOK)) {
    const found = await readPage(deps, context, at, { ...options, after, limit: size })
    const isFirst = looked === 0
    const isAll = found.length < size
    looked += found.length
    if (isFirst && found.length > 1 && (await isCovered(deps, context, at))) {
      return { value: cut(found, options), whole: true }
    }
    if (isKnowable && !(isFirst && isAll && found.length <= deps.looks.few)) {
      const roots = await readableRoots(deps, context, at, Math.max(looked, deps.looks.first))
      // What was read before everything could be is not all of it.
      const page =
        typeof roots === 'string' || (await isCovered(deps, context, at))
          ? null
          : await readBelow(deps, context, at, roots, options)
      if (page !== null) return { value: cut(page, options), whole: false }
      isKnowable = roots !== 'unknown'
    }
    visible.push(...(await visibleOf(deps, context, at, found)))
    if (visible.length > options.limit || isAll) {
      return { value: cut(visible, options), whole: isFirst && visible.length === looked }
    }
    after = found.at(-1)?.path ?? after
  }
}

function cut(found: readonly Located[], { limit }: PageOptions): Part {
  return { found: found.slice(0, limit), more: found.length > limit }
}

/** What comes next below a directory, whoever may see it. */
async function readPage(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  { recursive, after, limit }: PageOptions,
): Promise<readonly Located[]> {
  const rest = restOf(at, after)
  if (rest === null) return []
  const script = function* (place: TreePath, applied: number) {
    const { start, mountId, pendingSeq } = yield* directoryAt(place, applied)
    const found = start === null ? [] : yield* walkInOrder(place.tree, start, { recursive, after: rest, limit })
    return { found, mountId, pendingSeq }
  }
  const look = (then: CallContext) => whenOpened(deps, then, at, script, { snapshot: true })
  // The back end of a mount is asked for the first page; those after it go on from what is known then.
  if (after !== null) return (await look(context)).found
  return (await lookThroughMount(deps, context, at, recursive, look)).seen.found
}

/** What comes next below a directory for one who may read what is at and below roots; one more than the page has. */
async function readBelow(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  roots: readonly Root[],
  { recursive, after, limit }: PageOptions,
): Promise<readonly Located[]> {
  const rest = restOf(at, after)
  if (rest === null) return []
  const options = { recursive, after: rest, limit: limit + 1 }
  const script = function* (place: TreePath, applied: number) {
    const { start, pendingSeq } = yield* directoryAt(place, applied)
    return { found: start === null ? [] : yield* belowRoots(place.tree, start, roots, options), pendingSeq }
  }
  return (await whenOpened(deps, context, at, script, { snapshot: true })).found
}

/** A place as it is named from a directory; '' before all that is in it, null after all of that. */
function restOf({ path }: TreePath, after: string | null): string | null {
  const start = path === '/' ? '' : path
  if (after === null) return ''
  if (after.startsWith(`${start}/`)) return after.slice(start.length + 1)
  return comparePaths(after, `${start}/`) < 0 ? '' : null
}
