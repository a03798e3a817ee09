import { randomUUID } from 'node:crypto'
import type { CallContext } from '../context.ts'
import type { RelationshipRowFilter } from '../permissions/contract.ts'
import { type ObjectName, storedObject } from '../relationships/object-name.ts'
import { auditChange, requireOwner } from '../relationships/ownership.ts'
import { SHARE_RELATIONS } from './levels.ts'
import type { SharesOptions } from './shares.ts'

export interface RevokeFacts {
  readonly object: ObjectName
  readonly type: string
  readonly id: string
  /** '' is the tenant of the object; undefined: whatever tenant. */
  readonly tenant: string | undefined
}

/** Takes back what an object is shared with somebody. False if it was not. @throws NexusError ACCESS_DENIED */
export async function revoke(options: SharesOptions, context: CallContext, facts: RevokeFacts): Promise<boolean> {
  const { object, type, id, tenant } = facts
  await requireOwner(options, context, 'revoke_share', object)
  const filter = {
    objectType: object.type,
    objectId: object.id,
    relations: SHARE_RELATIONS,
    subjectType: type,
    subjectId: id,
    ...(tenant === undefined ? {} : { subjectTenant: tenant }),
  }
  return await take(options, context, object, filter, { subject: [type, id] })
}

/**
 * Takes back one share. False if there is none, and also if the caller does not own what is shared: who may not see it
 * is not told that it exists.
 */
export async function revokeById(options: SharesOptions, context: CallContext, id: string): Promise<boolean> {
  const { tenant } = context.caller
  const filter = { ids: [id], relations: SHARE_RELATIONS }
  const [row] = await options.permissions.read({ tenant, filter, deadline: context.scope.deadline })
  if (row === undefined) return false
  const object = storedObject(row, tenant)
  const owner = await options.rights.ownsToChange(context, object)
  if (!owner) {
    options.auditor.denied(context, 'revoke_share', `${object.type}:${object.id}`)
    return false
  }
  return await take(options, context, object, filter, { subject: [row.subject.type, row.subject.id] })
}

async function take(
  options: SharesOptions,
  context: CallContext,
  object: ObjectName,
  filter: RelationshipRowFilter,
  detail: { readonly subject: readonly string[] },
): Promise<boolean> {
  const { deletedCount } = await options.permissions.deleteMatching({
    tenant: object.graph,
    filter,
    idempotencyKey: randomUUID(),
    deadline: context.scope.deadline,
  })
  if (deletedCount === 0) return false
  await auditChange(options, context, 'revoke_share', object, { subject: [...detail.subject] })
  return true
}
