import { NexusError } from '../../../common/errors/nexus-error.ts'
import { first, run, type Script } from '../../../common/sql/script.ts'
import type { Relationship } from '../../model/relationship.ts'
import type { WriteRequest } from '../contract.ts'
import { encodeRows } from '../images.ts'
import type { ResultMessage } from '../messages.ts'

type Request = Pick<WriteRequest, 'tenant' | 'idempotency' | 'now'>

/** A change that was made, and the rows that its answer names. */
export interface Done<M extends ResultMessage = ResultMessage> {
  readonly message: M
  readonly written: readonly Relationship[]
}

/** What is kept under a key. */
export interface KnownAnswer {
  readonly hash: string
  readonly answer: string
}

/**
 * Runs a change unless its idempotency key was used already, and keeps its answer under the key. To be called with the
 * tenant locked, so that two requests with one key cannot both find it unused.
 * @throws NexusError IDEMPOTENCY_KEY_REUSED if the key belongs to a request with another hash
 */
export function* once<M extends ResultMessage>(request: Request, change: () => Script<Done<M>>): Script<M> {
  const { tenant, idempotency, now } = request
  if (idempotency === null) return (yield* change()).message
  const known = yield* recall<M>(tenant, idempotency)
  if (known !== null) return known
  const done = yield* change()
  yield* run(
    'insert into idempotency_keys (tenant, key, request_hash, answer, created_at) values ($1, $2, $3, $4, $5)',
    tenant,
    idempotency.key,
    idempotency.requestHash,
    keptAnswer(done),
    now,
  )
  return done.message
}

/** The text of an answer: who gets it again knows the changes already, or reads them in the log. */
export function keptAnswer({ message, written }: Done): string {
  return JSON.stringify({ ...message, changes: '[]', written: encodeRows(written) })
}

/** The answer that is kept under a key; null if the key is unused. @throws NexusError IDEMPOTENCY_KEY_REUSED */
export function* recall<M extends ResultMessage>(
  tenant: string,
  asked: { key: string; requestHash: string },
): Script<M | null> {
  const known = yield* first<KnownAnswer>(
    'select request_hash as hash, answer from idempotency_keys where tenant = $1 and key = $2',
    tenant,
    asked.key,
  )
  return known === undefined ? null : replay<M>(known, asked)
}

/** @throws NexusError IDEMPOTENCY_KEY_REUSED if the key belongs to a request with another hash */
export function replay<M extends ResultMessage>(known: KnownAnswer, asked: { key: string; requestHash: string }): M {
  if (known.hash === asked.requestHash) return JSON.parse(known.answer) as M
  throw new NexusError(
    'IDEMPOTENCY_KEY_REUSED',
    `The idempotency key ${JSON.stringify(asked.key)} was used for a different request; a new request needs a new key.`,
  )
}
