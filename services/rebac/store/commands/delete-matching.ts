import { all, type Script } from '../../../common/sql/script.ts'
import type { DeleteRequest } from '../contract.ts'
import { matching, Parameters } from '../filter.ts'
import type { ResultMessage } from '../messages.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow } from '../rows.ts'
import type { Tables } from '../tables.ts'
import { requireFew } from './bounded-revision.ts'
import { once } from './idempotency.ts'
import { logDeleted } from './log-deleted.ts'
import { checkPreconditions } from './preconditions.ts'

/** RelationshipStore.deleteMatching as a transaction. */
export function deleteMatchingCommand(tables: Tables) {
  return function* deleteMatching(request: DeleteRequest): Script<ResultMessage> {
    const { tenant, filter, now, maxChanges } = request
    const bound = { maxChanges, verb: 'deleted', instead: 'delete by narrower filters, one after the other' } as const
    const { revision } = yield* tables.lockTenant(tenant, now)
    return yield* once(request, function* () {
      yield* checkPreconditions(tables.dialect, request)
      const parameters = new Parameters()
      const condition = matching(tables.dialect, parameters, tenant, filter, now)
      yield* requireFew(`select id from relationships where ${condition}`, parameters.values, bound)
      const text = `delete from relationships where ${condition} returning ${RELATIONSHIP_COLUMNS}`
      const rows = yield* all<RelationshipRow>(text, ...parameters.values)
      const message = yield* logDeleted(tables, tenant, { revision, kind: 'write', now, bound }, rows)
      return { message, written: [] }
    })
  }
}
