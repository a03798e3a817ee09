import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { ReadRelationshipsRequest, ReadRelationshipsResponse } from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_PAGE_SIZE, MAX_ITEMS } from '../limits.ts'
import { parseConsistency } from '../parse/consistency.ts'
import { parseFilter } from '../parse/filter.ts'
import { parseTenant } from '../parse/tenant.ts'
import { presentRelationship } from '../present/relationship.ts'
import { requestHash } from '../request-hash.ts'
import { cutPage } from './cut-page.ts'
import { readPage } from './read-page.ts'

/** ReadRelationships: what is stored, page by page. */
export function readRelationshipsHandler(api: ApiContext) {
  return async (request: ReadRelationshipsRequest, call: CallContext<Caller>): Promise<ReadRelationshipsResponse> => {
    const { tenant, filter, freshness, pageSize, hash, afterId } = parseRead(request, api)
    requireTenant(call.caller, tenant)

    const wanted = { tenant, filter, freshness, afterId, limit: pageSize + 1 }
    const { relationships, revision } = await readPage(api, wanted, call.deadline)

    const { page, position } = cutPage(relationships, pageSize)
    return {
      relationships: page.map(presentRelationship),
      nextCursor: position === null ? '' : api.tokens.cursor(tenant, { revision, position }, hash),
      token: api.tokens.token(tenant, revision),
      revision,
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
