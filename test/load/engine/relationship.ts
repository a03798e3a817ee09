import type { Relationship } from '../../../services/rebac/model/relationship.ts'

let made = 0

/**
 * An unconditional relationship with an id of its own.
 * @param object type:id
 * @param subject type:id, or type:id#relation for a userset; neither id may contain a #
 */
export function relationship(object: string, relation: string, subject: string): Relationship {
  const [objectType, objectId] = split(object, ':')
  const [subjectType, rest] = split(subject, ':')
  const [subjectId, subjectRelation] = split(rest, '#')
  return {
    id: `01900000-0000-7000-8000-${(made++).toString(16).padStart(12, '0')}`,
    objectType,
    objectId,
    relation,
    subjectTenant: '',
    subjectType,
    subjectId,
    subjectRelation,
    conditionName: '',
    conditionContext: null,
    expiresAt: null,
    createdAt: 1_700_000_000_000,
    attributes: null,
  }
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
