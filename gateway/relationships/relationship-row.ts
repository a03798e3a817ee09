import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import type { NewRelationshipRow, PermissionSubject, RelationshipRow } from '../permissions/contract.ts'
import type { ObjectName } from './object-name.ts'

/** Members of a relationship's attributes that the gateway keeps there. */
const OBJECT_WRITTEN = 'object_id_as_written'
const SUBJECT_WRITTEN = 'subject_id_as_written'
const COLUMN_CONFIG = 'column_config'

export interface NewRelationshipFacts {
  readonly subject: ObjectName
  /** '' unless the subject is a userset. */
  readonly subjectRelation: string
  readonly relation: string
  readonly object: ObjectName
  readonly expiresAt: number | null
  readonly columnConfig: JsonObject | undefined
  /** When it counts: time_window, allowed_ips, allowed_devices, attributes (nexus-api.md 4.4). */
  readonly conditions: JsonObject | undefined
}

/** The permission service's condition for them. */
const ABAC = 'nexus_abac'

export function newRow(facts: NewRelationshipFacts): NewRelationshipRow {
  const { subject, object } = facts
  const attributes: JsonObject = {
    ...(object.written === object.id ? {} : { [OBJECT_WRITTEN]: object.written }),
    ...(subject.written === subject.id ? {} : { [SUBJECT_WRITTEN]: subject.written }),
    ...(facts.columnConfig === undefined ? {} : { [COLUMN_CONFIG]: facts.columnConfig }),
  }
  return {
    objectType: object.type,
    objectId: object.id,
    relation: facts.relation,
    subject: { tenant: '', type: subject.type, id: subject.id, relation: facts.subjectRelation },
    expiresAt: facts.expiresAt,
    attributes: Object.keys(attributes).length === 0 ? null : attributes,
    conditionName: facts.conditions === undefined ? '' : ABAC,
    conditionContext: facts.conditions ?? null,
  }
}

/** A relationship without condition, expiry and attributes. */
export function bareRow(
  object: Pick<ObjectName, 'type' | 'id'>,
  relation: string,
  subject: PermissionSubject,
): NewRelationshipRow {
  return {
    objectType: object.type,
    objectId: object.id,
    relation,
    subject,
    expiresAt: null,
    attributes: null,
    conditionName: '',
    conditionContext: null,
  }
}

/** Whether storing `wanted` again would change nothing. */
export function saysTheSame(stored: RelationshipRow, wanted: NewRelationshipRow): boolean {
  return (
    stored.expiresAt === wanted.expiresAt &&
    stored.conditionName === wanted.conditionName &&
    isDeepStrictEqual(plain(stored.conditionContext), plain(wanted.conditionContext)) &&
    isDeepStrictEqual(plain(stored.attributes), plain(wanted.attributes))
  )
}

/** The id of the object as the client wrote it. */
export function writtenObjectId(row: RelationshipRow): string {
  const written = row.attributes?.[OBJECT_WRITTEN]
  return typeof written === 'string' ? written : row.objectId
}

export function writtenSubjectId(row: RelationshipRow): string {
  const written = row.attributes?.[SUBJECT_WRITTEN]
  return typeof written === 'string' ? written : row.subject.id
}

/** The columns that a dynamic viewer sees; null if nothing is said of them. */
export function columnConfigOf(row: RelationshipRow): JsonObject | null {
  const config = row.attributes?.[COLUMN_CONFIG]
  return isObject(config) ? config : null
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function plain(attributes: JsonObject | null): JsonObject {
  return attributes ?? {}
}
