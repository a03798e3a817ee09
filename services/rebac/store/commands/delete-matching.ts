import { all, type Script } from '../../../common/sql/script.ts'
import type { DeleteRequest, WriteResult } from '../contract.ts'
import { matching, Parameters } from '../filter.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'
import { logEntry, NO_ROW_CHANGES, type Tables } from '../tables.ts'
import { once } from './idempotency.ts'
import { checkPreconditions } from './preconditions.ts'

/** RelationshipStore.deleteMatching as a transaction. */
export function deleteMatchingCommand(tables: Tables) {
  return function* deleteMatching(request: DeleteRequest): Script<WriteResult> {
    const { tenant, filter, now } = request
    const { revision } = yield* tables.lockTenant(tenant, now)
    return yield* once(request, function* (): Script<WriteResult> {
      yield* checkPreconditions(tables.dialect, request)
      const parameters = new Parameters()
      const condition = matching(tables.dialect, parameters, tenant, filter, now)
      const text = `delete from relationships where ${condition} returning ${RELATIONSHIP_COLUMNS}`
      const deleted = toRelationships(yield* all<RelationshipRow>(text, ...parameters.values))
      if (deleted.length === 0) return { revision, changes: [], written: [], deletedCount: 0 }
      const changes = deleted.toSorted(byId).map((before) => ({ before, after: null }))
      yield* tables.apply(tenant, NO_ROW_CHANGES, logEntry(revision + 1, 'write', changes, now))
      return { revision: revision + 1, changes, written: [], deletedCount: deleted.length }
    })
  }
}

/** The engines return deleted rows in no order. */
function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}
