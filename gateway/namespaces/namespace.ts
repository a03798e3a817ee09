import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'

/** What the objects of one type are about: their relations, and the permissions that follow from them. */
export interface Namespace {
  readonly namespaceId: string
  readonly objectType: string
  readonly config: JsonObject
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** The namespaces of a schema, by the type of their objects. */
export type NamespaceConfigs = Readonly<Record<string, JsonObject>>

/**
 * Relations whose relationships count under one configuration, and not under another. Where a type has no namespace,
 * all of its relations count.
 */
export function lostRelations(before: JsonObject | undefined, after: JsonObject | undefined): readonly string[] {
  const kept = directRelations(after)
  if (before !== undefined) return [...directRelations(before)].filter((relation) => !kept.has(relation))
  return ['relations', 'permissions'].flatMap((part) => {
    const rules = after?.[part]
    return isObject(rules) ? Object.keys(rules).filter((name) => !kept.has(name)) : []
  })
}

/** Those that are declared, and not computed from others. */
function directRelations(config: JsonObject | undefined): ReadonlySet<string> {
  const relations = config?.['relations']
  if (!isObject(relations)) return new Set()
  const direct = Object.entries(relations).filter(([, rule]) => !isObject(rule) || Object.keys(rule).length === 0)
  return new Set(direct.map(([name]) => name))
}

/** The same each time for a type in a tenant; clients want one. */
export function namespaceIdOf(tenant: string, objectType: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify(['namespace', tenant, objectType]))
    .digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
