import { first, type Script } from '../../../services/common/sql/script.ts'
import type { JsonObject } from '../../../services/common/json.ts'
import { insertAudit } from '../../audit/commands.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import { appendOutbox, deleteApplied, lockTenant } from '../../outbox/scripts.ts'
import type { TreePath } from '../paths.ts'
import { type Lookup, lookup } from '../queries.ts'

/** What stood at a path, and on the way to it, when it was looked at. */
export interface Seen {
  readonly nodeId: string | null
  readonly anchorId: string
  readonly mountId: string | null
}

/** A Lookup as what it was, to be compared with what is. */
export function seenOf({ node, anchor, mountId }: Lookup): Seen {
  return { nodeId: node?.node_id ?? null, anchorId: anchor.nodeId, mountId }
}

/** Whether a path is as it was seen. */
export function isAsSeen(found: Lookup, seen: Seen): boolean {
  const now = seenOf(found)
  return now.nodeId === seen.nodeId && now.anchorId === seen.anchorId && now.mountId === seen.mountId
}

/** What every change of the tree is given. Ids are made by the caller, so that a repeated script makes the same. */
export interface Mutation {
  readonly at: TreePath
  /** What the permissions were decided on; if it is not so any more the caller must decide again. */
  readonly seen: Seen
  /** Outbox entries through this one are applied. */
  readonly applied: number
  readonly leaseOwner: string | null
  readonly now: number
  readonly actor: string
  readonly keyId: string
  readonly requestId: string
  /** Id of the outbox entry and of the audit row. */
  readonly entryId: string
  /** An administrator's right stood in for a permission. */
  readonly bypass: boolean
}

/** A change that was not made: its permissions must be decided again, or an entry must be applied first. */
export type NotMade =
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'pending'; readonly seq: number }
  | { readonly outcome: 'uncollected' }
  /** What it was made from is not there any more, or is another content now. */
  | { readonly outcome: 'outdated' }

/** Locks the tree and looks at the path; says if the change cannot be made now. */
export function* begin(mutation: Mutation): Script<{ readonly found: Lookup; readonly notMade: NotMade | null }> {
  const { at, seen, applied, now } = mutation
  yield* lockTenant(at.tree, now)
  const found = yield* lookup(at, applied)
  if (found.pendingSeq !== null) return { found, notMade: { outcome: 'pending', seq: found.pendingSeq } }
  return { found, notMade: isAsSeen(found, seen) ? null : { outcome: 'changed' } }
}

/** Writes the audit row and the outbox entry of a change; `closes` are the paths that wait for the entry. */
export function* finish(
  mutation: Mutation,
  action: string,
  closes: readonly string[],
  changes: readonly OutboxChange[],
  detail: JsonObject = {},
): Script<OutboxReceipt | null> {
  const { at, applied, actor, keyId, requestId, entryId, now, leaseOwner, bypass } = mutation
  yield* insertAudit({
    tenant: at.tree,
    entryId,
    at: now,
    actor,
    keyId,
    requestId,
    action,
    path: at.path,
    outcome: 'ok',
    detail: detailOf(bypass ? { ...detail, bypass } : detail),
  })
  if (changes.length === 0) return null
  if (applied > 0) yield* deleteApplied(at.tree, applied)
  return yield* appendOutbox({ tenant: at.tree, entryId, paths: closes, changes, now, leaseOwner })
}

function detailOf(detail: JsonObject): string | null {
  return Object.keys(detail).length === 0 ? null : JSON.stringify(detail)
}

/** Whether a directory has no children. */
export function* isEmpty(tree: string, nodeId: string): Script<boolean> {
  return (
    (yield* first('select 1 as one from nodes where tenant = $1 and parent_id = $2 limit 1', tree, nodeId)) ===
    undefined
  )
}
