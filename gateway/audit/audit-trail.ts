import { requireAdmin, tenantNamed } from '../accounts/administration.ts'
import type { CallContext } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { Script } from '../../services/common/sql/script.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { type AuditFilter, type AuditPage, type AuditPlace, listAudit } from './audit-queries.ts'
import type { Auditor } from './auditor.ts'
import type { AuditRow } from './commands.ts'
import { waysOf } from './way-rows.ts'
import type { Way } from './way.ts'
import type { Ways } from './ways.ts'

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
  ): Promise<AuditPage & { readonly ways: ReadonlyMap<AuditRow, Way> }>
}

export function createAuditTrail(db: GatewayDatabase, auditor: Auditor, ways: Ways): AuditTrail {
  return {
    async list(context, filter, { after, limit }) {
      requireAdmin(auditor, context, 'audit_list')
      const shared = filter.tenant === SERVER_TREE && context.caller.isGlobalAdmin
      const tenant = shared ? SERVER_TREE : tenantNamed(auditor, context, 'audit_list', filter.tenant)
      // What waits for its batch belongs to the trail, too.
      await auditor.flush()
      await ways.flush()
      return await db.read(() => page({ ...filter, tenant }, after, limit), { deadline: context.scope.deadline })
    },
  }
}

function* page(
  filter: AuditFilter,
  after: AuditPlace | null,
  limit: number,
): Script<AuditPage & { readonly ways: ReadonlyMap<AuditRow, Way> }> {
  const found = yield* listAudit(filter, after, limit)
  return { ...found, ways: yield* waysOf(filter.tenant, found.rows) }
}
