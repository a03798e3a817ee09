import { isDeepStrictEqual } from 'node:util'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import {
  isExpired,
  type Relationship,
  type RelationshipChange,
  type RelationshipKey,
  relationshipKeyText,
} from '../../model/relationship.ts'
import type { NewRelationship, Operation } from '../contract.ts'
import { jsonText } from '../rows.ts'
import { describeKey } from './describe-key.ts'

/** What the operations of one request come to. */
export interface Decision {
  readonly changes: readonly RelationshipChange[]
  readonly written: readonly Relationship[]
  readonly deletedCount: number
}

export function keyOf(operation: Operation): RelationshipKey {
  return 'key' in operation ? operation.key : operation.relationship
}

/**
 * Decides what operations do to what is stored, by the text of its key. An expired relationship counts as absent: its row is
 * taken over by a new one, whose change has no `before`.
 * @throws NexusError RELATIONSHIP_EXISTS, RELATIONSHIP_NOT_FOUND, DUPLICATE_KEY_IN_REQUEST
 */
export function decide(
  operations: readonly Operation[],
  stored: ReadonlyMap<string, Relationship>,
  now: number,
  makeId: () => string,
): Decision {
  const seen = new Set<string>()
  const changes: RelationshipChange[] = []
  const written: Relationship[] = []
  let deletedCount = 0

  for (const [index, operation] of operations.entries()) {
    const key = keyOf(operation)
    const text = relationshipKeyText(key)
    if (seen.size === seen.add(text).size) throw duplicate(key, index)
    const row = stored.get(text)
    const live = row === undefined || isExpired(row, now) ? undefined : row
    if ('key' in operation) {
      if (live === undefined && operation.kind === 'delete') throw notFound(key, index)
      if (live === undefined) continue
      deletedCount++
      changes.push({ before: live, after: null })
      continue
    }
    if (live !== undefined && operation.kind === 'create') throw exists(live, index)
    if (live !== undefined && saysTheSame(live, operation.relationship)) {
      written.push(live)
      continue
    }
    const after = stamp(operation.relationship, live?.id ?? makeId(), live?.createdAt ?? now)
    changes.push({ before: live ?? null, after })
    written.push(after)
  }
  return { changes, written, deletedCount }
}

function stamp(given: NewRelationship, id: string, createdAt: number): Relationship {
  return {
    id,
    objectType: given.objectType,
    objectId: given.objectId,
    relation: given.relation,
    subjectTenant: given.subjectTenant,
    subjectType: given.subjectType,
    subjectId: given.subjectId,
    subjectRelation: given.subjectRelation,
    conditionName: given.conditionName,
    conditionContext: given.conditionContext,
    expiresAt: given.expiresAt,
    createdAt,
    attributes: given.attributes,
  }
}

function saysTheSame(stored: Relationship, given: NewRelationship): boolean {
  return (
    stored.conditionName === given.conditionName &&
    stored.expiresAt === given.expiresAt &&
    sameJson(jsonText(stored.conditionContext), jsonText(given.conditionContext)) &&
    sameJson(jsonText(stored.attributes), jsonText(given.attributes))
  )
}

/** The order of an object's fields does not matter. */
function sameJson(a: string | null, b: string | null): boolean {
  if (a === b) return true
  return a !== null && b !== null && isDeepStrictEqual(JSON.parse(a), JSON.parse(b))
}

function exists(row: Relationship, index: number): NexusError {
  const message = `The relationship ${describeKey(row)} exists already, with id ${row.id}.`
  return new NexusError('RELATIONSHIP_EXISTS', message, { data: { operation: index, id: row.id } })
}

function notFound(key: RelationshipKey, index: number): NexusError {
  const message = `There is no relationship ${describeKey(key)} to delete.`
  return new NexusError('RELATIONSHIP_NOT_FOUND', message, { data: { operation: index } })
}

function duplicate(key: RelationshipKey, index: number): NexusError {
  const message = `Two operations of the request concern ${describeKey(key)}; a request may name each relationship once.`
  return new NexusError('DUPLICATE_KEY_IN_REQUEST', message, { data: { operation: index } })
}
