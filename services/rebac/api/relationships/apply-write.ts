import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { WriteResult } from '../../store/contract.ts'
import { FULLY_CONSISTENT } from '../../tenants/freshness.ts'
import type { TenantView } from '../../tenants/tenant-view.ts'
import type { ApiContext } from '../api-context.ts'

/** How often a write is validated anew because somebody changed the schema meanwhile. */
const MAX_ATTEMPTS = 5

/**
 * Runs a write that depends on the tenant's schema, again if that changed meanwhile, and takes its changes over into
 * memory before it is acknowledged.
 * @throws NexusError of the store; SCHEMA_CHANGED if it keeps changing
 */
export async function applyWrite<R extends WriteResult>(
  api: ApiContext,
  tenant: string,
  deadline: number,
  write: (view: TenantView) => Promise<R>,
): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    const view = await api.tenants.view(tenant, FULLY_CONSISTENT, deadline)
    try {
      const result = await write(view)
      api.tenants.written(tenant, result)
      return result
    } catch (error) {
      // Only an error of ours says that nothing was committed.
      const reason = error instanceof NexusError ? error.reason : 'INTERNAL'
      if (OPEN_OUTCOMES.has(reason)) api.tenants.distrust(tenant)
      if (reason !== 'SCHEMA_CHANGED' || attempt === MAX_ATTEMPTS) throw error
      api.tenants.distrust(tenant)
    }
  }
}

const OPEN_OUTCOMES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED'])
