import { NexusError } from '../../../common/errors/nexus-error.ts'
import { withDeadline } from '../../../common/grpc/deadline.ts'
import type {
  ListIncomingSharesRequest,
  ListIncomingSharesResponse,
} from '../../../common/gen/nexus/rebac/v1/lookup.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { validateObjectNames } from '../../model/validate-names.ts'
import type { Share } from '../../store/contract.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_PAGE_SIZE, MAX_ITEMS } from '../limits.ts'
import { missing } from '../parse/fields.ts'
import { parseTenant } from '../parse/tenant.ts'
import { presentRelationship } from '../present/relationship.ts'
import { cutPage } from '../relationships/cut-page.ts'
import { requestHash } from '../request-hash.ts'

/** ListIncomingShares: what other tenants share with a subject, page by page, straight from the database. */
export function listIncomingSharesHandler(api: ApiContext) {
  return async (request: ListIncomingSharesRequest, call: CallContext<Caller>): Promise<ListIncomingSharesResponse> => {
    const { tenant, subject, pageSize, hash, after } = parseList(request, api)
    requireTenant(call.caller, tenant)

    const read = api.store.readShares({ subject, after, limit: pageSize + 1, now: Date.now() })
    const found = await withDeadline(read, call.deadline)

    const { page } = cutPage(
      found.map(({ relationship }) => relationship),
      pageSize,
    )
    const shares = found.slice(0, page.length)
    const last = shares.length < found.length ? shares.at(-1) : undefined
    const cursor = (share: Share) => ({ revision: 0, position: `${share.tenant}/${share.relationship.id}` })
    return {
      shares: shares.map((share) => ({ tenant: share.tenant, relationship: presentRelationship(share.relationship) })),
      nextCursor: last === undefined ? '' : api.tokens.cursor(tenant, cursor(last), hash),
    }
  }
}

function parseList(request: ListIncomingSharesRequest, api: ApiContext) {
  const tenant = parseTenant(request.tenant)
  const { type, id } = request.subject ?? missing('subject')
  try {
    validateObjectNames({ objectType: type, objectId: id })
  } catch (error) {
    if (!(error instanceof NexusError)) throw error
    throw new NexusError('INVALID_SUBJECT', error.message.replace('object', 'subject'), { cause: error })
  }
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE
  if (pageSize > MAX_ITEMS) {
    throw new NexusError('INVALID_REQUEST', `page_size is ${pageSize}; at most ${MAX_ITEMS} are allowed.`)
  }
  const hash = requestHash({ rpc: 'ListIncomingShares', type, id })
  const position = request.cursor === '' ? null : api.tokens.readCursor(request.cursor, tenant, hash).position
  const [afterTenant = '', afterId = ''] = position?.split('/') ?? []
  const after = position === null ? null : { tenant: afterTenant, id: afterId }
  return { tenant, subject: { tenant, type, id }, pageSize, hash, after }
}
