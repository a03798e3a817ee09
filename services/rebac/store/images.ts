import type { JsonObject } from '../../common/json.ts'
import type { Relationship, RelationshipChange } from '../model/relationship.ts'

/** A relationship without its field names: the log holds every relationship twice, so their names would be most of it. */
type Image = readonly [
  id: string,
  objectType: string,
  objectId: string,
  relation: string,
  subjectTenant: string,
  subjectType: string,
  subjectId: string,
  subjectRelation: string,
  conditionName: string,
  conditionContext: JsonObject | null,
  expiresAt: number | null,
  createdAt: number,
  attributes: JsonObject | null,
]

/** The text of a log entry's changes: a JSON array of [before, after]. */
export function encodeChanges(changes: readonly RelationshipChange[]): string {
  return JSON.stringify(changes.map(({ before, after }) => [toImage(before), toImage(after)]))
}

/** The inverse of encodeChanges. */
export function decodeChanges(text: string): readonly RelationshipChange[] {
  const pairs = JSON.parse(text) as readonly (readonly [Image | null, Image | null])[]
  return pairs.map(([before, after]) => ({ before: fromImage(before), after: fromImage(after) }))
}

/** The text of relationships alone. */
export function encodeRows(rows: readonly Relationship[]): string {
  return JSON.stringify(rows.map(toImage))
}

/** The inverse of encodeRows. */
export function decodeRows(text: string): readonly Relationship[] {
  return (JSON.parse(text) as readonly Image[]).map((image) => fromImage(image))
}

function toImage(row: Relationship | null): Image | null {
  if (row === null) return null
  return [
    row.id,
    row.objectType,
    row.objectId,
    row.relation,
    row.subjectTenant,
    row.subjectType,
    row.subjectId,
    row.subjectRelation,
    row.conditionName,
    row.conditionContext,
    row.expiresAt,
    row.createdAt,
    row.attributes,
  ]
}

function fromImage(image: Image): Relationship
function fromImage(image: Image | null): Relationship | null
function fromImage(image: Image | null): Relationship | null {
  if (image === null) return null
  return {
    id: image[0],
    objectType: image[1],
    objectId: image[2],
    relation: image[3],
    subjectTenant: image[4],
    subjectType: image[5],
    subjectId: image[6],
    subjectRelation: image[7],
    conditionName: image[8],
    conditionContext: image[9],
    expiresAt: image[10],
    createdAt: image[11],
    attributes: image[12],
  }
}
