import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { actorName, type CallContext } from '../context.ts'
import { INHERITS_FROM } from './create-relationship.ts'
import { storedObject } from './object-name.ts'
import type { RelationshipsOptions } from './relationships.ts'

/**
 * Deletes a relationship of the caller's tenant by its id. False if there is none, and also if the caller does not own
 * its object: who may not see it is not told that it exists.
 */
export async function deleteRelationship(
  options: RelationshipsOptions,
  context: CallContext,
  id: string,
): Promise<boolean> {
  const { permissions, rights, auditor } = options
  const { caller, scope } = context
  const { tenant } = caller
  const [row] = await permissions.read({ tenant, filter: { ids: [id] }, deadline: scope.deadline })
  if (row === undefined) return false
  const object = storedObject(row, tenant)
  const [owner] = await rights.owns(context, [object])
  if (owner !== true) {
    auditor.denied(context, 'rebac_delete', `${object.type}:${object.id}`)
    return false
  }
  if (row.relation === INHERITS_FROM) {
    throw new NexusError(
      'INVALID_PARAMS',
      `the relation '${INHERITS_FROM}' belongs to its agent and cannot be deleted directly`,
    )
  }
  // By id, not by key: what somebody created anew meanwhile is another relationship.
  const { deletedCount } = await permissions.deleteMatching({
    tenant,
    filter: { ids: [id] },
    idempotencyKey: randomUUID(),
    deadline: scope.deadline,
  })
  if (deletedCount === 0) return false
  await options.audit({
    tenant,
    entryId: uuidv7(),
    at: context.now,
    actor: actorName(caller),
    keyId: caller.keyId,
    requestId: context.requestId,
    action: 'rebac_delete',
    path: `${object.type}:${object.id}`,
    outcome: 'ok',
    detail: JSON.stringify({
      relation: row.relation,
      subject: [row.subject.type, row.subject.id, row.subject.relation],
    }),
  })
  return true
}
