import { NexusError } from '../../common/errors/nexus-error.ts'
import type { Relationship, RelationshipChange } from '../model/relationship.ts'
import { relationshipKeyText } from '../model/relationship.ts'
import type { Reading, TenantSnapshot } from '../store/contract.ts'

/** Changes that are undone at most; further back is refused, as the work would have no bound. */
export const MAX_UNDONE_CHANGES = 500_000
const LOG_PAGE = 200
/** Of many changes this many are looked at before others run. */
export const CHANGES_PER_TURN = 10_000

/** An earlier state of a tenant, as what differs from the snapshot: by key, what was there; null: nothing. */
export interface EarlierState {
  readonly instead: ReadonlyMap<string, Relationship | null>
  readonly schemaVersion: string
}

/**
 * Undoes the log back to a revision.
 * @throws NexusError REVISION_TRIMMED, NODE_BUDGET_EXCEEDED if too much changed since
 */
export function* stateAt(snapshot: TenantSnapshot, revision: number): Reading<EarlierState> {
  const instead = new Map<string, Relationship | null>()
  let changed = 0
  let undone = 0
  let newestSchema = true
  for (let from = revision; ; ) {
    // Even with nothing to undo it is asked: the revision may be one that is not kept any more.
    const { entries, mayHaveMore } = yield* snapshot.log(from, LOG_PAGE)
    for (const { revision: at, changes, schemaVersion } of entries) {
      from = at
      changed += changes.length
      if (schemaVersion !== '') newestSchema = false
      if (changed > MAX_UNDONE_CHANGES) throw tooMuchChanged()
      for (const change of changes) {
        undo(change, instead)
        if (++undone % CHANGES_PER_TURN === 0) yield* snapshot.pause()
      }
    }
    if (!mayHaveMore) break
  }
  const schemaVersion = newestSchema ? snapshot.schemaVersion : yield* snapshot.schemaVersionAt(revision)
  return { instead, schemaVersion }
}

/** Told in the order in which the changes were made, so that the first one of a key counts. */
function undo({ before, after }: RelationshipChange, instead: Map<string, Relationship | null>): void {
  if (before !== null) setIfNew(instead, before, before)
  if (after !== null) setIfNew(instead, after, null)
}

function setIfNew(instead: Map<string, Relationship | null>, key: Relationship, value: Relationship | null): void {
  const text = relationshipKeyText(key)
  if (!instead.has(text)) instead.set(text, value)
}

/** The refusal of a snapshot that too much was changed since. */
export function tooMuchChanged(): NexusError {
  const message = `More than ${MAX_UNDONE_CHANGES} changes were made since that snapshot; ask for a newer one.`
  return new NexusError('NODE_BUDGET_EXCEEDED', message)
}
