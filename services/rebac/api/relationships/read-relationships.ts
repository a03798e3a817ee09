import { NexusError } from '../../../common/errors/nexus-error.ts'
import { withDeadline } from '../../../common/grpc/deadline.ts'
import type { ReadRelationshipsRequest, ReadRelationshipsResponse } from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { type Freshness, FULLY_CONSISTENT } from '../../tenants/freshness.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_PAGE_SIZE, MAX_ITEMS } from '../limits.ts'
import { parseConsistency } from '../parse/consistency.ts'
import { parseFilter } from '../parse/filter.ts'
import { parseTenant } from '../parse/tenant.ts'
import { presentRelationship } from '../present/relationship.ts'
import { requestHash } from '../request-hash.ts'
import { normalizeFilter } from './normalize.ts'
import { cutPage } from './cut-page.ts'

/** ReadRelationships: what is stored, page by page, straight from the database and so always up to date. */
export function readRelationshipsHandler(api: ApiContext) {
  return async (request: ReadRelationshipsRequest, call: CallContext<Caller>): Promise<ReadRelationshipsResponse> => {
    const { tenant, filter, freshness, pageSize, hash, afterId } = parseRead(request, api)
    requireTenant(call.caller, tenant)

    const { schema } = await api.tenants.view(tenant, FULLY_CONSISTENT, call.deadline)
    const read = api.store.readRelationships({
      tenant,
      filter: normalizeFilter(schema, filter),
      afterId,
      limit: pageSize + 1,
      now: Date.now(),
    })
    const { relationships, revision } = await withDeadline(read, call.deadline)
    requireFresh(freshness, revision)

    const { page, position } = cutPage(relationships, pageSize)
    return {
      relationships: page.map(presentRelationship),
      nextCursor: position === null ? '' : api.tokens.cursor(tenant, { revision, position }, hash),
      token: api.tokens.token(tenant, revision),
    }
  }
}

function parseRead(request: ReadRelationshipsRequest, api: ApiContext) {
  const tenant = parseTenant(request.tenant)
  const filter = parseFilter(request.filter, tenant)
  const freshness = parseConsistency(request.consistency, tenant, api.tokens)
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE
  if (pageSize > MAX_ITEMS) {
    throw new NexusError('INVALID_REQUEST', `page_size is ${pageSize}; at most ${MAX_ITEMS} are allowed.`)
  }
  const hash = requestHash({ rpc: 'ReadRelationships', filter })
  const afterId = request.cursor === '' ? '' : api.tokens.readCursor(request.cursor, tenant, hash).position
  return { tenant, filter, freshness, pageSize, hash, afterId }
}

/** @throws NexusError TOKEN_FROM_FUTURE, UNIMPLEMENTED (exact snapshots) */
export function requireFresh(freshness: Freshness, revision: number): void {
  if (!('revision' in freshness) || freshness.revision === revision) return
  if (freshness.revision > revision) {
    throw new NexusError('TOKEN_FROM_FUTURE', 'The consistency token is newer than the database.')
  }
  if (freshness.kind === 'atLeast') return
  throw new NexusError('UNIMPLEMENTED', 'at_exact_snapshot is not available yet for any revision but the newest.')
}
