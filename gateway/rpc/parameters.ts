import { z } from 'zod'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { shorten } from './envelope.ts'
import type { CallLimits } from './limits.ts'
import { decodeBase64, type DecodedObject, parseIsoTime, Timedelta } from './special-values.ts'

/** Lone surrogates would become the same replacement character in UTF-8, so different names would be one. */
const WELL_FORMED = 'must be well-formed Unicode'

/** Any text. */
export const text = z.string().refine((value) => value.isWellFormed(), WELL_FORMED)
/** A text of one line, such as a name or an id. */
export const line = text.refine((value) => !/\p{Cc}/u.test(value), 'must not contain control characters')
/** Clients send null for what they do not set. */
export function optional<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** A parameter with a value of its own where a client sends none, or null. */
export function withDefault<S extends z.ZodType>(schema: S, value: z.output<S>) {
  return schema
    .nullish()
    .transform((given): z.output<S> => given ?? value)
    .meta({ default: value })
}

/** A path as it was sent; the file system normalises and judges it. Lone surrogates are its business too. */
export const path = z.string()

/** What a call names many of. */
export function many<S extends z.ZodType>(schema: S, limits: CallLimits) {
  return z.array(schema).max(limits.batch)
}

/** Bytes, which travel as a special value. */
export const bytes = z.instanceof(Uint8Array)

/** Contents: bytes, or text that is stored as UTF-8. */
export const content = z
  .union([bytes, text])
  .transform((value) => (typeof value === 'string' ? Buffer.from(value, 'utf8') : value))

/** Bytes that clients send as base64; a bytes value will do. */
export const base64 = z.union([z.instanceof(Uint8Array), z.string()]).transform((value, context) => {
  if (value instanceof Uint8Array) return value
  try {
    return decodeBase64(value)
  } catch {
    context.addIssue({ code: 'custom', message: 'must be base64' })
    return z.NEVER
  }
})

/** An instant: ISO 8601, with or without a zone. */
export const instant = z.union([z.date(), z.string()]).transform((value, context) => {
  const time = value instanceof Date ? value.getTime() : parseIsoTime(value)
  if (time !== undefined) return time
  context.addIssue({ code: 'custom', message: 'must be an ISO 8601 time such as 2026-01-31T12:00:00Z' })
  return z.NEVER
})

/** The longest length of time, in seconds: a hundred years. */
const MAX_SECONDS = 3_155_760_000

/** A length of time, which travels as a special value. */
export const timedelta = z.instanceof(Timedelta)

/** A length of time, a timedelta or a number of seconds; in milliseconds. */
export const duration = z.union([timedelta, z.number()]).transform((value, context) => {
  const seconds = typeof value === 'number' ? value : value.seconds
  if (seconds > 0 && seconds <= MAX_SECONDS) return Math.ceil(seconds * 1_000)
  context.addIssue({ code: 'custom', message: `must be more than 0 and at most ${MAX_SECONDS} seconds` })
  return z.NEVER
})

/** Parameters that are accepted because clients send them, and mean nothing. */
export const ignored = z.unknown().optional()

/** So many problems, or unknown names, are told; of more it is said how many. */
const MOST_NAMED = 20

/**
 * Checks parameters against a method's schema; every problem is named, up to twenty.
 * @throws NexusError INVALID_PARAMS
 */
export function parseParameters<S extends z.ZodType>(schema: S, params: DecodedObject): z.output<S> {
  const parsed = schema.safeParse(params)
  if (parsed.success) return parsed.data
  throw new NexusError(
    'INVALID_PARAMS',
    joined(parsed.error.issues, '; ', (issue) => describeIssue(issue, params)),
  )
}

function joined<T>(items: readonly T[], separator: string, describe: (item: T) => string): string {
  const texts = items.slice(0, MOST_NAMED).map(describe)
  if (items.length > MOST_NAMED) texts.push(`and ${items.length - MOST_NAMED} more`)
  return texts.join(separator)
}

function describeIssue(issue: z.core.$ZodIssue, params: DecodedObject): string {
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length === 0 ? 'parameter' : `member of '${parameterName(issue.path)}':`
    return `unknown ${where} ${joined(issue.keys, ', ', (key) => `'${shorten(key)}'`)}`
  }
  const name = parameterName(issue.path)
  const [first] = issue.path
  if (issue.path.length === 1 && typeof first === 'string' && !Object.hasOwn(params, first))
    return `missing parameter '${name}'`
  return `parameter '${name}' ${issueText(issue)}`
}

function issueText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`
    case 'invalid_union':
      return unionText(issue.errors.flat())
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty'
      return boundText(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return boundText(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    default:
      return issue.message.replace(/^Invalid input: /, '')
  }
}

/** What the branches of a union want; of several bounds the widest. */
function unionText(issues: readonly z.core.$ZodIssue[]): string {
  const least = issues.flatMap((issue) => (issue.code === 'too_small' ? [issue.minimum] : []))
  const most = issues.flatMap((issue) => (issue.code === 'too_big' ? [issue.maximum] : []))
  const widest = issues.filter((issue) => {
    if (issue.code === 'too_small') return least.every((other) => issue.minimum <= other)
    return issue.code !== 'too_big' || most.every((other) => issue.maximum >= other)
  })
  const texts = new Set(widest.map(issueText).map((part) => part.replace(/^must be /, '')))
  if (texts.size === 0) return 'has the wrong form'
  const text = [...texts].join(' or ')
  return text.startsWith('must ') ? text : `must be ${text}`
}

function boundText(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `must have ${bound} ${limit} characters`
  if (origin === 'array') return `must have ${bound} ${limit} elements`
  return `must be ${bound} ${limit}`
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  array: 'an array',
  tuple: 'an array',
  object: 'an object',
  record: 'an object',
  date: 'a datetime',
  Uint8Array: 'bytes',
  Timedelta: 'a timedelta',
}

function parameterName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}
