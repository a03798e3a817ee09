import { Environment } from '@marcbachmann/cel-js'
import { NexusError } from '../../common/errors/nexus-error.ts'
import type { JsonValue } from '../../common/json.ts'
import { MAX_CONTEXT_DEPTH, MAX_CONTEXT_ELEMENTS } from '../model/limits.ts'
import { parseDuration, parseTimestamp } from './cel-times.ts'
import type { ParameterType } from './draft.ts'
import { IpAddress } from './ip-address.ts'

const MIN_INT = -(2n ** 63n)
const MAX_INT = 2n ** 63n - 1n
const MAX_UINT = 2n ** 64n - 1n

// cel-js does not export its class for this; its own constructor function makes it.
const values = new Environment().registerVariable('v', 'dyn')
const toUint = values.parse('uint(string(v))')

/** The name of a parameter type in a DSL, such as list<string>. */
export function parameterTypeText(type: ParameterType): string {
  return 'element' in type ? `${type.name}<${parameterTypeText(type.element)}>` : type.name
}

/** The name of a parameter type in cel-js. */
export function celType(type: ParameterType): string {
  switch (type.name) {
    case 'list':
      return `list<${celType(type.element)}>`
    case 'map':
      return `map<string, ${celType(type.element)}>`
    case 'any':
      return 'dyn'
    case 'duration':
      return 'google.protobuf.Duration'
    case 'timestamp':
      return 'google.protobuf.Timestamp'
    default:
      return type.name
  }
}

/**
 * A JSON value as a value of CEL. Numbers may be given as text, which JSON needs for large ones.
 * @throws NexusError INVALID_CONTEXT
 */
export function toCelValue(value: JsonValue, type: ParameterType, name: string): unknown {
  const result = convert(value, type, name)
  if (result !== undefined) return result
  const given = value === null ? 'null' : Array.isArray(value) ? 'a list' : `${typeof value} ${JSON.stringify(value)}`
  const text = given.length > 80 ? `${given.slice(0, 80)}...` : given
  throw new NexusError('INVALID_CONTEXT', `The parameter ${name} must be ${parameterTypeText(type)}, not ${text}.`)
}

function convert(value: JsonValue, type: ParameterType, name: string): unknown {
  switch (type.name) {
    case 'any':
      checkSize(value, name)
      return value
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'int':
      return integer(value, MIN_INT, MAX_INT)
    case 'uint': {
      const whole = integer(value, 0n, MAX_UINT)
      return whole === undefined ? undefined : attempt(() => toUint({ v: String(whole) }))
    }
    case 'double':
      return double(value)
    case 'duration':
      return typeof value === 'string' ? parseDuration(value) : undefined
    case 'timestamp':
      return typeof value === 'string' ? parseTimestamp(value) : undefined
    case 'ipaddress':
      return typeof value === 'string' ? (IpAddress.parse(value) ?? undefined) : undefined
    case 'list':
      if (!Array.isArray(value)) return undefined
      checkSize(value, name)
      return value.map((item: JsonValue, index) => toCelValue(item, type.element, `${name}[${index}]`))
    case 'map': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
      checkSize(value, name)
      return new Map(
        Object.entries(value).map(([key, item]) => [key, toCelValue(item, type.element, `${name}.${key}`)]),
      )
    }
  }
}

function integer(value: JsonValue, min: bigint, max: bigint): bigint | undefined {
  let whole: bigint | undefined
  if (typeof value === 'number' && Number.isInteger(value)) whole = BigInt(value)
  else if (typeof value === 'string') {
    const [, digits] = /^\+?(-?\d{1,20})(?:\.0{0,20})?$/.exec(value) ?? []
    if (digits !== undefined) whole = BigInt(digits)
  }
  return whole !== undefined && whole >= min && whole <= max ? whole : undefined
}

function double(value: JsonValue): number | undefined {
  let number: number | undefined
  if (typeof value === 'number') number = value
  else if (typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) number = Number(value)
  return number !== undefined && Number.isFinite(number) ? number : undefined
}

function checkSize(value: JsonValue, name: string, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_CONTEXT_DEPTH) throw new NexusError('INVALID_CONTEXT', `The parameter ${name} is nested too deeply.`)
  const items: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value)
  if (items.length > MAX_CONTEXT_ELEMENTS) {
    throw new NexusError('INVALID_CONTEXT', `The parameter ${name} has more than ${MAX_CONTEXT_ELEMENTS} elements.`)
  }
  for (const item of items) checkSize(item, name, depth + 1)
}

function attempt(convertValue: () => unknown): unknown {
  try {
    return convertValue()
  } catch {
    return undefined
  }
}
