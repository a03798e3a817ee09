import { isDeepStrictEqual } from 'node:util'
import type { CallContext } from '../context.ts'
import { inParallel } from '../in-parallel.ts'
import type { PageOptions } from './contract.ts'
import { checkTime, type FileDeps, whenOpened } from './deps.ts'
import { listFromAbove } from './listed-directory.ts'
import { comparePaths, parentPath, resolvePath, type TreePath } from './paths.ts'
import { type Located, lookup } from './queries.ts'
import { readableBelow } from './visibility.ts'

/** So many places are looked at together. */
const BATCH = 32

/**
 * What other tenants share with the caller by name, as a listing of '/' shows it: with `recursive` all of it, otherwise
 * the tenants' own directories that lead to it. What is public is not listed: it is found by its path.
 */
export async function listForeign(
  deps: FileDeps,
  context: CallContext,
  recursive: boolean,
): Promise<readonly Located[]> {
  return await whileShared(deps, context, async (places) => {
    if (!recursive) return await tenantsOf(deps, context, places)
    const tasks = places.map((at) => async () => [
      ...(await shown(deps, context, at)),
      ...(await listFromAbove(deps, context, at)),
    ])
    return (await inParallel(tasks)).flat()
  })
}

/** What comes next of that, by path: `limit` or all there is. @param readBelow what comes next below a place */
export async function pageOfForeign(
  deps: FileDeps,
  context: CallContext,
  options: PageOptions,
  readBelow: (at: TreePath) => Promise<readonly Located[]>,
): Promise<readonly Located[]> {
  const { recursive, after, limit } = options
  const isAfter = (path: string): boolean => after === null || comparePaths(path, after) > 0
  return await whileShared(deps, context, async (places) => {
    if (!recursive) return (await tenantsOf(deps, context, places)).filter(({ path }) => isAfter(path))
    // What lies in a place comes after others whose names begin as its name does.
    const pieces = places.flatMap((at) => [
      { key: at.path, read: () => shown(deps, context, at) },
      { key: `${at.path}/`, read: () => readBelow(at) },
    ])
    const isBegun = (key: string): boolean => key.endsWith('/') && after?.startsWith(key) === true
    const next = pieces.filter(({ key }) => isAfter(key) || isBegun(key))
    next.sort((a, b) => comparePaths(a.key, b.key))
    const found: Located[] = []
    for (let from = 0; from < next.length && found.length < limit; from += BATCH) {
      found.push(...(await inParallel(next.slice(from, from + BATCH).map(({ read }) => read))).flat())
    }
    return found
  })
}

/** Looks at what is shared until nothing was moved meanwhile: that would be missing. */
async function whileShared(
  deps: FileDeps,
  context: CallContext,
  look: (places: readonly TreePath[]) => Promise<readonly Located[]>,
): Promise<readonly Located[]> {
  for (let before = await sharedPlaces(deps, context); ; ) {
    if (before.length === 0) return []
    const found = await look(before)
    const after = await sharedPlaces(deps, context)
    if (isDeepStrictEqual(before, after)) return found
    checkTime(context)
    before = after
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

/** What stands at a place, if it is seen and is not only the place of something else. */
async function shown(deps: FileDeps, context: CallContext, at: TreePath): Promise<readonly Located[]> {
  const place = await seen(deps, context, at)
  return place === null || place.node.implicit === 1 ? [] : [place]
}

/** What stands at a path, if the caller may (still) read it or something below it. */
async function seen(deps: FileDeps, context: CallContext, at: TreePath): Promise<Located | null> {
  const { node } = await whenOpened(deps, context, at, lookup)
  if (node === null) return null
  const [allowed] = await deps.guard.ask(context, at.tree, [{ path: at.path, access: 'read' }])
  if (allowed === true) return { path: at.path, node }
  if (node.kind === 'file') return null
  const below = await readableBelow(deps, context, at, [{ nodeId: node.node_id, path: at.path }])
  return below.size > 0 ? { path: at.path, node } : null
}

/** The tenants' own directories above what is seen at places. */
async function tenantsOf(
  deps: FileDeps,
  context: CallContext,
  places: readonly TreePath[],
): Promise<readonly Located[]> {
  const found = await inParallel(places.map((at) => () => seen(deps, context, at)))
  const tops = new Map(
    places.flatMap((at, index) => (found[index] === null ? [] : [[`/${at.components[0] ?? ''}`, at.tree] as const])),
  )
  const directories = await inParallel(
    [...tops].map(([path, tree]) => async () => {
      const { node } = await whenOpened(deps, context, resolvePath(path, tree), lookup)
      return node === null ? [] : [{ path, node }]
    }),
  )
  return directories.flat()
}
