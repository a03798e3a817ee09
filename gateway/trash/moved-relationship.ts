import type { NewRelationshipRow, RelationshipRow } from '../permissions/contract.ts'

/** Types whose ids are paths. */
const PATH_TYPES: ReadonlySet<string> = new Set(['file', 'workspace'])

/** A relationship of before, for a file or directory that comes to stand at another path. */
export function movedRelationship(row: RelationshipRow, from: string, to: string): NewRelationshipRow {
  const { id: _id, createdAt: _createdAt, ...kept } = row
  const moved = (type: string, id: string): string => {
    const within = id === from || id.startsWith(`${from}/`)
    return PATH_TYPES.has(type) && within ? `${to}${id.slice(from.length)}` : id
  }
  const { subject } = kept
  return {
    ...kept,
    objectId: moved(kept.objectType, kept.objectId),
    // A subject of another tenant is somebody else's path.
    subject: subject.tenant === '' ? { ...subject, id: moved(subject.type, subject.id) } : subject,
  }
}
