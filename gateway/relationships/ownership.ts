import { v7 as uuidv7 } from 'uuid'
import type { JsonObject } from '../../services/common/json.ts'
import { actorName, type CallContext } from '../context.ts'
import { denied } from './denied.ts'
import type { ObjectName } from './object-name.ts'
import type { RelationshipsOptions } from './relationships.ts'

/** What it takes to give and take rights on objects. */
export type OwnershipOptions = Pick<RelationshipsOptions, 'rights' | 'auditor' | 'audit'>

/** @throws NexusError ACCESS_DENIED unless the caller owns the object, or administers the tenant it belongs to */
export async function requireOwner(
  options: OwnershipOptions,
  context: CallContext,
  action: string,
  object: ObjectName,
): Promise<void> {
  const foreign = object.graph !== context.caller.tenant && !context.caller.isGlobalAdmin
  const owner = !foreign && (await options.rights.ownsToChange(context, object))
  if (!owner) throw denied(options.auditor, context, action, object)
}

/** Keeps the audit row of a change of an object's relationships. */
export async function auditChange(
  options: OwnershipOptions,
  context: CallContext,
  action: string,
  object: Pick<ObjectName, 'graph' | 'type' | 'id'>,
  detail: JsonObject,
): Promise<void> {
  await options.audit({
    tenant: object.graph,
    entryId: uuidv7(),
    at: context.now,
    actor: actorName(context.caller),
    keyId: context.caller.keyId,
    requestId: context.requestId,
    action,
    path: `${object.type}:${object.id}`,
    outcome: 'ok',
    detail: JSON.stringify(detail),
  })
}
