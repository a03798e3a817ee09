import { randomUUID } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { INHERITS_FROM } from './create-relationship.ts'
import { storedObject } from './object-name.ts'
import { auditChange } from './ownership.ts'
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
  const { tenant } = context.caller
  const { scope } = context
  const [row] = await permissions.read({ tenant, filter: { ids: [id] }, deadline: scope.deadline })
  if (row === undefined) return false
  const object = storedObject(row, tenant)
  const owner = await rights.ownsToChange(context, object)
  if (!owner) {
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
  const { subject, relation } = row
  await auditChange(options, context, 'rebac_delete', object, {
    relation,
    subject: [subject.type, subject.id, subject.relation],
  })
  return true
}
