import type { CallContext, Caller } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { PermissionSubject } from '../permissions/contract.ts'
import { denied } from './denied.ts'
import type { ObjectName } from './object-name.ts'
import type { RelationshipsOptions } from './relationships.ts'
import { subjectIn } from './rights.ts'

export interface CheckFacts {
  /** Its tenant is the caller's. */
  readonly subject: PermissionSubject
  readonly permission: string
  readonly object: ObjectName
}

/**
 * What relationships say, administrators' bypass left out.
 * @throws NexusError ACCESS_DENIED if it is about somebody else and the caller does not own the object
 */
export async function checkRelationship(
  options: RelationshipsOptions,
  context: CallContext,
  { subject, permission, object }: CheckFacts,
): Promise<boolean> {
  // Everybody reads the server-wide tree, and nobody writes it by a relationship.
  if (object.graph === SERVER_TREE) return permission === 'read'
  if (!isAboutCaller(context.caller, subject)) {
    const [owner] = await options.rights.owns(context, [object])
    if (owner !== true) throw denied(options.auditor, context, 'rebac_check', object)
  }
  const question = {
    tenant: object.graph,
    objectType: object.type,
    objectId: object.id,
    relation: permission,
    subject: subjectIn(subject, context.caller.tenant, object.graph),
    alsoAs: [],
    // What an agent inherits is known in its own tenant only.
    resolveInheritance: subject.type === 'agent' && object.graph === context.caller.tenant,
  }
  const [allowed] = await options.permissions.check([question], context.scope)
  return allowed === true
}

/** Oneself, and for a user his agents: their ids begin with his. */
export function isAboutCaller(caller: Caller, subject: PermissionSubject): boolean {
  // Of another tenant, or everybody who has a relation: somebody else.
  if (subject.tenant !== '' || subject.relation !== '') return false
  if (subject.type === caller.subject.type && subject.id === caller.subject.id) return true
  if (caller.agentId !== null) return false
  return subject.type === 'agent' && subject.id.startsWith(`${caller.user},`)
}
