import { v7 as uuidv7 } from 'uuid'
import { auditRow } from '../audit/audit-row.ts'
import type { CallContext } from '../context.ts'
import { change, mutation } from '../files/change.ts'
import { resolvePath } from '../files/paths.ts'
import { listAgents } from '../agents/agent-record.ts'
import { sharedAbroad } from '../sharing/shared-abroad.ts'
import { requireAdmin, tenantNamed } from './administration.ts'
import { checkUserId, homeOf } from './names.ts'
import type { Departed } from './people-commands.ts'
import type { PeopleOptions } from './people.ts'

export interface DeprovisionRequest {
  readonly tenant: string | undefined
  readonly userId: string
  /** Without it the account stays, closed until an administrator provisions the user anew. */
  readonly deleteRecord: boolean
  /** Also one who is an administrator. */
  readonly force: boolean
}

/**
 * Takes a user out of a tenant: keys, sessions, agents, registrations, relationships and the home go as one unit.
 * What the user made elsewhere stays. Repeated it finds nothing left to do.
 */
export async function deprovision(
  { auditor, deps, outbox, db }: PeopleOptions,
  context: CallContext,
  request: DeprovisionRequest,
): Promise<Departed & { readonly userId: string; readonly tenant: string; readonly home: string }> {
  const action = 'deprovision_user'
  const { caller, now, scope } = context
  const userId = checkUserId(request.userId)
  const tenant = tenantNamed(auditor, context, action, request.tenant)
  const oneself = caller.agentId === null && caller.user === userId && caller.tenant === tenant
  if (!oneself) requireAdmin(auditor, context, action)
  const home = homeOf(tenant, userId)
  const at = resolvePath(home, tenant)
  const agents = await db.read(() => listAgents(tenant, userId, now), { deadline: scope.deadline })
  const subjects = [{ type: 'user', id: userId }, ...agents.map(({ agentId: id }) => ({ type: 'agent', id }))]
  const shares = await sharedAbroad(deps.incoming, tenant, subjects, scope.deadline)
  const result = await change(deps, context, at, async (found) => {
    const how = { action: 'rmdir', recursive: true, trashId: uuidv7() } as const
    const directory = found.node === null ? null : { ...mutation(deps, context, at, found, !oneself), ...how }
    const made = await db.write(
      'deprovisionUser',
      {
        tenant,
        userId,
        home,
        now,
        directory,
        shares,
        deleteRecord: request.deleteRecord,
        force: request.force,
        byGlobalAdmin: caller.isGlobalAdmin,
        audit: auditRow(context, action, `user:${userId}`, {
          tenant,
          ...(oneself ? {} : { detail: { bypass: true } }),
        }),
        entryId: uuidv7(),
        leaseOwner: outbox.leaseOwner,
      },
      { group: tenant, deadline: scope.deadline },
    )
    // It waits for one receipt itself, and here there may be two.
    return made.outcome === 'done' ? { ...made, receipt: null } : made
  })
  await Promise.all(result.receipts.map((receipt) => outbox.committed(receipt, scope.deadline)))
  return { ...result, userId, tenant, home }
}
