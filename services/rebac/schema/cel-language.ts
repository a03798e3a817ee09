import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { findPattern } from './cel-matches.ts'
import { type CelDuration, durationText, parseDuration, parseTimestamp, timestampText } from './cel-times.ts'
import { IpAddress, parseCidr } from './ip-address.ts'

const TIMESTAMP = 'google.protobuf.Timestamp'
const DURATION = 'google.protobuf.Duration'

/** Functions of cel-js that CEL defines otherwise. They cannot be registered anew, so their calls are led to these. */
const replaced: ReadonlyMap<string, string> = new Map([
  ['matches', 'matches_re2'],
  ['timestamp', 'timestamp_rfc3339'],
  ['duration', 'duration_strict'],
])

const epoch = new Environment().registerVariable('v', 'int').parse('timestamp(v)')

/** CEL as conditions speak it: the standard's functions that cel-js lacks or has otherwise, and OpenFGA's ipaddress. */
const language = new Environment({
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 2000, maxDepth: 64, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 16 },
})
  .registerType('ipaddress', { ctor: IpAddress, fields: {} })
  .registerFunction('ipaddress(string): ipaddress', (text: string) =>
    required(IpAddress.parse(text), text, 'IP address'),
  )
  .registerFunction('ipaddress.in_cidr(string): bool', (address: IpAddress, text: string) =>
    address.within(required(parseCidr(text), text, 'CIDR range')),
  )
  .registerOperator('ipaddress == ipaddress', (a: IpAddress, b: IpAddress) => a.equals(b))
  .registerFunction('int(uint): int', (value: { valueOf(): bigint }) => {
    if (value.valueOf() < 2n ** 63n) return value.valueOf()
    throw new Error(`${value.valueOf()} does not fit into int`)
  })
  .registerFunction(`int(${TIMESTAMP}): int`, (time: Date) => BigInt(Math.floor(time.getTime() / 1000)))
  .registerFunction(`string(${TIMESTAMP}): string`, timestampText)
  .registerFunction(`string(${DURATION}): string`, durationText)
  .registerFunction('string.matches_re2(string): bool', findPattern)
  .registerFunction('matches_re2(string, string): bool', findPattern)
  .registerFunction(`timestamp_rfc3339(string): ${TIMESTAMP}`, (text: string) =>
    required(parseTimestamp(text), text, 'timestamp'),
  )
  .registerFunction(`timestamp_rfc3339(int): ${TIMESTAMP}`, (seconds: bigint): unknown => epoch({ v: seconds }))
  .registerFunction(`timestamp_rfc3339(${TIMESTAMP}): ${TIMESTAMP}`, (time: Date) => time)
  .registerFunction(`duration_strict(string): ${DURATION}`, (text: string) =>
    required(parseDuration(text), text, 'duration'),
  )
  .registerFunction(`duration_strict(${DURATION}): ${DURATION}`, (duration: CelDuration) => duration)

/** An environment of its own for one condition, without variables. */
export function conditionLanguage(): Environment {
  return language.clone()
}

/** Leads the calls of a parsed expression to the functions above. */
export function replaceFunctions(value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) replaceFunctions(item)
  } else if (isNode(value)) {
    if (value.op === 'call' || value.op === 'rcall') value.args[0] = replaced.get(value.args[0]) ?? value.args[0]
    replaceFunctions(value.args)
  }
}

export function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

function required<T>(value: T | null | undefined, text: string, what: string): T {
  if (value !== null && value !== undefined) return value
  throw new Error(`${JSON.stringify(text)} is no ${what}`)
}
