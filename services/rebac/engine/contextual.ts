import { NexusError } from '../../common/errors/nexus-error.ts'
import type { BaseGraph } from '../graph/graph-reader.ts'
import type { Relationship, RelationshipChange } from '../model/relationship.ts'
import { isExpired, relationshipKeyText } from '../model/relationship.ts'
import type { Schema } from '../schema/schema.ts'
import { isDerivedRelationship, normalizeObjectId, validateRelationship } from '../schema/validate.ts'
import type { EvaluationOptions } from './options.ts'

/**
 * The relationships of a request as changes of the stored ones: each replaces the one with its key. Expired ones are
 * absent, and change nothing.
 * @throws NexusError if one does not fit the schema, or two have the same key
 */
export function contextualChanges(
  schema: Schema,
  graph: BaseGraph,
  { contextual, now }: Pick<EvaluationOptions, 'contextual' | 'now'>,
): readonly RelationshipChange[] {
  const keys = new Set<string>()
  const changes: RelationshipChange[] = []
  for (const given of contextual) {
    const relationship = normalizeRelationship(schema, given)
    validateRelationship(schema, relationship)
    const key = relationshipKeyText(relationship)
    if (keys.has(key)) {
      const message = 'Two contextual relationships have the same object, relation and subject.'
      throw new NexusError('DUPLICATE_KEY_IN_REQUEST', message)
    }
    keys.add(key)
    if (isExpired(relationship, now) || isDerivedRelationship(schema, relationship)) continue
    changes.push({ before: graph.get(relationship) ?? null, after: relationship })
  }
  return changes
}

function normalizeRelationship(schema: Schema, relationship: Relationship): Relationship {
  const { objectType, objectId, subjectTenant, subjectType, subjectId } = relationship
  return {
    ...relationship,
    objectId: normalizeObjectId(schema, objectType, objectId),
    subjectId: subjectTenant === '' ? normalizeObjectId(schema, subjectType, subjectId) : subjectId,
  }
}
