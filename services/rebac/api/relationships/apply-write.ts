import { errorCatalogue } from '../../../common/errors/catalogue.ts'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { MoveResult, WriteResult } from '../../store/contract.ts'
import { FULLY_CONSISTENT } from '../../tenants/freshness.ts'
import type { TenantState } from '../../tenants/tenant-view.ts'
import type { ApiContext } from '../api-context.ts'
import type { Idempotency } from './parse-write.ts'

/** How often a write is validated anew because somebody changed the schema meanwhile. */
const MAX_ATTEMPTS = 5

/** Which tenant is written to, under which key, and until when (milliseconds since 1970). */
export interface WriteScope {
  readonly tenant: string
  readonly idempotency: Idempotency
  readonly deadline: number
}

/**
 * Runs a write that depends on the tenant's schema, again if that changed meanwhile, and takes its changes over into
 * memory before it is acknowledged. A request that was answered before gets that answer, also where the schema of today
 * would not accept it any more.
 * @throws NexusError of the store; SCHEMA_CHANGED if it keeps changing
 */
export async function applyWrite<R extends WriteResult>(
  api: ApiContext,
  { tenant, idempotency, deadline }: WriteScope,
  write: (view: TenantState) => Promise<R>,
): Promise<R | MoveResult> {
  for (let attempt = 1; ; attempt += 1) {
    const view = await api.tenants.state(tenant, FULLY_CONSISTENT, deadline)
    try {
      const result = await write(view)
      api.tenants.written(tenant, result)
      return result
    } catch (error) {
      // Only an error of ours says that nothing was committed.
      const reason = error instanceof NexusError ? error.reason : 'INTERNAL'
      if (OPEN_OUTCOMES.has(reason)) api.tenants.distrust(tenant)
      if (reason === 'SCHEMA_CHANGED' && attempt < MAX_ATTEMPTS) {
        api.tenants.distrust(tenant)
        continue
      }
      // What the schema refuses never came to the store, which would have known the key.
      const isRefusal = error instanceof NexusError && error.grpc === INVALID_ARGUMENT
      const first = isRefusal && idempotency !== null ? await api.store.recall(tenant, idempotency) : null
      if (first === null) throw error
      return first
    }
  }
}

const INVALID_ARGUMENT: number = errorCatalogue.INVALID_REQUEST.grpc
const OPEN_OUTCOMES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED'])
