import { setImmediate as nextTurn } from 'node:timers/promises'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Relationship } from '../../model/relationship.ts'
import type { Schema } from '../../schema/schema.ts'
import { validateRelationship } from '../../schema/validate.ts'
import type { RelationshipStore } from '../../store/contract.ts'
import { relationshipText } from '../present/relationship-text.ts'

const PAGE = 5_000
/** How many are shown at most. */
const KEPT = 100
/** How many are named in the refusal. */
const LISTED = 20

/** What would have no effect any more under a schema. */
export interface Stranded {
  readonly count: number
  /** The first 100 of them. */
  readonly first: readonly Relationship[]
  /** The revision up to which was looked. */
  readonly revision: number
}

/** Looks through all that is stored. An open schema accepts everything. */
export async function findStranded(store: RelationshipStore, tenant: string, schema: Schema): Promise<Stranded> {
  const first: Relationship[] = []
  let count = 0
  let afterId = ''
  for (let oldest = -1; ; ) {
    const page = await store.readRelationships({ tenant, filter: {}, afterId, limit: PAGE, now: Date.now() })
    // Pages are read one after the other: only what the first one saw is known to have been looked at.
    if (oldest < 0) oldest = page.revision
    for (const relationship of page.relationships) {
      if (fits(schema, relationship)) continue
      count += 1
      if (first.length < KEPT) first.push(relationship)
    }
    const last = page.relationships.at(-1)
    if (last === undefined || page.relationships.length < PAGE) return { count, first, revision: oldest }
    afterId = last.id
    await nextTurn()
  }
}

/** The refusal of a schema, with what it would strand. */
export function strandsError(stranded: Pick<Stranded, 'count' | 'first'>): NexusError {
  const listed = stranded.first.slice(0, LISTED)
  const more = stranded.count - listed.length
  const list = listed.map(relationshipText).join(', ') + (more > 0 ? ` and ${more} more` : '')
  const message = `Under this schema ${stranded.count} stored relationships would have no effect: ${list}. Delete them, or set force.`
  const violations = stranded.first.map((one) => {
    return { subject: relationshipText(one), description: `relationship ${one.id} would have no effect` }
  })
  return new NexusError('SCHEMA_STRANDS_RELATIONSHIPS', message, { data: { total: stranded.count }, violations })
}

/** Whether a relationship would have an effect under a schema. */
export function fits(schema: Schema, relationship: Relationship): boolean {
  try {
    validateRelationship(schema, relationship)
    return true
  } catch (error) {
    if (error instanceof NexusError) return false
    throw error
  }
}
