import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { actorName, type CallContext } from '../context.ts'
import type { OutboxReceipt } from '../outbox/entry.ts'
import { type Mutation, type NotMade, seenOf } from './commands/mutation.ts'
import { afterWaiting, type OpenMount } from './backing.ts'
import { checkTime, type FileDeps, whenOpen } from './deps.ts'
import type { TreePath } from './paths.ts'
import { type Lookup, lookup } from './queries.ts'

type Made = { readonly outcome: 'done'; readonly receipt: OutboxReceipt | null }

/**
 * Looks, decides, changes, and begins again if what the decision was about has changed meanwhile. Resolves when the
 * permissions of the change are applied.
 */
export async function change<T extends Made>(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  attempt: (found: Lookup) => Promise<T | NotMade>,
): Promise<T> {
  const { deadline } = context.scope
  for (;;) {
    const found = await whenOpen(deps, context, at, lookup)
    const result = await attempt(found)
    if (result.outcome === 'done') {
      // A back end may have been waited for until then.
      if (result.receipt !== null) await deps.outbox.committed(result.receipt, Math.max(deadline, Date.now() + 1_000))
      return result
    }
    if (result.outcome === 'pending') await deps.outbox.passed(at.tree, result.seq, deadline)
    checkTime(context)
  }
}

/** A change that may be one of a mount, in its two steps. */
export interface BackedChange<T, D> {
  /** Who may make it; asked before anything else is looked at. @throws NexusError ACCESS_DENIED */
  readonly decide: (context: CallContext, found: Lookup) => Promise<D>
  /** Makes it: first in the back end, if there is one, then in the database. */
  readonly commit: (context: CallContext, found: Lookup, decision: D, mount: OpenMount | null) => Promise<T | NotMade>
  /** Other paths that it changes. */
  readonly others?: readonly TreePath[]
  /** The content that stands there must be known. */
  readonly withContent?: boolean
}

/** As change, where the path may lie in a mount. Then it is decided on what the back end has now. */
export async function backedChange<T extends Made, D>(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  { decide, commit, others = [], withContent = false }: BackedChange<T, D>,
): Promise<T> {
  return await change(deps, context, at, async (found) => {
    const decision = await decide(context, found)
    const { mountId } = found
    if (mountId === null) return await commit(context, found, decision, null)
    const paths = [at, ...others]
    return await deps.backing.exclusively(context, paths, mountId, async (mount) => {
      for (const path of paths) await mount.refresh(context, path, 'entry')
      let later = afterWaiting(context)
      let now = await whenOpen(deps, later, at, lookup)
      if (withContent && now.node?.kind === 'file' && now.node.content_hash === null) {
        await deps.backing.fetch(later, at, mountId, now.node)
        later = afterWaiting(context)
        now = await whenOpen(deps, later, at, lookup)
      }
      if (now.mountId !== mountId) return { outcome: 'changed' }
      return await commit(later, now, await decide(later, now), mount)
    })
  })
}

/**
 * Notes a change that a back end has made. It cannot be taken back, and who asked the back end again would find what the
 * change itself has made: only what the database knows is looked at again.
 * @throws NexusError UNAVAILABLE if the mount was removed meanwhile
 */
export async function noteChange<T extends Made>(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  { mountId }: Lookup,
  attempt: (context: CallContext, found: Lookup) => Promise<T | NotMade>,
): Promise<T> {
  const later = afterWaiting(context)
  return await change(deps, later, at, async (found) => {
    if (found.mountId !== mountId) throw new NexusError('UNAVAILABLE', 'The mount is being removed; try again.')
    return await attempt(later, found)
  })
}

/** What a command needs to know besides its own parameters. */
export function mutation(deps: FileDeps, context: CallContext, at: TreePath, found: Lookup, bypass: boolean): Mutation {
  const { caller, requestId, now } = context
  return {
    at,
    seen: seenOf(found),
    applied: deps.outbox.appliedThrough(at.tree),
    leaseOwner: deps.outbox.leaseOwner,
    now,
    actor: actorName(caller),
    keyId: caller.keyId,
    requestId,
    entryId: uuidv7(),
    bypass,
  }
}

/** One id for each component of the path of something new. @throws NexusError INVALID_PATH if it is too long or too deep */
export function newIds(deps: FileDeps, at: TreePath): readonly string[] {
  checkNewPath(deps, at, 'The path')
  return at.components.map(() => uuidv7())
}

/** Whether something new may have a path, which messages call `name`. @throws NexusError INVALID_PATH if it is too long or too deep */
export function checkNewPath(
  { maxPathBytes, maxPathDepth }: Pick<FileDeps, 'maxPathBytes' | 'maxPathDepth'>,
  at: TreePath,
  name: string,
): void {
  const bytes = Buffer.byteLength(at.path)
  if (bytes > maxPathBytes) {
    throw new NexusError('INVALID_PATH', `${name} has ${bytes} bytes; at most ${maxPathBytes} are allowed.`)
  }
  const depth = at.components.length
  if (depth > maxPathDepth) {
    throw new NexusError('INVALID_PATH', `${name} has ${depth} components; at most ${maxPathDepth} are allowed.`)
  }
}

/** Whether what a caller makes in a tree can be the caller's: not in the server's, and not in another tenant's. */
export function canOwn(context: CallContext, tree: string): boolean {
  return tree === context.caller.tenant
}
