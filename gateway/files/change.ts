import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { actorName, type CallContext } from '../context.ts'
import type { OutboxReceipt } from '../outbox/entry.ts'
import type { Mutation, NotMade } from './commands/mutation.ts'
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
      if (result.receipt !== null) await deps.outbox.committed(result.receipt, deadline)
      return result
    }
    if (result.outcome === 'pending') await deps.outbox.passed(at.tree, result.seq, deadline)
    checkTime(context)
  }
}

/** What a command needs to know besides its own parameters. */
export function mutation(deps: FileDeps, context: CallContext, at: TreePath, found: Lookup, bypass: boolean): Mutation {
  const { caller, requestId, now } = context
  return {
    at,
    seen: { nodeId: found.node?.node_id ?? null, anchorId: found.anchor.nodeId },
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

/** One id for each component of the path of something new. @throws NexusError INVALID_PATH if it is too deep */
export function newIds({ maxPathDepth }: FileDeps, at: TreePath): readonly string[] {
  const depth = at.components.length
  if (depth > maxPathDepth) {
    throw new NexusError('INVALID_PATH', `The path has ${depth} components; at most ${maxPathDepth} are allowed.`)
  }
  return at.components.map(() => uuidv7())
}

/** Whether what a caller makes in a tree can be the caller's: not in the server's, and not in another tenant's. */
export function canOwn(context: CallContext, tree: string): boolean {
  return tree === context.caller.tenant
}
