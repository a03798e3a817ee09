import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { RelationshipOperation, WriteRelationshipsRequest } from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { Operation, Precondition } from '../../store/contract.ts'
import { MAX_IDEMPOTENCY_KEY_BYTES, MAX_ITEMS } from '../limits.ts'
import { requireAtMost, within } from '../parse/fields.ts'
import { parsePreconditions } from '../parse/filter.ts'
import { parseRelationship, parseRelationshipKey } from '../parse/relationship.ts'
import { parseTenant } from '../parse/tenant.ts'
import { requestHash } from '../request-hash.ts'

/** An idempotency key with the digest of what it stands for. */
export type Idempotency = { readonly key: string; readonly requestHash: string } | null

/** A write as it was asked for, before the schema has its say. */
export interface ParsedWrite {
  readonly tenant: string
  readonly operations: readonly Operation[]
  readonly preconditions: readonly Precondition[]
  readonly idempotency: Idempotency
}

/** @throws NexusError INVALID_*, TOO_MANY_OPERATIONS */
export function parseWrite(request: WriteRelationshipsRequest): ParsedWrite {
  const tenant = parseTenant(request.tenant)
  if (request.operations.length === 0) throw new NexusError('INVALID_REQUEST', 'operations is empty.')
  requireAtMost(request.operations, MAX_ITEMS, 'operations')
  const operations = request.operations.map((operation, index) =>
    within(`operations[${index}]`, () => parseOperation(operation, tenant)),
  )
  const preconditions = parsePreconditions(request.preconditions, tenant)
  const idempotency = parseIdempotency(request.idempotencyKey, { operations, preconditions })
  return { tenant, operations, preconditions, idempotency }
}

/** @throws NexusError INVALID_REQUEST */
export function parseIdempotency(key: string, meaning: object): Idempotency {
  if (key === '') return null
  if (Buffer.byteLength(key) > MAX_IDEMPOTENCY_KEY_BYTES || !key.isWellFormed() || /\p{Cc}/u.test(key)) {
    const message = `idempotency_key must be at most ${MAX_IDEMPOTENCY_KEY_BYTES} bytes of text without control characters.`
    throw new NexusError('INVALID_REQUEST', message)
  }
  return { key, requestHash: requestHash(meaning) }
}

function parseOperation({ operation }: RelationshipOperation, tenant: string): Operation {
  switch (operation?.$case) {
    case 'create':
    case 'touch':
      return { kind: operation.$case, relationship: parseRelationship(operation.value, tenant) }
    case 'delete':
    case 'deleteIfExists':
      return { kind: operation.$case, key: parseRelationshipKey(operation.value, tenant) }
    default:
      throw new NexusError('INVALID_REQUEST', 'One of create, touch, delete or delete_if_exists must be set.')
  }
}
