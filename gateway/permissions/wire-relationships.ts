import type { Relationship, RelationshipFilter } from '../../services/common/gen/nexus/rebac/v1/relationship.ts'
import type { RelationshipOperation } from '../../services/common/gen/nexus/rebac/v1/write.ts'
import type {
  NewRelationshipRow,
  RelationshipRow,
  RelationshipRowFilter,
  RelationshipRowOperation,
} from './contract.ts'
import { fromWireSubject, toWireSubject } from './wire-subjects.ts'

/** An operation for the wire. */
export function toWireOperation({ kind, relationship }: RelationshipRowOperation): RelationshipOperation {
  return { operation: { $case: kind, value: toWireRelationship(relationship) } }
}

/** A stored relationship from the wire. */
export function fromWireRelationship(relationship: Relationship): RelationshipRow {
  const { object, condition, expiresAt, createdAt } = relationship
  return {
    id: relationship.id,
    objectType: object?.type ?? '',
    objectId: object?.id ?? '',
    relation: relationship.relation,
    subject: fromWireSubject(relationship.subject),
    expiresAt: expiresAt?.getTime() ?? null,
    createdAt: createdAt?.getTime() ?? 0,
    attributes: relationship.attributes ?? null,
    conditionName: condition?.name ?? '',
    conditionContext: condition?.context ?? null,
  }
}

/** A filter for the wire. */
export function toWireFilter(filter: RelationshipRowFilter): RelationshipFilter {
  const { subjectTenant, subjectType, subjectId, subjectIdPrefix, subjectRelation } = filter
  const about = [subjectTenant, subjectType, subjectId, subjectIdPrefix, subjectRelation]
  return {
    ids: [...(filter.ids ?? [])],
    objectType: filter.objectType ?? '',
    objectId: filter.objectId ?? '',
    objectIdPrefix: filter.objectIdPrefix ?? '',
    relations: [...(filter.relations ?? [])],
    subject: about.some((value) => value !== undefined)
      ? {
          tenant: subjectTenant,
          type: subjectType ?? '',
          id: subjectId ?? '',
          idPrefix: subjectIdPrefix ?? '',
          relation: subjectRelation,
        }
      : undefined,
  }
}

function toWireRelationship(row: NewRelationshipRow): Relationship {
  const { objectType, objectId, conditionName, conditionContext } = row
  return {
    id: '',
    object: { type: objectType, id: objectId },
    relation: row.relation,
    subject: toWireSubject(row.subject),
    condition: conditionName === '' ? undefined : { name: conditionName, context: conditionContext ?? undefined },
    expiresAt: row.expiresAt === null ? undefined : new Date(row.expiresAt),
    createdAt: undefined,
    attributes: row.attributes ?? undefined,
  }
}
