import { type FetchedPart, type Part, subtreePrefix } from '../../../services/rebac/model/part.ts'
import { type Relationship, relationshipKeyText } from '../../../services/rebac/model/relationship.ts'

/** What TenantSnapshot.parts means, written down as plainly as possible. */
export function fetchFromArray(
  stored: readonly Relationship[],
  part: Part,
  { now, outlineFrom }: { readonly now: number; readonly outlineFrom: number },
): FetchedPart {
  const live = stored.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
  const matching = live.filter((row) => isIn(part, row))
  if (part.kind !== 'object' || matching.length <= outlineFrom) return { part, relationships: matching, outline: null }
  return {
    part,
    relationships: matching.filter(({ subjectRelation }) => subjectRelation !== ''),
    outline: [...new Set(matching.map(({ relation }) => relation))],
  }
}

function isIn(part: Part, row: Relationship): boolean {
  switch (part.kind) {
    case 'object':
      return row.objectType === part.objectType && row.objectId === part.objectId
    case 'members': {
      const isOfRelation = row.relation === part.relation && row.subjectRelation === ''
      return isOfRelation && row.objectType === part.objectType && row.objectId === part.objectId
    }
    case 'key':
      return relationshipKeyText(row) === relationshipKeyText(part.key)
    case 'subject': {
      const isOfTenant = row.subjectTenant === part.subjectTenant
      return isOfTenant && row.subjectType === part.subjectType && row.subjectId === part.subjectId
    }
    case 'subtree': {
      const prefix = subtreePrefix(part.objectId, part.separator)
      const isBelow = (type: string, id: string) =>
        type === part.objectType && id !== part.objectId && id.startsWith(prefix)
      const asSubject = row.subjectTenant === '' && isBelow(row.subjectType, row.subjectId)
      return isBelow(row.objectType, row.objectId) || asSubject
    }
  }
}
