import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Script } from '../../../common/sql/script.ts'
import { encodeChanges, encodeRows } from '../images.ts'
import { readOperations, type ResultMessage, type WriteMessage } from '../messages.ts'
import { logEntry, type Tables } from '../tables.ts'
import { decide, keyOf } from './decide.ts'
import { type Done, once } from './idempotency.ts'
import { checkPreconditions } from './preconditions.ts'

/** RelationshipStore.write as a transaction. */
export function writeCommand(tables: Tables) {
  return function* write(request: WriteMessage): Script<ResultMessage> {
    const { tenant, now } = request
    const head = yield* tables.lockTenant(tenant, now)
    return yield* once(request, function* (): Script<Done> {
      if (head.schemaVersion !== request.schemaVersion) throw schemaChanged(tenant)
      yield* checkPreconditions(tables.dialect, request)
      const operations = readOperations(request)
      const stored = yield* tables.findByKeys(tenant, operations.map(keyOf))
      const { rows, changes, written, deletedCount } = decide(operations, stored, now, uuidv7)
      const text = encodeChanges(changes)
      const revision = changes.length === 0 ? head.revision : head.revision + 1
      if (changes.length > 0) yield* tables.apply(tenant, rows, logEntry(revision, 'write', text, now))
      const isLeft = written.length === rows.inserted.length + rows.replaced.length
      const message = { revision, changes: text, written: isLeft ? null : encodeRows(written), deletedCount }
      return { message, written }
    })
  }
}

export function schemaChanged(tenant: string): NexusError {
  return new NexusError('SCHEMA_CHANGED', `The schema of tenant ${tenant} changed while the request ran; try again.`)
}
