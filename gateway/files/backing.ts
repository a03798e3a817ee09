import type { StoredContent } from '../content/contents.ts'
import type { CallContext } from '../context.ts'
import type { NodeRow } from './nodes.ts'
import type { TreePath } from './paths.ts'

/** How much of what a back end has is looked at: what stands at a path, what lies in it, or all below it. */
export type Extent = 'entry' | 'children' | 'subtree'

/** Whoever waits for a back end. */
type Waiting = Pick<CallContext, 'scope'>

/**
 * The back ends that hold parts of the tree. Nodes of a mount are an index of what its back end has: looked up again
 * before they are shown to one who may see them, changed when the back end has been.
 * Errors: MOUNT_UNAVAILABLE (within a bounded time), READ_ONLY, FILE_EXISTS, STORAGE_FULL.
 */
export interface Backing {
  /** Brings the nodes of a mount up to date. The caller is known to be allowed to see them. */
  refresh(context: Waiting, at: TreePath, mountId: string, extent: Extent): Promise<void>
  /** Brings the content of a file, as it is now, into the content store, and notes it in the file's node. */
  fetch(context: Waiting, at: TreePath, mountId: string, node: NodeRow): Promise<void>
  /**
   * Runs a change of paths of a mount while no other change of them, or of what is above or below them, runs anywhere.
   * The caller is known to be allowed to make it.
   */
  exclusively<T>(
    context: CallContext,
    paths: readonly TreePath[],
    mountId: string,
    task: (mount: OpenMount) => Promise<T>,
  ): Promise<T>
}

/** What the back end said of a file that was written. */
export interface MountedFact {
  readonly token: string
  /** Directories above it exist by themselves, and stay when they are empty. */
  readonly realDirectories: boolean
}

/** A back end while a change has its paths for itself. What is done to it is durable when a promise resolves. */
export interface OpenMount {
  readonly realDirectories: boolean
  /** As Backing.refresh, for paths of the change, or below them. */
  refresh(context: CallContext, at: TreePath, extent: Extent): Promise<void>
  put(context: CallContext, at: TreePath, content: StoredContent): Promise<MountedFact>
  makeDirectory(context: CallContext, at: TreePath): Promise<void>
  /** With all below it. */
  remove(context: CallContext, at: TreePath, kind: NodeRow['kind']): Promise<void>
  /** Nothing stands at `to`. */
  rename(context: CallContext, at: TreePath, to: TreePath, kind: NodeRow['kind']): Promise<void>
}

/** A tree in which nothing is mounted. */
export const noBacking: Backing = {
  refresh: () => Promise.reject(new Error('there are no mounts')),
  fetch: () => Promise.reject(new Error('there are no mounts')),
  exclusively: () => Promise.reject(new Error('there are no mounts')),
}

/** What had to wait for a back end has this long left for the rest, in milliseconds. */
const REST_MS = 5_000

/** The time that is left for the database when a change of a back end, if there was one, is done. */
export function afterBackEnd(context: CallContext, mount: OpenMount | null): CallContext['scope'] {
  return mount === null ? context.scope : afterWaiting(context).scope
}

/** A context for what comes after a back end was waited for, which has time-outs of its own. */
export function afterWaiting<T extends Waiting>(context: T): T {
  const deadline = Math.max(context.scope.deadline, Date.now() + REST_MS)
  return { ...context, scope: { ...context.scope, deadline } }
}
