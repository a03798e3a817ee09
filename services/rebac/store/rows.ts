import type { JsonObject } from '../../common/json.ts'
import type { Relationship } from '../model/relationship.ts'

/** The columns of a relationship, named as its fields are: a driver's row object is the relationship but for its JSON. */
export const RELATIONSHIP_COLUMNS = `id, object_type as "objectType", object_id as "objectId", relation,
  subject_tenant as "subjectTenant", subject_type as "subjectType", subject_id as "subjectId",
  subject_relation as "subjectRelation", condition_name as "conditionName", condition_context as "conditionContext",
  expires_at as "expiresAt", created_at as "createdAt", attributes`

/** What a driver returns for RELATIONSHIP_COLUMNS. */
export type RelationshipRow = Omit<Relationship, 'conditionContext' | 'attributes'> & {
  readonly conditionContext: string | null
  readonly attributes: string | null
}

/** Turns fresh rows into relationships, in place: a million copies would cost as much as reading them. */
export function toRelationships(rows: readonly RelationshipRow[]): readonly Relationship[] {
  const relationships = rows as unknown as readonly { conditionContext: unknown; attributes: unknown }[]
  for (const row of relationships) {
    if (row.conditionContext !== null) row.conditionContext = JSON.parse(row.conditionContext as string)
    if (row.attributes !== null) row.attributes = JSON.parse(row.attributes as string)
  }
  return relationships as unknown as readonly Relationship[]
}

/** JSON as it is stored. */
export function jsonText(value: JsonObject | null): string | null {
  return value === null ? null : JSON.stringify(value)
}
