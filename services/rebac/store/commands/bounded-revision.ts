import { NexusError } from '../../../common/errors/nexus-error.ts'
import { first, type Script, type SqlValue } from '../../../common/sql/script.ts'
import type { RelationshipChange } from '../../model/relationship.ts'
import { encodeChanges } from '../images.ts'

/**
 * Characters of the text of one revision. V8's longest string has 537 million, and the text may double where it is quoted
 * on its way to PostgreSQL.
 */
const MAX_TEXT = 200_000_000

/** What one change may concern, and what to say where it concerns more. */
export interface Bound {
  readonly maxChanges: number
  /** As in "at most ... are deleted at once". */
  readonly verb: 'deleted' | 'moved'
  /** What the caller can do. */
  readonly instead: string
}

/**
 * To be asked before anything is changed: looks at no more ids than it takes to know.
 * @param ids a query for the ids of what a change concerns, each of them at most twice
 * @throws NexusError TOO_MANY_CHANGES
 */
export function* requireFew(ids: string, values: readonly SqlValue[], bound: Bound): Script<void> {
  const { maxChanges } = bound
  const some = `select id from (${ids}) as found limit ${2 * maxChanges + 1}`
  const counting = `select count(distinct id) as count from (${some}) as counted`
  const found = yield* first<{ count: number }>(counting, ...values)
  if ((found?.count ?? 0) <= maxChanges) return
  throw tooMany(`more than ${maxChanges.toLocaleString('en-US')} relationships`, bound)
}

/** encodeChanges, of at most so many characters. @throws NexusError TOO_MANY_CHANGES if the text is too long to be kept */
export function encodeBounded(changes: readonly RelationshipChange[], bound: Bound, maxText = MAX_TEXT): string {
  try {
    const text = encodeChanges(changes)
    if (text.length <= maxText) return text
  } catch (error) {
    // The longest string that there can be is shorter.
    if (!(error instanceof RangeError)) throw error
  }
  throw tooMany(`${changes.length.toLocaleString('en-US')} relationships of more than ${maxText / 1e6} MB`, bound)
}

function tooMany(what: string, { maxChanges, verb, instead }: Bound): NexusError {
  const most = maxChanges.toLocaleString('en-US')
  const message = `This concerns ${what}; at most ${most} (${MAX_TEXT / 1e6} MB) are ${verb} at once: ${instead}.`
  return new NexusError('TOO_MANY_CHANGES', message, { data: { limit: maxChanges } })
}
