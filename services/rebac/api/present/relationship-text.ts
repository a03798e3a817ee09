import { ANY_SUBJECT_TYPE, type RelationshipKey } from '../../model/relationship.ts'

/** A relationship as people write it, such as doc:1#viewer@group:eng#member. */
export function relationshipText(key: RelationshipKey): string {
  const tenant = key.subjectTenant === '' ? '' : `${key.subjectTenant}/`
  const relation = key.subjectRelation === '' ? '' : `#${key.subjectRelation}`
  const subject =
    key.subjectType === ANY_SUBJECT_TYPE ? 'any subject' : `${key.subjectType}:${key.subjectId}${relation}`
  return `${key.objectType}:${key.objectId}#${key.relation}@${tenant}${subject}`
}
