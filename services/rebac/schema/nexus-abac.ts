import { NexusError } from '../../common/errors/nexus-error.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Condition } from './condition.ts'
import { IpAddress, parseCidr } from './ip-address.ts'

/** The condition that every open schema has: the ABAC conditions of Nexus (nexus-api.md 4.4). */
export const NEXUS_ABAC_CONDITION = 'nexus_abac'

const PARTS: ReadonlySet<string> = new Set(['time_window', 'allowed_ips', 'allowed_devices', 'attributes'])

/**
 * Stored: `{time_window: {start, end}, allowed_ips: [], allowed_devices: [], attributes: {}}`, each optional; request:
 * `{time, ip, device, ...}`. All that is stored must hold. What the request does not give means "no", and so does
 * anything that cannot be read: this never fails and never allows by mistake.
 */
export const nexusAbacCondition: Condition = {
  name: NEXUS_ABAC_CONDITION,
  definition: 'built in',
  parameters: [],
  expression: '',

  evaluate(stored: JsonObject | null, request: JsonObject): boolean {
    const rule = stored ?? {}
    if (Object.keys(rule).some((part) => !PARTS.has(part))) return false
    return (
      (!has(rule, 'time_window') || withinWindow(rule['time_window'], request['time'])) &&
      (!has(rule, 'allowed_ips') || withinRanges(rule['allowed_ips'], request['ip'])) &&
      (!has(rule, 'allowed_devices') || contains(rule['allowed_devices'], request['device'])) &&
      (!has(rule, 'attributes') || agrees(rule['attributes'], request))
    )
  },

  validateStored(stored: JsonObject | null): void {
    const rule = stored ?? {}
    for (const part of Object.keys(rule)) {
      if (!PARTS.has(part)) refuse(`has no part ${JSON.stringify(part)}; it has ${[...PARTS].join(', ')}`)
    }
    if (has(rule, 'time_window') && window(rule['time_window']) === null)
      refuse('time_window must be {start, end} as HH:MM[:SS]')
    const ips = rule['allowed_ips']
    if (has(rule, 'allowed_ips') && !(isTexts(ips) && ips.every((text) => parseRange(text) !== null))) {
      refuse('allowed_ips must be a list of addresses or ranges')
    }
    if (has(rule, 'allowed_devices') && !isTexts(rule['allowed_devices']))
      refuse('allowed_devices must be a list of texts')
    if (has(rule, 'attributes') && !isObject(rule['attributes'])) refuse('attributes must be an object')
  },
}

function refuse(problem: string): never {
  throw new NexusError('INVALID_CONTEXT', `The condition ${NEXUS_ABAC_CONDITION}: ${problem}.`)
}

/** A window that ends before it starts goes over midnight. */
function withinWindow(rule: JsonValue | undefined, time: JsonValue | undefined): boolean {
  const range = window(rule)
  const now = timeOfDay(time)
  if (range === null || now === null) return false
  const { start, end } = range
  return start <= end ? start <= now && now <= end : now >= start || now <= end
}

function window(value: JsonValue | undefined): { readonly start: string; readonly end: string } | null {
  if (!isObject(value)) return null
  const start = timeOfDay(value['start'])
  const end = timeOfDay(value['end'])
  return start === null || end === null ? null : { start, end }
}

/** HH:MM:SS, which compares as text; an ISO instant gives its time of day as written. */
function timeOfDay(value: JsonValue | undefined): string | null {
  if (typeof value !== 'string') return null
  const match =
    /^(?:\d{4}-\d\d-\d\d[Tt ])?([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?$/.exec(value)
  return match === null ? null : `${match[1]}:${match[2]}:${match[3] ?? '00'}`
}

function withinRanges(rule: JsonValue | undefined, ip: JsonValue | undefined): boolean {
  const address = typeof ip === 'string' ? IpAddress.parse(ip) : null
  if (address === null || !isTexts(rule)) return false
  return rule.some((text) => {
    const range = parseRange(text)
    return range !== null && address.within(range)
  })
}

function parseRange(text: string): ReturnType<typeof parseCidr> {
  return text.includes('/') ? parseCidr(text) : parseCidr(`${text}/${text.includes(':') ? 128 : 32}`)
}

function contains(rule: JsonValue | undefined, value: JsonValue | undefined): boolean {
  return typeof value === 'string' && isTexts(rule) && rule.includes(value)
}

function agrees(rule: JsonValue | undefined, request: JsonObject): boolean {
  if (!isObject(rule)) return false
  return Object.entries(rule).every(([name, wanted]) => has(request, name) && equal(request[name], wanted))
}

function equal(a: JsonValue | undefined, b: JsonValue): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

function has(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name)
}

function isTexts(value: JsonValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item: JsonValue) => typeof item === 'string')
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
