import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Relationship as WireRelationship } from '../../../common/gen/nexus/rebac/v1/relationship.ts'
import { MAX_ATTRIBUTES_BYTES, MAX_CONTEXT_BYTES } from '../../model/limits.ts'
import type { RelationshipKey } from '../../model/relationship.ts'
import {
  nameProblem,
  validateObjectNames,
  validateRelationName,
  validateSubjectNames,
} from '../../model/validate-names.ts'
import type { NewRelationship } from '../../store/contract.ts'
import { missing } from './fields.ts'
import { parseStruct } from './json.ts'
import { parseSubject } from './subject.ts'

/**
 * The key of a relationship of a request.
 * @throws NexusError INVALID_REQUEST, INVALID_OBJECT, INVALID_RELATION, INVALID_SUBJECT, INVALID_TENANT
 */
export function parseRelationshipKey(relationship: WireRelationship, tenant: string): RelationshipKey {
  const { object, relation } = relationship
  if (object === undefined) return missing('object')
  const subject = parseSubject(relationship.subject, tenant)
  const key = {
    objectType: object.type,
    objectId: object.id,
    relation,
    subjectTenant: subject.tenant,
    subjectType: subject.type,
    subjectId: subject.id,
    subjectRelation: subject.relation,
  }
  validateObjectNames(key)
  validateRelationName(relation)
  validateSubjectNames(subject)
  return key
}

/**
 * A relationship as a caller gives it, apart from what a schema says of it.
 * @throws NexusError as parseRelationshipKey, and INVALID_CONTEXT
 */
export function parseRelationship(relationship: WireRelationship, tenant: string): NewRelationship {
  const key = parseRelationshipKey(relationship, tenant)
  const { condition, expiresAt, attributes } = relationship
  if (condition !== undefined) {
    const problem = nameProblem(condition.name)
    if (problem !== null) throw new NexusError('INVALID_REQUEST', `condition.name ${problem}.`)
  }
  if (expiresAt !== undefined && !Number.isFinite(expiresAt.getTime())) {
    throw new NexusError('INVALID_REQUEST', 'expires_at is not a time.')
  }
  return {
    ...key,
    conditionName: condition?.name ?? '',
    conditionContext: parseStruct(condition?.context, MAX_CONTEXT_BYTES, 'condition.context', 'INVALID_CONTEXT'),
    expiresAt: expiresAt?.getTime() ?? null,
    attributes: parseStruct(attributes, MAX_ATTRIBUTES_BYTES, 'attributes', 'INVALID_REQUEST'),
  }
}
