import type { CallContext } from '../context.ts'
import { inSlices } from '../slices.ts'
import type { FileEntry } from './contract.ts'
import type { FileDeps } from './deps.ts'
import { listForeign } from './foreign.ts'
import { listTree } from './listed-directory.ts'
import { entryOf } from './nodes.ts'
import { resolvePath, SERVER_TREE } from './paths.ts'
import { sortedInTurns } from './sort-in-turns.ts'

/**
 * What the caller can see below a directory, sorted by path. Recursive: files and explicit directories at any depth;
 * otherwise the children, with implicit directories. '/' shows the caller's tenant, the server-wide tree and what other
 * tenants share with the caller. Costs what lies there or what the caller may read, whichever is less.
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
  const gone = context.gone?.()
  const [first = []] = found
  const sorted = await sortedInTurns(found.length === 1 ? first : found.flat(), gone)
  const entries: FileEntry[] = []
  for await (const slice of inSlices(sorted, gone)) {
    for (const { path: place, node } of slice) entries.push(entryOf(place, node))
  }
  return entries
}
