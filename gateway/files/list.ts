import type { CallContext } from '../context.ts'
import type { FileEntry } from './contract.ts'
import { type FileDeps, whenOpened } from './deps.ts'
import { listForeign } from './foreign.ts'
import { lookThroughMount } from './mounted-listing.ts'
import { betweenMoves } from './moves.ts'
import { entryOf } from './nodes.ts'
import { resolvePath, SERVER_TREE, sortedByPath, type TreePath } from './paths.ts'
import { children, descendants, type Located } from './queries.ts'
import { readableOf, visibleOf } from './visibility.ts'

/**
 * What the caller can see below a directory, sorted by path. Recursive: files and explicit directories at any depth;
 * otherwise the children, with implicit directories. '/' shows the caller's tenant, the server-wide tree and what other
 * tenants share with the caller.
 */
export async function list(
  deps: FileDeps,
  context: CallContext,
  path: string,
  options: { readonly recursive: boolean },
): Promise<readonly FileEntry[]> {
  const at = resolvePath(path, context.caller.tenant)
  const { recursive } = options
  const found = await Promise.all(
    at.path === '/'
      ? [
          listTree(deps, context, at, recursive),
          listTree(deps, context, { ...at, tree: SERVER_TREE }, recursive),
          listForeign(deps, context, recursive),
        ]
      : [listTree(deps, context, at, recursive)],
  )
  return sortedByPath(found.flat()).map(({ path: place, node }) => entryOf(place, node))
}

async function listTree(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  recursive: boolean,
): Promise<readonly Located[]> {
  let now = context
  let asked = false
  const look = (then: CallContext) => whenOpened(deps, then, at, recursive ? descendants : children)
  const read = async () => {
    const looked = asked ? { seen: await look(now), now } : await lookThroughMount(deps, now, at, recursive, look)
    asked = true
    now = looked.now
    const { found } = looked.seen
    // The place of a directory that nobody made is shown by what lies in it.
    return recursive ? found.filter(({ node }) => node.implicit === 0) : found
  }
  if (at.tree === SERVER_TREE) return await read()
  if (deps.guard.bypasses(context, at.tree)) {
    deps.guard.noteBypass(context, 'list', at.path)
    return await read()
  }
  const seenBy = recursive ? readableOf : visibleOf
  return await betweenMoves(deps, context, at.tree, async () => {
    const found = await read()
    const value = await seenBy(deps, now, at, found)
    return { value, whole: value.length === found.length }
  })
}
