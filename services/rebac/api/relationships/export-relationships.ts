import type {
  ExportRelationshipsRequest,
  ExportRelationshipsResponse,
} from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_TIMEOUT_MS, EXPORT_PAGE } from '../limits.ts'
import { parseConsistency } from '../parse/consistency.ts'
import { parseFilter } from '../parse/filter.ts'
import { parseTenant } from '../parse/tenant.ts'
import { presentRelationship } from '../present/relationship.ts'
import { requestHash } from '../request-hash.ts'
import { cutPage } from './cut-page.ts'
import { readPage } from './read-page.ts'

/**
 * ExportRelationships: everything that matches, in the order of ids. Each message is one state of the database, that of
 * its token; what is written meanwhile may be in later ones, and a Watch from the first token on has all of it.
 */
export function exportRelationshipsHandler(api: ApiContext) {
  return async function* (
    request: ExportRelationshipsRequest,
    call: CallContext<Caller>,
  ): AsyncGenerator<ExportRelationshipsResponse> {
    const { tenant, filter, freshness, hash, position: from } = parseExport(request, api)
    requireTenant(call.caller, tenant)

    // An export may take as long as the client lets it; none of its steps may.
    const deadline = () => Math.min(call.deadline, Date.now() + DEFAULT_TIMEOUT_MS)
    for (let afterId = from; ; ) {
      const wanted = { tenant, filter, freshness, afterId, limit: EXPORT_PAGE + 1 }
      const { relationships, revision } = await readPage(api, wanted, deadline())
      const { page, position } = cutPage(relationships, EXPORT_PAGE)
      yield {
        relationships: page.map(presentRelationship),
        cursor: position === null ? '' : api.tokens.cursor(tenant, { revision, position }, hash),
        token: api.tokens.token(tenant, revision),
      }
      if (position === null) return
      afterId = position
    }
  }
}

function parseExport(request: ExportRelationshipsRequest, api: ApiContext) {
  const tenant = parseTenant(request.tenant)
  const filter = parseFilter(request.filter, tenant)
  const freshness = parseConsistency(request.consistency, tenant, api.tokens)
  const hash = requestHash({ rpc: 'ExportRelationships', filter })
  const position = request.cursor === '' ? '' : api.tokens.readCursor(request.cursor, tenant, hash).position
  return { tenant, filter, freshness, hash, position }
}
