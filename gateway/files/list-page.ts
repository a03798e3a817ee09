import type { CallContext } from '../context.ts'
import type { FilePage, PageOptions } from './contract.ts'
import { type FileDeps, whenOpened } from './deps.ts'
import { listForeign } from './foreign.ts'
import { lookThroughMount } from './mounted-listing.ts'
import { betweenMoves } from './moves.ts'
import { entryOf } from './nodes.ts'
import { walkInOrder } from './ordered-walk.ts'
import { comparePaths, resolvePath, SERVER_TREE, sortedByPath, type TreePath } from './paths.ts'
import { type Located, lookup } from './queries.ts'
import { visibleOf } from './visibility.ts'

/** As much is looked at together, at most, where most of it cannot be seen. */
const LARGEST_LOOK = 4_096

interface Part {
  readonly found: readonly Located[]
  readonly more: boolean
}

/** A page of what `list` gives, in the same order. Costs what is on the page, however much there is. */
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
          pageOfForeign(deps, context, options),
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
    const found = await readPage(deps, context, at, { ...options, limit: options.limit + 1 })
    return { found: found.slice(0, options.limit), more: found.length > options.limit }
  }
  return await betweenMoves(deps, context, at.tree, async () => {
    const visible: Located[] = []
    let [looked, seen] = [0, 0]
    for (let { after } = options, size = options.limit + 1; ; size = Math.min(size * 2, LARGEST_LOOK)) {
      const found = await readPage(deps, context, at, { ...options, after, limit: size })
      looked++
      seen += found.length
      visible.push(...(await visibleOf(deps, context, at, found)))
      if (visible.length <= options.limit && found.length === size) {
        after = found.at(-1)?.path ?? after
        continue
      }
      const value = { found: visible.slice(0, options.limit), more: visible.length > options.limit }
      return { value, whole: looked === 1 && visible.length === seen }
    }
  })
}

/** What comes next below a directory, whoever may see it. */
async function readPage(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  { recursive, after, limit }: PageOptions,
): Promise<readonly Located[]> {
  const start = at.path === '/' ? '' : at.path
  const rest = restOf(start, after)
  if (rest === null) return []
  const script = function* (place: TreePath, applied: number) {
    const { anchor, mountId, pendingSeq } = yield* lookup(place, applied)
    const isThere = anchor.depth === place.components.length && anchor.kind === 'directory'
    const from = { nodeId: anchor.nodeId, path: start }
    const found = isThere ? yield* walkInOrder(place.tree, from, { recursive, after: rest, limit }) : []
    return { found, mountId, pendingSeq }
  }
  const look = (then: CallContext) => whenOpened(deps, then, at, script, { snapshot: true })
  // The back end of a mount is asked for the first page; those after it go on from what is known then.
  if (after !== null) return (await look(context)).found
  return (await lookThroughMount(deps, context, at, recursive, look)).seen.found
}

/** A place as it is named from a directory; '' before all that is in it, null after all of that. */
function restOf(start: string, after: string | null): string | null {
  if (after === null) return ''
  if (after.startsWith(`${start}/`)) return after.slice(start.length + 1)
  return comparePaths(after, `${start}/`) < 0 ? '' : null
}

/** What others share is not as much as what one has. */
async function pageOfForeign(deps: FileDeps, context: CallContext, options: PageOptions): Promise<Part> {
  const all = sortedByPath(await listForeign(deps, context, options.recursive))
  const found = all.filter(({ path }) => options.after === null || comparePaths(path, options.after) > 0)
  return { found: found.slice(0, options.limit), more: found.length > options.limit }
}
