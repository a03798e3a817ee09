import type {
  Relationship as WireRelationship,
  Subject as WireSubject,
} from '../../../common/gen/nexus/rebac/v1/relationship.ts'
import { ANY_SUBJECT_TYPE, type Relationship, type Subject, WILDCARD_ID } from '../../model/relationship.ts'

/** A relationship for the wire. */
export function presentRelationship(relationship: Relationship): WireRelationship {
  const { objectType, objectId, conditionName, conditionContext, expiresAt } = relationship
  return {
    id: relationship.id,
    object: { type: objectType, id: objectId },
    relation: relationship.relation,
    subject: presentSubject(subjectOf(relationship)),
    condition: conditionName === '' ? undefined : { name: conditionName, context: conditionContext ?? undefined },
    expiresAt: expiresAt === null ? undefined : new Date(expiresAt),
    createdAt: new Date(relationship.createdAt),
    attributes: relationship.attributes ?? undefined,
  }
}

/** A subject for the wire. */
export function presentSubject({ tenant, type, id, relation }: Subject): WireSubject {
  if (type === ANY_SUBJECT_TYPE) return { tenant, kind: { $case: 'any', value: {} } }
  if (id === WILDCARD_ID) return { tenant, kind: { $case: 'wildcard', value: { type } } }
  if (relation === '') return { tenant, kind: { $case: 'object', value: { type, id } } }
  return { tenant, kind: { $case: 'userset', value: { type, id, relation } } }
}

/** The subject of a relationship. */
export function subjectOf(relationship: Relationship): Subject {
  return {
    tenant: relationship.subjectTenant,
    type: relationship.subjectType,
    id: relationship.subjectId,
    relation: relationship.subjectRelation,
  }
}
