import type { RelationshipRow } from '../permissions/contract.ts'
import type { ApplyContext, ChangeScope } from './apply-entry.ts'
import type { OutboxChange } from './entry.ts'
import { relationshipsOf } from './path-relationships.ts'

/** Relationships of one call to the permission service. */
const CHUNK = 5_000

/**
 * Keeps what is known of a path and all below it with the trash row, and forgets it. What the first attempt saw is what
 * counts: a later one may find what belongs to something new of this name, and must leave that alone.
 */
export async function keepAndForget(
  { db, permissions }: ApplyContext,
  { tenant, idempotencyKey, deadline }: ChangeScope,
  { path, trashId }: Extract<OutboxChange, { kind: 'forget' }>,
): Promise<void> {
  const rows = await relationshipsOf(permissions, { tenant, path, deadline })
  const text = await db.write(
    'keepTrashedRelationships',
    { tenant, trashId, relationships: JSON.stringify(rows) },
    { group: tenant },
  )
  // It was restored or purged, which waits for this entry: it has been applied.
  if (text === null) return
  const kept = JSON.parse(text) as readonly RelationshipRow[]
  for (let start = 0; start < kept.length; start += CHUNK) {
    await permissions.write({
      tenant,
      operations: kept.slice(start, start + CHUNK).map((row) => ({ kind: 'deleteIfExists', relationship: row })),
      idempotencyKey: `${idempotencyKey}:${start}`,
      deadline,
    })
  }
}
