import { type RelationshipKey, WILDCARD_ID } from './relationship.ts'

/**
 * What a relationship is apart from its ids: everything that type restrictions look at, as one string. Equal for equal
 * shapes and for no others (no name may contain U+0000).
 */
export function relationshipShape(relationship: RelationshipKey & { readonly conditionName: string }): string {
  const { objectType, relation, subjectType, subjectId, subjectRelation, conditionName } = relationship
  const wildcard = subjectId === WILDCARD_ID ? WILDCARD_ID : ''
  return [objectType, relation, subjectType, wildcard, subjectRelation, conditionName].join('\u0000')
}
