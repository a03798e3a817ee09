import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { NewRelationshipRow, RelationshipRowOperation } from '../permissions/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { ApplyContext, ChangeScope } from './apply-entry.ts'
import type { OutboxChange } from './entry.ts'
import { movedRelationship, relationshipsOf } from './path-relationships.ts'
import { keptPlan } from './scripts.ts'
import { fitOneCall, writeParts } from './write-parts.ts'

/** Types whose ids are paths although the service does not know it. */
const OTHERS = ['workspace', 'skill'] as const

/** What is known of a path and all below it is known of another one; what was known of that is forgotten. */
export async function move(
  context: ApplyContext,
  scope: ChangeScope,
  change: Extract<OutboxChange, { kind: 'move' }>,
): Promise<void> {
  const { tenant, idempotencyKey, deadline } = scope
  const { from: fromId, to: toId } = change
  await context.permissions.move({ tenant, idempotencyKey, deadline, objectType: 'file', fromId, toId })
  await moveOthers(context, scope, change)
}

/**
 * As the service does with files, whose ids it knows to be paths. Where an earlier attempt was made, what is read now may
 * belong to something new: the key, which every attempt uses, keeps this one from doing anything. What takes several
 * calls is kept with the entry before the first of them, so that every attempt makes the same ones.
 */
async function moveOthers(
  { db, permissions }: ApplyContext,
  { tenant, seq, idempotencyKey: moveKey, deadline }: ChangeScope,
  { from, to }: Extract<OutboxChange, { kind: 'move' }>,
): Promise<void> {
  const idempotencyKey = `${moveKey}:workspaces`
  const kept = await db.read(() => keptPlan(tenant, seq))
  if (kept !== null) return writeParts(permissions, { tenant, idempotencyKey }, kept)
  const read = (path: string) => relationshipsOf(permissions, { tenant, path, deadline }, OTHERS)
  const [standing, found] = await Promise.all([read(to), read(from)])
  const doomed = new Set(standing.map(({ id }) => id))
  const moved = found.filter(({ id }) => !doomed.has(id)).map((row) => movedRelationship(row, from, to, OTHERS))
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
    if (operations.length === 0) {
      // Nothing to do, which uses the key as well.
      const filter = { objectType: 'workspace', objectId: from }
      await permissions.deleteMatching({ tenant, filter, idempotencyKey, deadline })
      return
    }
    const planned = fitOneCall(operations) ? operations : await plan(db, tenant, seq, operations)
    await writeParts(permissions, { tenant, idempotencyKey }, planned)
  } catch (error) {
    if (!(error instanceof NexusError && error.reason === 'IDEMPOTENCY_KEY_REUSED')) throw error
  }
}

/** Another gateway may have taken the entry over and read something else: the first plan is the one that counts. */
async function plan(
  db: GatewayDatabase,
  tenant: string,
  seq: number,
  operations: readonly RelationshipRowOperation[],
): Promise<readonly RelationshipRowOperation[]> {
  const request = { tenant, seq, operations: JSON.stringify(operations), now: Date.now() }
  const kept = await db.write('planOutboxMove', request, { group: tenant })
  return kept === null ? [] : (JSON.parse(kept) as RelationshipRowOperation[])
}

function keyOf({ objectType, objectId, relation, subject }: NewRelationshipRow): string {
  return JSON.stringify([objectType, objectId, relation, subject.tenant, subject.type, subject.id, subject.relation])
}
