import { v7 as uuidv7 } from 'uuid'
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

/** One id for each component of a path. */
export function newIds(at: TreePath): readonly string[] {
  return at.components.map(() => uuidv7())
}

/** Whether what a caller makes in a tree can be the caller's: not in the server's, and not in another tenant's. */
export function canOwn(context: CallContext, tree: string): boolean {
  return tree === context.caller.tenant
}
