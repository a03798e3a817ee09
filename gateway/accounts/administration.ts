import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { CallContext } from '../context.ts'
import { checkTenant } from './names.ts'

/**
 * Lets administrators pass; an agent never is one.
 * @throws NexusError ACCESS_DENIED
 */
export function requireAdmin(auditor: Auditor, context: CallContext, action: string): void {
  const { caller } = context
  if (caller.isAdmin && caller.agentId === null) return
  auditor.denied(context, action, `tenant:${caller.tenant}`)
  throw new NexusError('ACCESS_DENIED', `Access denied: Admin privileges required for ${action}`)
}

/**
 * The tenant that a call is about: the one that it names, which must be the caller's own unless the caller is a global
 * administrator; by default the caller's own.
 * @throws NexusError ACCESS_DENIED, INVALID_PARAMS
 */
export function tenantNamed(
  auditor: Auditor,
  context: CallContext,
  action: string,
  tenant: string | undefined,
): string {
  const { caller } = context
  if (tenant === undefined || tenant === caller.tenant) return caller.tenant
  if (caller.isGlobalAdmin && caller.agentId === null) return checkTenant(tenant)
  auditor.denied(context, action, `tenant:${tenant}`)
  throw new NexusError(
    'ACCESS_DENIED',
    `Access denied: User '${caller.subject.id}' has no rights in tenant '${tenant}'`,
  )
}
