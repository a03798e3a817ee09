import { NexusError } from '../../common/errors/nexus-error.ts'
import type { JsonObject } from '../../common/json.ts'
import { MAX_CONTEXT_BYTES } from '../model/limits.ts'
import type { RelationshipKey, Subject } from '../model/relationship.ts'
import { validateObjectNames, validateRelationName, validateSubjectNames } from '../model/validate-names.ts'
import { directTypeText, holdsDirect } from './check-rules.ts'
import { findRelation, matchesForm, subjectForm, subjectOf } from './direct-types.ts'
import { derivedParentId, normalizeObjectId } from './hierarchy.ts'
import type { RelationDefinition, Schema } from './schema.ts'

export { normalizeObjectId } from './hierarchy.ts'

/** The only relations that may name a subject of another tenant. */
export const CROSS_TENANT_RELATIONS: ReadonlySet<string> = new Set(['shared-viewer', 'shared-editor', 'shared-owner'])

type WrittenRelationship = RelationshipKey & {
  readonly conditionName: string
  readonly conditionContext: JsonObject | null
}

/**
 * Whether this relationship may be stored. Deleting needs no more than well-formed names, so that what a later schema
 * does not accept any more can still be removed: see `validateRelationshipNames`.
 * @throws NexusError INVALID_OBJECT, INVALID_RELATION, INVALID_SUBJECT, CROSS_TENANT_RELATION, UNKNOWN_TYPE,
 *   UNKNOWN_RELATION, UNKNOWN_SUBJECT_TYPE, RELATIONSHIP_NOT_ALLOWED, UNKNOWN_CONDITION, INVALID_CONTEXT,
 *   DERIVED_RELATION
 */
export function validateRelationship(schema: Schema, relationship: WrittenRelationship): void {
  validateRelationshipNames(relationship)
  if (relationship.subjectTenant !== '' && !CROSS_TENANT_RELATIONS.has(relationship.relation)) {
    const message = `The relation ${relationship.relation} cannot name a subject of another tenant; only ${[...CROSS_TENANT_RELATIONS].join(', ')} can.`
    throw new NexusError('CROSS_TENANT_RELATION', message)
  }
  const relation = requireRelation(schema, relationship.objectType, relationship.relation)
  validateSubjectType(schema, subjectOf(relationship))
  validateCondition(schema, relationship)
  if (!schema.open) validateRestrictions(relation, relationship)
  const hierarchy = schema.types.get(relationship.objectType)?.hierarchy
  if (hierarchy?.relation === relationship.relation && !isDerivedRelationship(schema, relationship)) {
    const message = `The relation ${relationship.objectType}#${relationship.relation} follows from the ids of the objects and cannot be stored.`
    throw new NexusError('DERIVED_RELATION', message)
  }
}

/** The form of a relationship alone, without regard to a schema. */
export function validateRelationshipNames(key: RelationshipKey): void {
  validateObjectNames(key)
  validateRelationName(key.relation)
  validateSubjectNames(subjectOf(key))
}

/** Whether this relationship follows from the ids of its objects, so that storing it is a no-op. */
export function isDerivedRelationship(
  schema: Schema,
  key: RelationshipKey & { readonly conditionName?: string },
): boolean {
  const hierarchy = schema.types.get(key.objectType)?.hierarchy ?? null
  if (hierarchy === null || key.relation !== hierarchy.relation || (key.conditionName ?? '') !== '') return false
  if (key.subjectTenant !== '' || key.subjectRelation !== '' || key.subjectType !== key.objectType) return false
  const parent = derivedParentId(hierarchy, normalizeObjectId(schema, key.objectType, key.objectId))
  return parent !== null && parent === normalizeObjectId(schema, key.subjectType, key.subjectId)
}

/**
 * Whether this can be asked under this schema.
 * @throws NexusError INVALID_OBJECT, INVALID_RELATION, INVALID_SUBJECT, UNKNOWN_TYPE, UNKNOWN_RELATION,
 *   UNKNOWN_SUBJECT_TYPE
 */
export function validateQuestion(
  schema: Schema,
  question: {
    readonly objectType: string
    readonly objectId: string
    readonly relation: string
    readonly subject: Subject
  },
): void {
  validateObjectNames(question)
  validateAsked(schema, question)
}

/** As validateQuestion, where no object is named: ListObjects. */
export function validateAsked(
  schema: Schema,
  asked: { readonly objectType: string; readonly relation: string; readonly subject: Subject },
): void {
  validateObjectNames({ objectType: asked.objectType, objectId: '-' })
  validateRelationName(asked.relation)
  validateSubjectNames(asked.subject)
  requireRelation(schema, asked.objectType, asked.relation)
  validateSubjectType(schema, asked.subject)
}

/** @throws NexusError UNKNOWN_TYPE, UNKNOWN_RELATION */
export function requireRelation(schema: Schema, type: string, relation: string): RelationDefinition {
  const found = findRelation(schema, type, relation)
  if (found !== null) return found
  if (!schema.types.has(type)) throw new NexusError('UNKNOWN_TYPE', `The schema has no type ${type}.`)
  throw new NexusError('UNKNOWN_RELATION', `The schema has no relation ${relation} on the type ${type}.`)
}

/**
 * Whether subjects of this form can exist: also the filter of ListSubjects.
 * @throws NexusError UNKNOWN_SUBJECT_TYPE, UNKNOWN_RELATION, INVALID_SUBJECT
 */
export function validateSubjectType(schema: Schema, subject: Pick<Subject, 'type' | 'id' | 'relation'>): void {
  const form = subjectForm(subject)
  if (schema.open || form === 'any') return
  if (!schema.types.has(subject.type)) {
    throw new NexusError('UNKNOWN_SUBJECT_TYPE', `The schema has no type ${subject.type}.`)
  }
  if (subject.relation !== '') requireRelation(schema, subject.type, subject.relation)
}

/**
 * The size of a request's or a condition's context.
 * @throws NexusError INVALID_CONTEXT
 */
export function validateContextSize(context: JsonObject): void {
  if (Buffer.byteLength(JSON.stringify(context)) <= MAX_CONTEXT_BYTES) return
  throw new NexusError('INVALID_CONTEXT', `The context is larger than ${MAX_CONTEXT_BYTES} bytes of JSON.`)
}

function validateCondition(schema: Schema, { conditionName, conditionContext }: WrittenRelationship): void {
  if (conditionName === '') {
    if (conditionContext === null || Object.keys(conditionContext).length === 0) return
    throw new NexusError('INVALID_CONTEXT', 'Parameters of a condition are given, but no condition.')
  }
  const condition = schema.conditions.get(conditionName)
  if (condition === undefined) {
    throw new NexusError(
      'UNKNOWN_CONDITION',
      `The schema has no condition ${JSON.stringify(conditionName.slice(0, 80))}.`,
    )
  }
  validateContextSize(conditionContext ?? {})
  condition.validateStored(conditionContext)
}

function validateRestrictions(relation: RelationDefinition, relationship: WrittenRelationship): void {
  const where = `${relationship.objectType}#${relationship.relation}`
  if (!holdsDirect(relation.rewrite)) {
    throw new NexusError('RELATIONSHIP_NOT_ALLOWED', `${where} is computed from other relations and cannot be stored.`)
  }
  const directTypes = relation.directTypes === 'any' ? [] : relation.directTypes
  const forms = directTypes.filter((direct) => matchesForm(direct, relationship))
  if (relation.directTypes === 'any' || forms.some((direct) => direct.condition === relationship.conditionName)) return
  const subject = subjectText(relationship)
  const given =
    relationship.conditionName === '' ? 'without a condition' : `with the condition ${relationship.conditionName}`
  const allowed = directTypes.map(directTypeText).join(', ')
  const problem =
    forms.length === 0 ? `${where} does not accept ${subject}` : `${where} does not accept ${subject} ${given}`
  throw new NexusError('RELATIONSHIP_NOT_ALLOWED', `${problem}; it accepts ${allowed}.`)
}

function subjectText(key: RelationshipKey): string {
  const form = subjectForm(subjectOf(key))
  if (form === 'any') return 'any subject'
  if (form === 'wildcard') return `${key.subjectType}:*`
  return form === 'userset' ? `${key.subjectType}#${key.subjectRelation}` : key.subjectType
}
