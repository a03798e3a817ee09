import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Script } from '../../../common/sql/script.ts'
import type { WriteRequest, WriteResult } from '../contract.ts'
import { logEntry, type Tables } from '../tables.ts'
import { decide, keyOf } from './decide.ts'
import { once } from './idempotency.ts'
import { checkPreconditions } from './preconditions.ts'

/** RelationshipStore.write as a transaction. */
export function writeCommand(tables: Tables) {
  return function* write(request: WriteRequest): Script<WriteResult> {
    const { tenant, operations, now } = request
    const { revision, schemaVersion } = yield* tables.lockTenant(tenant, now)
    return yield* once(request, function* (): Script<WriteResult> {
      if (schemaVersion !== request.schemaVersion) throw schemaChanged(tenant)
      yield* checkPreconditions(tables.dialect, request)
      const stored = yield* tables.findByKeys(tenant, operations.map(keyOf))
      const { rows, changes, written, deletedCount } = decide(operations, stored, now, uuidv7)
      if (changes.length === 0) return { revision, changes, written, deletedCount }
      yield* tables.apply(tenant, rows, logEntry(revision + 1, 'write', changes, now))
      return { revision: revision + 1, changes, written, deletedCount }
    })
  }
}

export function schemaChanged(tenant: string): NexusError {
  return new NexusError('SCHEMA_CHANGED', `The schema of tenant ${tenant} changed while the request ran; try again.`)
}
