import type { WatchResponse } from '../../../common/gen/nexus/rebac/v1/watch.ts'
import type { RelationshipChange } from '../../model/relationship.ts'
import type { LogEntry } from '../../store/contract.ts'
import { MAX_PAGE_BYTES } from '../limits.ts'
import { presentRelationship } from '../present/relationship.ts'
import { bytesOf } from '../relationships/cut-page.ts'

/** The messages of one revision: one, or several if it would be too large for a client; only the last has the token. */
export function* revisionMessages(
  entry: LogEntry,
  changes: readonly RelationshipChange[],
  token: string,
): Generator<WatchResponse> {
  const { committedAt, schemaVersion } = entry
  const base = { committedAt: new Date(committedAt), schemaVersion, heartbeat: false }
  let from = 0
  for (const end of cuts(changes)) {
    yield { ...base, token: end === changes.length ? token : '', changes: changes.slice(from, end).map(presentChange) }
    from = end
  }
}

/** Nothing changed up to this token. */
export function heartbeatMessage(token: string): WatchResponse {
  return { token, committedAt: undefined, changes: [], schemaVersion: '', heartbeat: true }
}

/** Where the parts of a revision end. */
function* cuts(changes: readonly RelationshipChange[]): Generator<number> {
  let bytes = 0
  for (const [index, { before, after }] of changes.entries()) {
    const more = (before === null ? 0 : bytesOf(before)) + (after === null ? 0 : bytesOf(after))
    if (bytes > 0 && bytes + more > MAX_PAGE_BYTES) {
      yield index
      bytes = 0
    }
    bytes += more
  }
  yield changes.length
}

function presentChange({ before, after }: RelationshipChange) {
  return {
    before: before === null ? undefined : presentRelationship(before),
    after: after === null ? undefined : presentRelationship(after),
  }
}
