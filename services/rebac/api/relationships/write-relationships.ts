import type { WriteRelationshipsRequest, WriteRelationshipsResponse } from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireWrite } from '../authenticator.ts'
import { presentRelationship } from '../present/relationship.ts'
import { acceptOperations } from './accept-operations.ts'
import { applyWrite } from './apply-write.ts'
import { normalizeFilter } from './normalize.ts'
import { parseWrite } from './parse-write.ts'

/** WriteRelationships: all operations, or none. */
export function writeRelationshipsHandler(api: ApiContext) {
  return async (request: WriteRelationshipsRequest, call: CallContext<Caller>): Promise<WriteRelationshipsResponse> => {
    const { tenant, operations, preconditions, idempotency } = parseWrite(request)
    requireWrite(call.caller, tenant)

    const { deadline } = call
    const scope = { tenant, idempotency, deadline, checksSchema: true }
    const result = await applyWrite(api, scope, ({ schema, schemaVersion }) =>
      api.store.write({
        tenant,
        operations: acceptOperations(schema, operations),
        preconditions: preconditions.map(({ kind, filter }) => ({ kind, filter: normalizeFilter(schema, filter) })),
        idempotency,
        schemaVersion,
        now: Date.now(),
        deadline,
      }),
    )

    return {
      token: api.tokens.token(tenant, result.revision),
      revision: result.revision,
      written: result.written.map(presentRelationship),
      deletedCount: result.deletedCount,
    }
  }
}
