import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonValue } from '../../services/common/json.ts'
import { LongList } from './method.ts'

/** Values that JSON has no form for travel as objects with `__type__`. */
export type Decoded = string | number | boolean | null | Date | Buffer | Timedelta | readonly Decoded[] | DecodedObject

export interface DecodedObject {
  readonly [key: string]: Decoded
}

/** A length of time, as Python's timedelta. */
export class Timedelta {
  readonly seconds: number

  constructor(seconds: number) {
    this.seconds = seconds
  }
}

/** Deeper values are refused, so that no request can exhaust the stack. */
const MAX_DEPTH = 64
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** Date, time of day (Python writes microseconds, and a space for the T) and zone. */
const ISO_TIME = /^(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?(z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** An instant as the wire has it: ISO 8601 with an offset that Python and browsers both read. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+00:00')
}

/** Milliseconds since 1970 of an ISO 8601 text; without a zone it is UTC. Undefined if it is none, or no day of a calendar. */
export function parseIsoTime(text: string): number | undefined {
  const [, date = '', time = '00:00', fraction = '', zone = 'Z'] = ISO_TIME.exec(text) ?? []
  const day = Date.parse(`${date}T00:00Z`)
  // Date.parse takes 30 February for a day of March.
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return undefined
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const offset = /z/i.test(zone) ? 'Z' : `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`
  const seconds = time.length === 5 ? `${time}:00` : time
  const instant = Date.parse(`${date}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`)
  return Number.isNaN(instant) ? undefined : instant
}

/** @throws NexusError INVALID_PARAMS */
export function decodeSpecialValues(value: JsonValue, depth = 0): Decoded {
  if (value === null || typeof value !== 'object') return value
  if (depth > MAX_DEPTH) throw new NexusError('INVALID_PARAMS', `values are nested more than ${MAX_DEPTH} levels deep`)
  if (isArray(value)) return value.map((item) => decodeSpecialValues(item, depth + 1))
  if (Object.hasOwn(value, '__type__')) return decodeWrapped(value)
  const decoded: [string, Decoded][] = []
  for (const key of Object.keys(value)) decoded.push([key, decodeSpecialValues(value[key] ?? null, depth + 1)])
  // fromEntries defines own properties, so a member named __proto__ stays a member.
  return Object.fromEntries(decoded)
}

function decodeWrapped(value: { readonly [key: string]: JsonValue }): Decoded {
  const { __type__: type, data, seconds } = value
  if (type === 'bytes' && typeof data === 'string') return decodeBase64(data)
  if (type === 'datetime' && typeof data === 'string') {
    const time = parseIsoTime(data)
    if (time !== undefined) return new Date(time)
  }
  if (type === 'timedelta' && typeof seconds === 'number') return new Timedelta(seconds)
  throw new NexusError(
    'INVALID_PARAMS',
    'a value with __type__ must be bytes with base64 data, datetime with ISO 8601 data, or timedelta with seconds',
  )
}

/** @throws NexusError INVALID_PARAMS */
export function decodeBase64(data: string): Buffer {
  const text = /\s/.test(data) ? data.replaceAll(/\s+/g, '') : data
  // Buffer.from would skip what it cannot read, and store something else than was sent.
  if (!BASE64.test(text) || text.replace(/=+$/, '').length % 4 === 1) {
    throw new NexusError('INVALID_PARAMS', 'the data of a bytes value is not base64')
  }
  return Buffer.from(text, 'base64')
}

/** What JSON.stringify can take, with special values wrapped. Members that are undefined are left out. */
export function encodeSpecialValues(value: unknown): JsonValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof Uint8Array) return { __type__: 'bytes', data: toBase64(value) }
  if (value instanceof Date) return { __type__: 'datetime', data: isoTime(value.getTime()) }
  if (value instanceof Timedelta) return { __type__: 'timedelta', seconds: value.seconds }
  if (Array.isArray(value)) return value.map(encodeSpecialValues)
  if (value instanceof LongList) return value.items.map((item) => encodeSpecialValues(value.present(item)))
  const encoded: [string, JsonValue][] = []
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) encoded.push([key, encodeSpecialValues(member)])
  }
  return Object.fromEntries(encoded)
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
