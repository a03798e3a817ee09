import type { ErrorReason } from '../../../common/errors/catalogue.ts'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'

/** google.protobuf.Struct as ts-proto reads it. */
type StructFields = { readonly [key: string]: unknown } | undefined

const INVALID = 'holds something that is not JSON'

/**
 * A struct of a request as JSON, or null if it is absent. Numbers must be finite: JSON has no others, and a condition
 * must not meet one.
 * @throws NexusError with the reason
 */
export function parseStruct(
  struct: StructFields,
  maxBytes: number,
  field: string,
  reason: ErrorReason,
): JsonObject | null {
  if (struct === undefined) return null
  const parsed = Object.entries(struct).map(([key, value]) => [key, parseValue(value, field, reason)] as const)
  const fields: JsonObject = Object.fromEntries(parsed)
  const bytes = Buffer.byteLength(JSON.stringify(fields))
  if (bytes <= maxBytes) return fields
  throw new NexusError(reason, `${field} has ${bytes} bytes as JSON; at most ${maxBytes} are allowed.`)
}

function parseValue(value: unknown, field: string, reason: ErrorReason): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new NexusError(reason, `${field} holds a number that is not finite.`)
  }
  if (Array.isArray(value)) return value.map((element) => parseValue(element, field, reason))
  if (typeof value !== 'object' || value === undefined) throw new NexusError(reason, `${field} ${INVALID}.`)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, parseValue(inner, field, reason)]))
}
