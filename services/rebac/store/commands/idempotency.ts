import { NexusError } from '../../../common/errors/nexus-error.ts'
import { first, run, type Script } from '../../../common/sql/script.ts'
import type { WriteRequest, WriteResult } from '../contract.ts'

type Request = Pick<WriteRequest, 'tenant' | 'idempotency' | 'now'>

/**
 * Runs a change unless its idempotency key was used already, and keeps its answer under the key. To be called with the
 * tenant locked, so that two requests with one key cannot both find it unused.
 * @throws NexusError IDEMPOTENCY_KEY_REUSED if the key belongs to a request with another hash
 */
export function* once(request: Request, change: () => Script<WriteResult>): Script<WriteResult> {
  const { tenant, idempotency, now } = request
  if (idempotency === null) return yield* change()
  const known = yield* first<{ hash: string; answer: string }>(
    'select request_hash as hash, answer from idempotency_keys where tenant = $1 and key = $2',
    tenant,
    idempotency.key,
  )
  if (known !== undefined) return replay(known, idempotency)
  const result = yield* change()
  yield* run(
    'insert into idempotency_keys (tenant, key, request_hash, answer, created_at) values ($1, $2, $3, $4, $5)',
    tenant,
    idempotency.key,
    idempotency.requestHash,
    JSON.stringify({ ...result, changes: [] }),
    now,
  )
  return result
}

function replay(known: { hash: string; answer: string }, asked: { key: string; requestHash: string }): WriteResult {
  if (known.hash === asked.requestHash) return JSON.parse(known.answer) as WriteResult
  throw new NexusError(
    'IDEMPOTENCY_KEY_REUSED',
    `The idempotency key ${JSON.stringify(asked.key)} was used for a different request; a new request needs a new key.`,
  )
}
