import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { NewRelationshipRow, Permissions, RelationshipRowOperation } from '../permissions/contract.ts'
import type { ChangeScope } from './apply-entry.ts'
import type { OutboxChange } from './entry.ts'
import { movedRelationship, relationshipsOf } from './path-relationships.ts'

/** What is known of a path and all below it is known of another one; what was known of that is forgotten. */
export async function move(
  permissions: Permissions,
  scope: ChangeScope,
  change: Extract<OutboxChange, { kind: 'move' }>,
): Promise<void> {
  await permissions.move({ ...scope, objectType: 'file', fromId: change.from, toId: change.to })
  await moveWorkspaces(permissions, scope, change)
}

/**
 * As the service does with files, whose ids it knows to be paths. Where an earlier attempt was made, what is read now may
 * belong to something new: the key, which every attempt uses, keeps this one from doing anything.
 */
async function moveWorkspaces(
  permissions: Permissions,
  { tenant, idempotencyKey: moveKey, deadline }: ChangeScope,
  { from, to }: Extract<OutboxChange, { kind: 'move' }>,
): Promise<void> {
  const idempotencyKey = `${moveKey}:workspaces`
  const read = (path: string) => relationshipsOf(permissions, { tenant, path, deadline }, ['workspace'])
  const [standing, found] = await Promise.all([read(to), read(from)])
  const doomed = new Set(standing.map(({ id }) => id))
  const moved = found.filter(({ id }) => !doomed.has(id)).map((row) => movedRelationship(row, from, to, ['workspace']))
  // One call has one operation on a relationship: what takes the place of another one replaces it.
  const arriving = new Set(moved.map(keyOf))
  const leaving = new Map([...standing, ...found].map((row) => [keyOf(row), row]))
  const operations: readonly RelationshipRowOperation[] = [
    ...[...leaving].flatMap(([key, relationship]) =>
      arriving.has(key) ? [] : [{ kind: 'deleteIfExists', relationship } as const],
    ),
    ...moved.map((relationship) => ({ kind: 'touch', relationship }) as const),
  ]
  try {
    if (operations.length > 0) await permissions.write({ tenant, operations, idempotencyKey, deadline })
    // Nothing to do, which uses the key as well.
    else
      await permissions.deleteMatching({
        tenant,
        filter: { objectType: 'workspace', objectId: from },
        idempotencyKey,
        deadline,
      })
  } catch (error) {
    if (!(error instanceof NexusError && error.reason === 'IDEMPOTENCY_KEY_REUSED')) throw error
  }
}

function keyOf({ objectType, objectId, relation, subject }: NewRelationshipRow): string {
  return JSON.stringify([objectType, objectId, relation, subject.tenant, subject.type, subject.id, subject.relation])
}
