import { NexusError } from '../../../common/errors/nexus-error.ts'
import { withDeadline } from '../../../common/grpc/deadline.ts'
import type { Schema } from '../../schema/schema.ts'
import type { Filter, ReadResult } from '../../store/contract.ts'
import { type Freshness, FULLY_CONSISTENT } from '../../tenants/freshness.ts'
import type { ApiContext } from '../api-context.ts'
import { normalizeFilter } from './normalize.ts'

/** Which relationships to read. */
export interface PageRequest {
  readonly tenant: string
  readonly filter: Filter
  readonly freshness: Freshness
  readonly afterId: string
  readonly limit: number
}

/**
 * Relationships in the order of their ids, straight from the database: those of now, or of an exact snapshot, for which
 * what was changed since is undone.
 * @throws NexusError TOKEN_FROM_FUTURE, REVISION_TRIMMED, DEADLINE_EXCEEDED
 */
export async function readPage(api: ApiContext, request: PageRequest, deadline: number): Promise<ReadResult> {
  const { tenant, filter, freshness, afterId, limit } = request
  if (freshness.kind === 'exactly') {
    const filterOf = (schema: Schema) => normalizeFilter(schema, filter)
    return api.tenants.readEarlier(tenant, { revision: freshness.revision, filterOf, afterId, limit }, deadline)
  }
  const now = Date.now()
  const { schema } = await api.tenants.state(tenant, FULLY_CONSISTENT, deadline)
  const read = api.store.readRelationships({ tenant, filter: normalizeFilter(schema, filter), afterId, limit, now })
  const result = await withDeadline(read, deadline)
  if (freshness.kind !== 'atLeast' || freshness.revision <= result.revision) return result
  throw new NexusError('TOKEN_FROM_FUTURE', 'The consistency token is newer than the database.')
}
