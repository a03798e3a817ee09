import { NexusError } from '../../../common/errors/nexus-error.ts'
import { all, type Script } from '../../../common/sql/script.ts'
import { isExpired, type Relationship, type RelationshipChange } from '../../model/relationship.ts'
import { contains, type Subtree, transplant } from '../../model/subtree.ts'
import { idProblem } from '../../model/validate-names.ts'
import type { MoveRequest } from '../contract.ts'
import type { ResultMessage } from '../messages.ts'
import { type RelationshipRow, toRelationships } from '../rows.ts'
import { logEntry, NO_ROW_CHANGES, type Tables } from '../tables.ts'
import { encodeBounded, requireFew } from './bounded-revision.ts'
import { once } from './idempotency.ts'
import { deleteSubtree, findSubtrees, moveSubtree } from './subtree-statements.ts'
import { schemaChanged } from './write-batch.ts'

/** A moved tree can be large: the caller gets numbers, and the changes for its graph. */
export interface MoveMessage extends ResultMessage {
  readonly movedCount: number
}

/** RelationshipStore.move as a transaction. */
export function moveCommand(tables: Tables) {
  return function* move(request: MoveRequest): Script<MoveMessage> {
    const { tenant, objectType, separator, now, maxChanges } = request
    const bound = { maxChanges, verb: 'moved', instead: 'move what lies below in parts' } as const
    const head = yield* tables.lockTenant(tenant, now)
    return yield* once(request, function* () {
      if (head.schemaVersion !== request.schemaVersion) throw schemaChanged(tenant)
      const from = { id: request.fromId, separator }
      const to = { id: request.toId, separator }
      const concerned = findSubtrees(tenant, objectType, from, to)
      yield* requireFew(concerned.text, concerned.values, bound)
      // Nothing may stand at the target when the rest arrives there: keys are unique, those of expired rows as well.
      const deleted = yield* take(deleteSubtree(tenant, objectType, to))
      const moved = yield* take(moveSubtree(tenant, objectType, from, to, now))
      const changes: RelationshipChange[] = deleted.map((before) => ({ before, after: null }))
      for (const after of moved) changes.push({ before: origin(after, objectType, from, to), after })

      const text = encodeBounded(changes, bound)
      const revision = changes.length === 0 ? head.revision : head.revision + 1
      if (changes.length > 0) yield* tables.apply(tenant, NO_ROW_CHANGES, [logEntry(revision, 'move', text, now)])
      const deletedCount = deleted.filter((row) => !isExpired(row, now)).length
      const message = { revision, changes: text, written: '[]', deletedCount, movedCount: moved.length }
      return { message, written: [] }
    })
  }
}

/** The rows that a statement returns, in the order of their ids: the engines know none. */
function* take({ text, values }: ReturnType<typeof deleteSubtree>): Script<readonly Relationship[]> {
  const rows = yield* all<RelationshipRow>(text, ...values)
  return toRelationships(rows).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** What a moved relationship was: all that stands in the target now was moved there. */
function origin(after: Relationship, objectType: string, from: Subtree, to: Subtree): Relationship {
  const { subjectType, subjectTenant } = after
  const isObject = after.objectType === objectType && contains(to, after.objectId)
  const isSubject = subjectType === objectType && subjectTenant === '' && contains(to, after.subjectId)
  for (const id of [...(isObject ? [after.objectId] : []), ...(isSubject ? [after.subjectId] : [])]) {
    const problem = idProblem(id)
    if (problem !== null)
      throw new NexusError('INVALID_OBJECT', `The new id ${JSON.stringify(id.slice(0, 80))} ${problem}.`)
  }
  return {
    ...after,
    ...(isObject && { objectId: transplant(after.objectId, to, from) }),
    ...(isSubject && { subjectId: transplant(after.subjectId, to, from) }),
  }
}
