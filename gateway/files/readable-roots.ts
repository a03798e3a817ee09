import type { CallContext } from '../context.ts'
import type { FileDeps } from './deps.ts'
import { parentPath, type TreePath } from './paths.ts'

/** Where something that a caller may read begins. */
export interface Root {
  /** Its path below the directory that was asked about: at least one component. */
  readonly components: readonly string[]
  /** Everything below it may be read as well. */
  readonly deep: boolean
}

/**
 * All that a caller may read below a directory is at or below these roots, none of which lies below a deep one. 'many':
 * there are more than was asked for; 'unknown': rules of the tenant's own may grant what no relationship speaks of.
 */
export type Roots = readonly Root[] | 'many' | 'unknown'

/** Asks the permission service where what a caller may read below a directory begins: `most` places at most. */
export async function readableRoots(
  deps: FileDeps,
  context: CallContext,
  { path, tree }: Pick<TreePath, 'path' | 'tree'>,
  most: number,
): Promise<Roots> {
  const list = await deps.guard.objectsBelow(context, tree, { path, access: 'read' }, most)
  if (list === null) return 'many'
  if (!list.coversAll) return 'unknown'
  const deep = new Set(list.objects.filter(({ coversSubtree }) => coversSubtree).map(({ id }) => id))
  const start = path === '/' ? '/' : `${path}/`
  return list.objects
    .filter(({ id }) => id !== '/' && !liesBelowOne(deep, id, path))
    .map(({ id, coversSubtree }) => ({ components: id.slice(start.length).split('/'), deep: coversSubtree }))
}

/** Whether a path below a directory lies below one of a set that is below the directory, too. */
function liesBelowOne(paths: ReadonlySet<string>, path: string, directory: string): boolean {
  for (let at = parentPath(path); at !== '/' && at !== directory; at = parentPath(at)) if (paths.has(at)) return true
  return false
}
