import { NexusError } from '../../../common/errors/nexus-error.ts'
import type {
  DeleteRelationshipsRequest,
  DeleteRelationshipsResponse,
} from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireWrite } from '../authenticator.ts'
import { MAX_CHANGES } from '../limits.ts'
import { parseFilter, parsePreconditions } from '../parse/filter.ts'
import { parseTenant } from '../parse/tenant.ts'
import { applyWrite } from './apply-write.ts'
import { normalizeFilter } from './normalize.ts'
import { parseIdempotency } from './parse-write.ts'

/** DeleteRelationships: everything that matches, in one revision. */
export function deleteRelationshipsHandler(api: ApiContext) {
  return async (
    request: DeleteRelationshipsRequest,
    call: CallContext<Caller>,
  ): Promise<DeleteRelationshipsResponse> => {
    const { tenant, filter, preconditions, idempotency } = parseDelete(request)
    requireWrite(call.caller, tenant)

    const scope = { tenant, idempotency, deadline: call.deadline, checksSchema: false }
    const { revision, deletedCount } = await applyWrite(api, scope, ({ schema }) =>
      api.store.deleteMatching({
        tenant,
        filter: normalizeFilter(schema, filter),
        preconditions: preconditions.map((one) => ({ ...one, filter: normalizeFilter(schema, one.filter) })),
        idempotency,
        maxChanges: MAX_CHANGES,
        now: Date.now(),
        deadline: call.deadline,
      }),
    )

    return { token: api.tokens.token(tenant, revision), revision, deletedCount }
  }
}

function parseDelete(request: DeleteRelationshipsRequest) {
  const tenant = parseTenant(request.tenant)
  const filter = parseFilter(request.filter, tenant)
  if (Object.keys(filter).length === 0 && !request.allowFull) {
    throw new NexusError(
      'FILTER_TOO_BROAD',
      'The filter is empty and allow_full is not set: that would delete everything.',
    )
  }
  const preconditions = parsePreconditions(request.preconditions, tenant)
  const idempotency = parseIdempotency(request.idempotencyKey, { filter, preconditions })
  return { tenant, filter, preconditions, idempotency }
}
