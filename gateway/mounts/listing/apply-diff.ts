import { v7 as uuidv7 } from 'uuid'
import type { FileDeps } from '../../files/deps.ts'
import type { CreatedNode } from '../commands/apply-listing.ts'
import type { MountRecord } from '../mount-record.ts'
import type { ListingDiff } from './diff-listing.ts'

/** How many nodes one transaction changes. */
const BATCH = 500
/** Each of these is a change of permissions. */
const GONE_BATCH = 100
/** Time for one transaction and its changes of permissions, in milliseconds. */
const APPLY_MS = 10_000

export interface Applied {
  readonly created: number
  readonly changed: number
  readonly gone: number
}

/** Brings nodes to what a back end has, a few at a time. `onBatch` throws to end it between two transactions. */
export async function applyDiff(
  { db, outbox, quota }: Pick<FileDeps, 'db' | 'outbox' | 'quota'>,
  { tenant, mountId, mountPoint }: MountRecord,
  diff: ListingDiff,
  onBatch: (applied: Applied) => Promise<void> | void = () => undefined,
): Promise<Applied> {
  const none = { gone: [], changed: [], directories: [], created: [] }
  let total: Applied = { created: 0, changed: 0, gone: 0 }
  const apply = async (part: Partial<ListingDiff>): Promise<void> => {
    const deadline = Date.now() + APPLY_MS
    const request = {
      tenant,
      mountId,
      mountPoint,
      quota,
      ...none,
      ...part,
      entryId: uuidv7(),
      applied: outbox.appliedThrough(tenant),
      leaseOwner: outbox.leaseOwner,
      now: Date.now(),
    }
    const made = await db.write('applyListing', request, { group: tenant, deadline })
    if (made.receipt !== null) await outbox.committed(made.receipt, deadline)
    total = {
      created: total.created + made.created,
      changed: total.changed + made.changed,
      gone: total.gone + made.gone,
    }
    await onBatch(total)
  }
  for (const gone of batches(diff.gone, GONE_BATCH)) await apply({ gone })
  for (const changed of batches(diff.changed, BATCH)) await apply({ changed })
  for (const directories of batches(diff.directories, BATCH)) await apply({ directories })
  for (const created of createdBatches(diff.created)) await apply({ created })
  return total
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
