import type { Relationship, RelationshipKey } from './relationship.ts'

/** Some relationships of a tenant, named by what they have in common; small enough to be fetched when they are needed. */
export type Part =
  /** All relationships of one object; of an object that has very many only an outline, see FetchedPart. */
  | { readonly kind: 'object'; readonly objectType: string; readonly objectId: string }
  /** Those of one relation of an object whose subjects are no usersets. */
  | { readonly kind: 'members'; readonly objectType: string; readonly objectId: string; readonly relation: string }
  /** The one with this key, if there is one. */
  | { readonly kind: 'key'; readonly key: RelationshipKey }
  /** All that name one subject, itself or a userset of it. */
  | {
      readonly kind: 'subject'
      readonly subjectTenant: string
      readonly subjectType: string
      readonly subjectId: string
    }
  /** All that name an object below this one in a hierarchical type, as object or as subject of the tenant itself. */
  | { readonly kind: 'subtree'; readonly objectType: string; readonly objectId: string; readonly separator: string }

/** A part and what is stored of it. */
export interface FetchedPart {
  readonly part: Part
  readonly relationships: readonly Relationship[]
  /**
   * Set for an object that has too many relationships: all its relations, and `relationships` are only those whose
   * subjects are usersets. The others are parts of their own.
   */
  readonly outline: readonly string[] | null
}

/** What the ids of everything below an object of a hierarchical type begin with. */
export function subtreePrefix(objectId: string, separator: string): string {
  return objectId.endsWith(separator) ? objectId : objectId + separator
}
