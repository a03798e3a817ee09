import type { RelationshipKey } from '../../model/relationship.ts'
import type { Schema } from '../../schema/schema.ts'
import { normalizeObjectId } from '../../schema/validate.ts'
import type { Filter } from '../../store/contract.ts'

/** The same relationship with the one form that its ids have in the store. */
export function normalizeKey<K extends RelationshipKey>(schema: Schema, key: K): K {
  const objectId = normalizeObjectId(schema, key.objectType, key.objectId)
  // The schema of another tenant is not ours to know.
  const subjectId = key.subjectTenant === '' ? normalizeObjectId(schema, key.subjectType, key.subjectId) : key.subjectId
  return objectId === key.objectId && subjectId === key.subjectId ? key : { ...key, objectId, subjectId }
}

/** The same filter with the ids as they are stored, where it says of which type they are. */
export function normalizeFilter(schema: Schema, filter: Filter): Filter {
  const { objectType, objectId, subjectType, subjectId } = filter
  return {
    ...filter,
    ...(objectType !== undefined &&
      objectId !== undefined && { objectId: normalizeObjectId(schema, objectType, objectId) }),
    ...(subjectType !== undefined &&
      subjectId !== undefined && { subjectId: normalizeObjectId(schema, subjectType, subjectId) }),
  }
}
