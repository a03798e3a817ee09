import { createHash } from 'node:crypto'

/** A digest that is equal for requests that mean the same, whatever the order of their JSON fields. */
export function requestHash(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request, sortFields)).digest('base64url')
}

function sortFields(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
