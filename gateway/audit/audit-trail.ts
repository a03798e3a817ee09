import { requireAdmin, tenantNamed } from '../accounts/administration.ts'
import type { CallContext } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { type AuditFilter, type AuditPage, type AuditPlace, listAudit } from './audit-queries.ts'
import type { Auditor } from './auditor.ts'

/** What was done in a tenant, and what was refused, for its administrators. */
export interface AuditTrail {
  /**
   * A tenant's trail, the newest first; a global administrator may name another tenant, and `_server` for the tree that
   * all tenants share. @throws NexusError ACCESS_DENIED, INVALID_PARAMS, UNAVAILABLE
   */
  list(
    context: CallContext,
    filter: Omit<AuditFilter, 'tenant'> & { readonly tenant: string | undefined },
    page: { readonly after: AuditPlace | null; readonly limit: number },
  ): Promise<AuditPage>
}

export function createAuditTrail(db: GatewayDatabase, auditor: Auditor): AuditTrail {
  return {
    async list(context, filter, { after, limit }) {
      requireAdmin(auditor, context, 'audit_list')
      const shared = filter.tenant === SERVER_TREE && context.caller.isGlobalAdmin
      const tenant = shared ? SERVER_TREE : tenantNamed(auditor, context, 'audit_list', filter.tenant)
      // What waits for its batch belongs to the trail, too.
      await auditor.flush()
      return await db.read(() => listAudit({ ...filter, tenant }, after, limit), { deadline: context.scope.deadline })
    },
  }
}
