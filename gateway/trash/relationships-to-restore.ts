import type { CallContext } from '../context.ts'
import type { FileDeps } from '../files/deps.ts'
import { isWithin } from '../outbox/path-relationships.ts'
import type { RelationshipRow } from '../permissions/contract.ts'
import { storedObject } from '../relationships/object-name.ts'
import type { Rights } from '../relationships/rights.ts'
import { isOrWasOwner } from './owner.ts'
import { keptRelationships, type TrashRow } from './trash-rows.ts'

/**
 * Those of before that come back with what is restored: none for one who neither is nor was its owner. A right that it
 * gave on something else, as a subject, is a matter of the owner of that.
 */
export async function relationshipsToRestore(
  deps: FileDeps,
  rights: Rights,
  context: CallContext,
  row: TrashRow,
): Promise<readonly RelationshipRow[]> {
  if (!(await isOrWasOwner(deps, context, row))) return []
  const { tenant: tree, path, trash_id: trashId } = row
  const { deadline } = context.scope
  const kept = (await deps.db.read(() => keptRelationships(tree, trashId), { deadline })) ?? []
  const elsewhere = new Map(
    kept
      .filter(({ objectType, objectId }) => !isWithin(objectType, objectId, path))
      .map((one) => [keyOf(one), storedObject(one, tree)]),
  )
  if (elsewhere.size === 0) return kept
  const owned = await rights.owns(context, [...elsewhere.values()])
  const refused = new Set([...elsewhere.keys()].filter((_, index) => owned[index] !== true))
  return kept.filter((one) => !refused.has(keyOf(one)))
}

function keyOf({ objectType, objectId }: RelationshipRow): string {
  return JSON.stringify([objectType, objectId])
}
