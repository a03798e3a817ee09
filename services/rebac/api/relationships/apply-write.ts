import { errorCatalogue } from '../../../common/errors/catalogue.ts'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { MoveResult, WriteResult } from '../../store/contract.ts'
import { FULLY_CONSISTENT, MINIMIZE_LATENCY } from '../../tenants/freshness.ts'
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
  /** The store compares the schema that the write was validated by with that of the tenant. */
  readonly checksSchema: boolean
}

/**
 * Runs a write that depends on the tenant's schema, again if that changed meanwhile, and takes its changes over into
 * memory before it is acknowledged. A request that was answered before gets that answer, also where the schema of today
 * would not accept it any more.
 * @throws NexusError of the store; SCHEMA_CHANGED if it keeps changing
 */
export async function applyWrite<R extends WriteResult>(
  api: ApiContext,
  { tenant, idempotency, deadline, checksSchema }: WriteScope,
  write: (view: TenantState) => Promise<R>,
): Promise<R | MoveResult> {
  let isNewest = !checksSchema
  for (let attempt = 1; ; attempt += 1) {
    const view = isNewest
      ? await api.tenants.state(tenant, FULLY_CONSISTENT, deadline)
      : await nearest(api, tenant, deadline)
    try {
      const result = await write(view)
      api.tenants.written(tenant, result)
      return result
    } catch (error) {
      // Only an error of ours says that nothing was committed.
      const reason = error instanceof NexusError ? error.reason : 'INTERNAL'
      if (OPEN_OUTCOMES.has(reason)) api.tenants.distrust(tenant)
      const isRefusal = error instanceof NexusError && error.grpc === INVALID_ARGUMENT
      const isOutdated = reason === 'SCHEMA_CHANGED' || (isRefusal && !isNewest)
      if (isOutdated && attempt < MAX_ATTEMPTS) {
        if (reason === 'SCHEMA_CHANGED') api.tenants.distrust(tenant)
        isNewest = true
        continue
      }
      // What the schema refuses never came to the store, which would have known the key.
      const first = isRefusal && idempotency !== null ? await api.store.recall(tenant, idempotency) : null
      if (first === null) throw error
      return first
    }
  }
}

/**
 * The schema that is at hand: almost always the newest one, and the transaction says if it is not. So a write need not
 * ask the database twice.
 */
async function nearest(api: ApiContext, tenant: string, deadline: number): Promise<TenantState> {
  try {
    return await api.tenants.state(tenant, MINIMIZE_LATENCY, deadline)
  } catch (error) {
    // This replica has not heard from the database for long; the write may reach it all the same.
    if (error instanceof NexusError && error.reason === 'UNAVAILABLE') {
      return api.tenants.state(tenant, FULLY_CONSISTENT, deadline)
    }
    throw error
  }
}

const INVALID_ARGUMENT: number = errorCatalogue.INVALID_REQUEST.grpc
const OPEN_OUTCOMES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED'])
