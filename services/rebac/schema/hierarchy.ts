import type { Hierarchy, Schema } from './schema.ts'

/** The id of the derived parent of an object; null for a root. Runs of separators count as one. */
export function derivedParentId(hierarchy: Hierarchy, id: string): string | null {
  const { separator } = hierarchy
  const last = id.lastIndexOf(separator)
  if (last < 0 || id === separator) return null
  return last === 0 ? separator : withoutTrailing(id.slice(0, last), separator)
}

/** The one form of an id: on hierarchical types without trailing separators, except the root itself. */
export function normalizeObjectId(schema: Schema, type: string, id: string): string {
  const hierarchy = schema.types.get(type)?.hierarchy ?? null
  return hierarchy === null ? id : withoutTrailing(id, hierarchy.separator)
}

/** The same for the hierarchies of a schema, which are few: it looks at the type of hardly any id. */
export function normalizeIn(hierarchies: readonly Hierarchy[], type: string, id: string): string {
  for (const hierarchy of hierarchies) {
    if (id.endsWith(hierarchy.separator) && type === hierarchy.type) return withoutTrailing(id, hierarchy.separator)
  }
  return id
}

function withoutTrailing(id: string, separator: string): string {
  let end = id.length
  while (end > separator.length && id.endsWith(separator, end)) end -= separator.length
  return id.slice(0, end)
}
