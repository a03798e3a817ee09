import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Script, Settled } from '../../../common/sql/script.ts'
import { relationshipKeyText } from '../../model/relationship.ts'
import { type ResultMessage, type WriteMessage, readOperations } from '../messages.ts'
import type { Tables } from '../tables.ts'
import { keyOf } from './decide.ts'
import { Answers } from './answers.ts'
import { once } from './idempotency.ts'
import { checkPreconditions } from './preconditions.ts'
import { WriteBatch } from './write-batch.ts'

/**
 * RelationshipStore.write as a transaction. Writes without preconditions may run together: what all of them need is read
 * at once, they are decided in memory, and what they come to is written at once, with an entry of the log for each.
 */
export function writeCommand(tables: Tables) {
  function* write(request: WriteMessage): Script<ResultMessage> {
    if (joins(request)) return taken((yield* together([request]))[0])
    const { tenant, now } = request
    const head = yield* tables.lockTenant(tenant, now)
    return yield* once(request, function* () {
      yield* checkPreconditions(tables.dialect, request)
      const operations = readOperations(request)
      const batch = new WriteBatch(head, yield* tables.findByKeys(tenant, operations.map(keyOf)))
      const done = batch.write(request, operations)
      yield* batch.save(tables, tenant)
      return done
    })
  }

  function* together(requests: readonly WriteMessage[]): Script<readonly Settled<ResultMessage>[]> {
    const settled = new Map<WriteMessage, Settled<ResultMessage>>()
    for (const [tenant, ofTenant] of Map.groupBy(requests, (request) => request.tenant)) {
      yield* writeTogether(tables, tenant, ofTenant, settled)
    }
    return requests.map((request) => settled.get(request) ?? { ok: false, error: unsettled() })
  }

  return Object.assign(write, { together, joins })
}

/** Preconditions are asked of the tables, where the writes before it must have arrived. */
function joins({ preconditions }: WriteMessage): boolean {
  return preconditions.length === 0
}

function* writeTogether(
  tables: Tables,
  tenant: string,
  requests: readonly WriteMessage[],
  settled: Map<WriteMessage, Settled<ResultMessage>>,
): Script<void> {
  const parsed = requests.map((request) => ({ request, operations: readOperations(request) }))
  const keys = new Map(
    parsed.flatMap(({ operations }) => operations.map(keyOf)).map((key) => [relationshipKeyText(key), key]),
  )
  const { head, stored } = yield* tables.lockAndFind(tenant, requests[0]?.now ?? 0, [...keys.values()])
  const batch = new WriteBatch(head, stored)
  const answers = yield* Answers.find(tenant, requests)
  for (const { request, operations } of parsed) {
    settled.set(
      request,
      settle(() => answers.once(request, () => batch.write(request, operations))),
    )
  }
  yield* batch.save(tables, tenant)
  yield* answers.save()
}

/** @throws what is no answer to a request */
function settle<T>(work: () => T): Settled<T> {
  try {
    return { ok: true, value: work() }
  } catch (error) {
    if (error instanceof NexusError) return { ok: false, error }
    throw error
  }
}

/** @throws the error that a write was settled with */
function taken(settled: Settled<ResultMessage> | undefined): ResultMessage {
  if (settled?.ok === true) return settled.value
  throw settled?.error ?? unsettled()
}

function unsettled(): NexusError {
  return new NexusError('INTERNAL', 'The server failed; its log has the details.')
}
