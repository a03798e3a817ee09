import type { CallContext } from '../context.ts'
import { afterWaiting } from './backing.ts'
import type { FileDeps } from './deps.ts'
import type { TreePath } from './paths.ts'

interface Look {
  /** The mount that the directory belongs to. */
  readonly mountId: string | null
}

/**
 * Looks at what lies in a directory. If that is one of a mount, its back end is asked first, for one who may read the
 * directory; one who may read only something in it sees what is known of it. Answers what was seen, and a context for
 * what comes after.
 */
export async function lookThroughMount<T extends Look>(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  recursive: boolean,
  look: (context: CallContext) => Promise<T>,
): Promise<{ readonly seen: T; readonly now: CallContext }> {
  const seen = await look(context)
  if (seen.mountId === null) return { seen, now: context }
  const bypass = deps.guard.bypasses(context, at.tree)
  const [allowed] = bypass ? [true] : await deps.guard.ask(context, at.tree, [{ path: at.path, access: 'read' }])
  if (allowed !== true) return { seen, now: context }
  await deps.backing.refresh(context, at, seen.mountId, recursive ? 'subtree' : 'children')
  const now = afterWaiting(context)
  return { seen: await look(now), now }
}
