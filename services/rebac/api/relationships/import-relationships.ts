import { NexusError } from '../../../common/errors/nexus-error.ts'
import type {
  ImportRelationshipsRequest,
  ImportRelationshipsResponse,
} from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { WriteResult } from '../../store/contract.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireWrite } from '../authenticator.ts'
import { DEFAULT_TIMEOUT_MS, MAX_ITEMS } from '../limits.ts'
import { requireAtMost, within } from '../parse/fields.ts'
import { parseRelationship } from '../parse/relationship.ts'
import { parseTenant } from '../parse/tenant.ts'
import { acceptOperations } from './accept-operations.ts'
import { applyWrite } from './apply-write.ts'

/** ImportRelationships: each message is one atomic touch. An error ends it; what came before stays. */
export function importRelationshipsHandler(api: ApiContext) {
  return async (
    messages: AsyncIterable<ImportRelationshipsRequest>,
    call: CallContext<Caller>,
  ): Promise<ImportRelationshipsResponse> => {
    let tenant: string | null = null
    let writtenCount = 0
    let revision = 0
    let count = 0
    for await (const message of messages) {
      count += 1
      const result = await namingMessage(count, async () => {
        const named = parseTenant(message.tenant)
        requireWrite(call.caller, named)
        tenant ??= named
        if (named !== tenant) throw new NexusError('INVALID_REQUEST', 'all messages of an import must name one tenant.')
        return touchAll(api, tenant, message, call.deadline)
      })
      writtenCount += result.written.length
      revision = Math.max(revision, result.revision)
    }
    if (tenant === null) throw new NexusError('INVALID_REQUEST', 'The import has no message.')
    return { writtenCount, token: api.tokens.token(tenant, revision) }
  }
}

function touchAll(
  api: ApiContext,
  tenant: string,
  { relationships }: ImportRelationshipsRequest,
  callDeadline: number,
): Promise<WriteResult> {
  requireAtMost(relationships, MAX_ITEMS, 'relationships')
  const operations = relationships.map((wire, index) => ({
    kind: 'touch' as const,
    relationship: within(`relationships[${index}]`, () => parseRelationship(wire, tenant)),
  }))
  const deadline = Math.min(callDeadline, Date.now() + DEFAULT_TIMEOUT_MS)
  return applyWrite(api, { tenant, idempotency: null, deadline, checksSchema: true }, ({ schema, schemaVersion }) => {
    const accepted = acceptOperations(schema, operations)
    const base = { tenant, preconditions: [], idempotency: null, schemaVersion, now: Date.now(), deadline }
    return api.store.write({ ...base, operations: accepted })
  })
}

/** An error says which message it is about, so that the client knows what was imported. */
async function namingMessage<T>(count: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NexusError)) throw error
    throw new NexusError(error.reason, `message ${count}: ${error.message}`, { cause: error })
  }
}
