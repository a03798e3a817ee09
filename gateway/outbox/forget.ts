import type { RelationshipRow } from '../permissions/contract.ts'
import type { ApplyContext, ChangeScope } from './apply-entry.ts'
import type { OutboxChange } from './entry.ts'
import { isWithin, relationshipsOf } from './path-relationships.ts'
import { writeParts } from './write-parts.ts'

/**
 * Keeps what is known of a path and all below it with the trash row, and forgets it. What the first attempt saw is what
 * counts: a later one may find what belongs to something new of this name, and must leave that alone.
 */
export async function keepAndForget(
  { db, permissions }: ApplyContext,
  { tenant, idempotencyKey, deadline }: ChangeScope,
  { path, trashId, below = false }: Extract<OutboxChange, { kind: 'forget' }>,
): Promise<void> {
  const all = await relationshipsOf(permissions, { tenant, path, deadline })
  const rows = below ? all.filter((row) => isAboutBelow(row, path)) : all
  const text = await db.write(
    'keepTrashedRelationships',
    { tenant, trashId, relationships: JSON.stringify(rows) },
    { group: tenant },
  )
  // It was restored or purged, which waits for this entry: it has been applied.
  if (text === null) return
  const kept = JSON.parse(text) as readonly RelationshipRow[]
  const operations = kept.map((row) => ({ kind: 'deleteIfExists', relationship: row }) as const)
  await writeParts(permissions, { tenant, idempotencyKey: `${idempotencyKey}:part` }, operations)
}

function isAboutBelow({ objectType, objectId, subject }: RelationshipRow, path: string): boolean {
  const below = (type: string, id: string): boolean => id !== path && isWithin(type, id, path)
  return below(objectType, objectId) || (subject.tenant === '' && below(subject.type, subject.id))
}
