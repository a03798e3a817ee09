import type { Permissions, RelationshipRow, RelationshipRowFilter } from '../permissions/contract.ts'

/** Types whose ids are paths. The permission service knows that of files only. */
const PATH_TYPES = ['file', 'workspace', 'skill'] as const
export type PathType = (typeof PATH_TYPES)[number]

/** Every relationship in which a path, or one below it, is the object or the subject; each once. */
export async function relationshipsOf(
  permissions: Permissions,
  request: { readonly tenant: string; readonly path: string; readonly deadline: number },
  types: readonly PathType[] = PATH_TYPES,
): Promise<readonly RelationshipRow[]> {
  const { tenant, path, deadline } = request
  const below = `${path}/`
  const filters = types.flatMap((type): RelationshipRowFilter[] => [
    { objectType: type, objectId: path },
    { objectType: type, objectIdPrefix: below },
    // A subject of another tenant is somebody else's path.
    { subjectTenant: '', subjectType: type, subjectId: path },
    { subjectTenant: '', subjectType: type, subjectIdPrefix: below },
  ])
  const found = await Promise.all(filters.map((filter) => permissions.read({ tenant, filter, deadline })))
  return [...new Map(found.flat().map((row) => [row.id, row])).values()]
}

/** Whether an object is what stands at a path, or lies below it. */
export function isWithin(type: string, id: string, path: string, types: readonly PathType[] = PATH_TYPES): boolean {
  return types.some((one) => one === type) && (id === path || id.startsWith(`${path}/`))
}

/** A relationship of before, for what comes to stand at another path. */
export function movedRelationship<Row extends Omit<RelationshipRow, 'id' | 'createdAt'>>(
  row: Row,
  from: string,
  to: string,
  types: readonly PathType[] = PATH_TYPES,
): Row {
  const moved = (type: string, id: string): string =>
    isWithin(type, id, from, types) ? `${to}${id.slice(from.length)}` : id
  const { subject } = row
  return {
    ...row,
    objectId: moved(row.objectType, row.objectId),
    subject: subject.tenant === '' ? { ...subject, id: moved(subject.type, subject.id) } : subject,
  }
}
