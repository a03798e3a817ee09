import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { MoveObjectsRequest, MoveObjectsResponse } from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { contains } from '../../model/subtree.ts'
import { validateObjectNames } from '../../model/validate-names.ts'
import type { Schema } from '../../schema/schema.ts'
import { normalizeObjectId } from '../../schema/validate.ts'
import type { MoveRequest, MoveResult } from '../../store/contract.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireWrite } from '../authenticator.ts'
import { MAX_CHANGES } from '../limits.ts'
import { within } from '../parse/fields.ts'
import { parseTenant } from '../parse/tenant.ts'
import { applyWrite } from './apply-write.ts'
import { parseIdempotency } from './parse-write.ts'

type Move = Pick<MoveRequest, 'objectType' | 'fromId' | 'toId'>

/** MoveObjects: an object of a hierarchical type and all below it get other ids, in one revision. */
export function moveObjectsHandler(api: ApiContext) {
  return async (request: MoveObjectsRequest, call: CallContext<Caller>): Promise<MoveObjectsResponse> => {
    const { tenant, move, idempotency } = parseMove(request)
    requireWrite(call.caller, tenant)

    const { deadline } = call
    const scope = { tenant, idempotency, deadline, checksSchema: true }
    const result = await applyWrite<MoveResult>(api, scope, ({ schema, schemaVersion }) => {
      const accepted = acceptMove(schema, move)
      const scoped = { ...accepted, tenant, idempotency, schemaVersion, maxChanges: MAX_CHANGES }
      return api.store.move({ ...scoped, now: Date.now(), deadline })
    })

    const { revision, movedCount, deletedCount } = result
    return { token: api.tokens.token(tenant, revision), revision, movedCount, deletedCount }
  }
}

function parseMove({ tenant: name, objectType, fromId, toId, idempotencyKey }: MoveObjectsRequest) {
  const tenant = parseTenant(name)
  within('from_id', () => validateObjectNames({ objectType, objectId: fromId }))
  within('to_id', () => validateObjectNames({ objectType, objectId: toId }))
  const move: Move = { objectType, fromId, toId }
  return { tenant, move, idempotency: parseIdempotency(idempotencyKey, move) }
}

/** @throws NexusError INVALID_REQUEST where the schema, or the two ids, leave nothing that could be moved */
function acceptMove(schema: Schema, { objectType, fromId, toId }: Move): Move & { readonly separator: string } {
  const hierarchy = schema.types.get(objectType)?.hierarchy ?? null
  if (hierarchy === null) throw new NexusError('INVALID_REQUEST', `The type ${objectType} is not hierarchical.`)
  const { separator } = hierarchy
  const from = { id: normalizeObjectId(schema, objectType, fromId), separator }
  const to = { id: normalizeObjectId(schema, objectType, toId), separator }
  if (from.id === separator || to.id === separator) {
    throw new NexusError('INVALID_REQUEST', `The root ${separator} can neither be moved nor be replaced.`)
  }
  if (contains(from, to.id))
    throw new NexusError('INVALID_REQUEST', 'An object cannot be moved to itself or below itself.')
  if (contains(to, from.id)) {
    throw new NexusError('INVALID_REQUEST', 'An object cannot take the place of one that it lies below.')
  }
  return { objectType, separator, fromId: from.id, toId: to.id }
}
