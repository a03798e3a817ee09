import { Environment } from '@marcbachmann/cel-js'

/** What cel-js makes of a duration; it does not export the class. */
export interface CelDuration {
  readonly seconds: bigint
  readonly nanos: number
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/
const DURATION = /^[+-]?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/
/** Longer ones do not fit into 64 bits of nanoseconds. */
const MAX_DURATION_SECONDS = 9_223_372_036n
const NANOS = 1_000_000_000n

const durationOf = new Environment().registerVariable('v', 'string').parse('duration(v)')

/** RFC 3339 with a zone; undefined if it is no such time. JavaScript alone takes 30 February for a day in March. */
export function parseTimestamp(text: string): Date | undefined {
  const [, day = '', hour = ''] = TIMESTAMP.exec(text) ?? []
  const midnight = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day) || hour > '23') return undefined
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? undefined : time
}

/** A duration as Go writes it, such as 1h30m, -1.5s or 0; undefined if it is none. */
export function parseDuration(text: string): CelDuration | undefined {
  const normal = /^[+-]?0$/.test(text) ? '0s' : text.replaceAll('\u03bc', '\u00b5')
  if (normal.length > 64 || !DURATION.test(normal)) return undefined
  const duration = durationOf({ v: normal }) as CelDuration
  const { seconds } = duration
  return seconds <= MAX_DURATION_SECONDS && seconds >= -MAX_DURATION_SECONDS ? duration : undefined
}

/** As CEL writes it: no fraction, or one without trailing zeros. */
export function timestampText(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, 'Z')
}

/** As CEL writes it: 5400s, -1.5s. */
export function durationText({ seconds, nanos }: CelDuration): string {
  const total = seconds * NANOS + BigInt(nanos)
  const size = total < 0n ? -total : total
  const fraction = String(size % NANOS).padStart(9, '0')
  return `${total < 0n ? '-' : ''}${size / NANOS}.${fraction}`.replace(/\.?0*$/, '') + 's'
}
