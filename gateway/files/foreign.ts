import { isDeepStrictEqual } from 'node:util'
import type { CallContext } from '../context.ts'
import { checkTime, type FileDeps, whenOpened } from './deps.ts'
import { betweenMoves } from './moves.ts'
import { parentPath, resolvePath, type TreePath } from './paths.ts'
import { descendants, type Located, lookup } from './queries.ts'
import { readableOf } from './visibility.ts'

/**
 * What other tenants share with the caller by name, as a listing of '/' shows it: with `recursive` all of it, otherwise
 * the tenants' own directories that lead to it. What is public is not listed: it is found by its path.
 */
export async function listForeign(
  deps: FileDeps,
  context: CallContext,
  recursive: boolean,
): Promise<readonly Located[]> {
  for (let before = await sharedPlaces(deps, context); ; ) {
    if (before.length === 0) return []
    const found = await Promise.all(before.map((at) => listShared(deps, context, at)))
    const after = await sharedPlaces(deps, context)
    // What was moved meanwhile would be missing from the list.
    if (!isDeepStrictEqual(before, after)) {
      checkTime(context)
      before = after
      continue
    }
    const readable = found.flat()
    return recursive
      ? readable.filter(({ node }) => node.implicit === 0)
      : await tenantsOf(deps, context, before, readable)
  }
}

/** The topmost paths of other tenants that are shared with the caller by name. */
export async function sharedPlaces(deps: FileDeps, { caller, scope }: CallContext): Promise<readonly TreePath[]> {
  const shares = await deps.incoming(caller.tenant, caller.subject, scope.deadline)
  return topmost(
    shares.flatMap(({ tenant, row }) => (row.objectType === 'file' ? [{ tenant, path: row.objectId }] : [])),
  )
}

/** Paths that name their tenant, without those below another one. */
function topmost(shares: readonly { readonly tenant: string; readonly path: string }[]): readonly TreePath[] {
  const paths = new Map(shares.map(({ tenant, path }) => [path, tenant]))
  return [...paths].flatMap(([path, tenant]) => {
    for (let above = parentPath(path); above !== '/'; above = parentPath(above)) if (paths.has(above)) return []
    const at = resolvePath(path, tenant)
    return at.components[0] === `tenant:${tenant}` ? [at] : []
  })
}

/** What stands at a path and below it, as far as the caller may still read it. */
async function listShared(deps: FileDeps, context: CallContext, at: TreePath): Promise<readonly Located[]> {
  return await betweenMoves(deps, context, at.tree, async () => {
    const { node } = await whenOpened(deps, context, at, lookup)
    if (node === null) return { value: [], whole: true }
    const below = node.kind === 'directory' ? (await whenOpened(deps, context, at, descendants)).found : []
    const found = [{ path: at.path, node }, ...below]
    const value = await readableOf(deps, context, at, found)
    return { value, whole: value.length === found.length }
  })
}

async function tenantsOf(
  deps: FileDeps,
  context: CallContext,
  places: readonly TreePath[],
  readable: readonly Located[],
): Promise<readonly Located[]> {
  const tops = new Set(readable.map(({ path }) => path.slice(0, path.indexOf('/', 1))))
  const trees = new Map(places.map(({ tree, components }) => [`/${components[0] ?? ''}`, tree]))
  const found = await Promise.all(
    [...tops].map(async (path) => {
      const at = resolvePath(path, trees.get(path) ?? context.caller.tenant)
      const { node } = await whenOpened(deps, context, at, lookup)
      return node === null ? [] : [{ path, node }]
    }),
  )
  return found.flat()
}
