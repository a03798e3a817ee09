import type { RelationshipKey } from '../../model/relationship.ts'

/** A key as people write it: object#relation@subject. */
export function describeKey(key: RelationshipKey): string {
  const tenant = key.subjectTenant === '' ? '' : `${key.subjectTenant}/`
  const relation = key.subjectRelation === '' ? '' : `#${key.subjectRelation}`
  const subject = `${tenant}${key.subjectType}:${key.subjectId}${relation}`
  return `${key.objectType}:${key.objectId}#${key.relation}@${subject}`
}
