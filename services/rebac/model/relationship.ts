import type { JsonObject } from '../../common/json.ts'

/**
 * The key of a relationship within its tenant: "subject has relation on object".
 * The form of the subject is in its fields:
 *
 * | form                  | type | id  | relation |
 * |-----------------------|------|-----|----------|
 * | object    user:alice  | user | alice | ''     |
 * | wildcard  user:*      | user | *   | ''       |
 * | userset   group:g#member | group | g | member |
 * | any subject           | *    | *   | ''       |
 */
export interface RelationshipKey {
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  /** Empty: the graph's own tenant. */
  readonly subjectTenant: string
  readonly subjectType: string
  readonly subjectId: string
  /** Empty unless the subject is a userset. */
  readonly subjectRelation: string
}

/** A relationship as it is stored. Times are milliseconds since 1970, UTC. */
export interface Relationship extends RelationshipKey {
  /** UUIDv7, made by the service; kept by touch and by move. */
  readonly id: string
  /** Empty: unconditional. */
  readonly conditionName: string
  readonly conditionContext: JsonObject | null
  /** It counts strictly before this instant; null: for ever. */
  readonly expiresAt: number | null
  readonly createdAt: number
  readonly attributes: JsonObject | null
}

/** Who a question is about; the fields are those of a relationship's subject. */
export interface Subject {
  readonly tenant: string
  readonly type: string
  readonly id: string
  readonly relation: string
}

export const WILDCARD_ID = '*'
export const ANY_SUBJECT_TYPE = '*'

/** True from the instant `expiresAt` on. */
export function isExpired(relationship: { readonly expiresAt: number | null }, now: number): boolean {
  return relationship.expiresAt !== null && relationship.expiresAt <= now
}

/** A string that is equal for equal keys and for no others (no name or id may contain U+0000). */
export function relationshipKeyText(key: RelationshipKey): string {
  return [
    key.objectType,
    key.objectId,
    key.relation,
    key.subjectTenant,
    key.subjectType,
    key.subjectId,
    key.subjectRelation,
  ].join('\u0000')
}

/** What happened to one relationship: created (before is null), deleted (after is null) or replaced. */
export interface RelationshipChange {
  readonly before: Relationship | null
  readonly after: Relationship | null
}
