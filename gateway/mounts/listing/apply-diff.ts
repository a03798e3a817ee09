import { v7 as uuidv7 } from 'uuid'
import type { FileDeps } from '../../files/deps.ts'
import type { CreatedNode, GoneNode } from '../commands/apply-listing.ts'
import { inParallel } from '../../in-parallel.ts'
import type { BackEnd } from '../back-ends.ts'
import { keyOfPath } from '../connectors/keys.ts'
import { holdFree } from '../path-locks.ts'
import type { ListingDiff } from './diff-listing.ts'

/** How many nodes one transaction changes. */
const BATCH = 500
/** Each of these is a change of permissions. */
const GONE_BATCH = 100
/** Time for one transaction and its changes of permissions, in milliseconds. */
const APPLY_MS = 10_000
/** So many of those that seem to be gone are looked for at once. */
const LOOKS = 8

export interface ApplyOptions {
  /** The change that has all that is gone for itself; '' for none. */
  readonly owner?: string
  /** Is told how many nodes were changed; throws to end it between two transactions. */
  readonly onBatch?: (changed: number) => Promise<void> | void
}

/**
 * Brings nodes to what a back end has, a few at a time. What may have been moved since the back end was asked is looked
 * for again, while nobody moves it: the history of what is gone is lost. Answers the ids of the nodes that were created,
 * changed or moved out of the tree.
 */
export async function applyDiff(
  { db, outbox, quota }: Pick<FileDeps, 'db' | 'outbox' | 'quota'>,
  backEnd: BackEnd,
  diff: ListingDiff,
  { owner = '', onBatch = () => undefined }: ApplyOptions = {},
): Promise<ReadonlySet<string>> {
  const { tenant, mountId, mountPoint } = backEnd.mount
  const none = { gone: [], changed: [], directories: [], created: [] }
  const total = new Set<string>()
  const apply = async (part: Partial<ListingDiff>, holder = owner): Promise<void> => {
    const deadline = Date.now() + APPLY_MS
    const request = {
      tenant,
      mountId,
      mountPoint,
      quota,
      owner: holder,
      ...none,
      ...part,
      entryId: uuidv7(),
      applied: outbox.appliedThrough(tenant),
      leaseOwner: outbox.leaseOwner,
      now: Date.now(),
    }
    const made = await db.write('applyListing', request, { group: tenant, deadline })
    if (made.receipt !== null) await outbox.committed(made.receipt, deadline)
    for (const nodeId of made.made) total.add(nodeId)
    await onBatch(total.size)
  }
  const discard = async (gone: readonly GoneNode[]): Promise<void> => {
    const paths = gone.map(({ path }) => path)
    await holdFree(db, tenant, paths, Date.now() + APPLY_MS, async (holder, free) => {
      const held = new Set(free)
      const lost = await stillGone(
        backEnd,
        gone.filter(({ path }) => held.has(path)),
      )
      if (lost.length > 0) await apply({ gone: lost }, holder)
    })
  }
  for (const gone of batches(diff.gone, GONE_BATCH)) await (owner === '' ? discard(gone) : apply({ gone }))
  for (const changed of batches(diff.changed, BATCH)) await apply({ changed })
  for (const directories of batches(diff.directories, BATCH)) await apply({ directories })
  for (const created of createdBatches(diff.created)) await apply({ created })
  return total
}

/** Those that the back end does not have now. */
async function stillGone({ mount, connector }: BackEnd, gone: readonly GoneNode[]): Promise<readonly GoneNode[]> {
  const lost: GoneNode[] = []
  for (const some of batches(gone, LOOKS)) {
    const looks = some.map((node) => async () => {
      const entry = await connector.stat(keyOfPath(mount.mountPoint, node.path))
      if (entry?.kind !== node.kind) lost.push(node)
    })
    await inParallel(looks)
  }
  return lost
}

function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/** Levels stay in order; small ones share a transaction. */
function createdBatches(levels: readonly (readonly CreatedNode[])[]): readonly (readonly (readonly CreatedNode[])[])[] {
  if (levels.reduce((sum, level) => sum + level.length, 0) <= BATCH) return levels.length === 0 ? [] : [levels]
  return levels.flatMap((level) => batches(level, BATCH)).map((level) => [level])
}
