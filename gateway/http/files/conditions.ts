import type { IncomingHttpHeaders } from 'node:http'

/** What conditions are about. */
export interface Representation {
  /** Without quotes. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}

/** Whether to send, to say that nothing has changed (304), or that a condition does not hold (412). */
export type Judgement = 'send' | 'unchanged' | 'failed'

const TAG = /(W\/)?"([^"]*)"|([^\s,"]+)/gi

/**
 * The ETags that a header names, without quotes; '*' stands for any. Undefined if there is no such header.
 * @param strong leaves out weak ones, which never match where bytes count
 */
export function etagsOf(header: string | undefined, strong: boolean): readonly string[] | undefined {
  if (header === undefined) return undefined
  const tags = [...header.matchAll(TAG)].map(([, weak, quoted, bare]) => ({ weak, tag: quoted ?? bare ?? '' }))
  return tags.filter(({ weak }) => !strong || weak === undefined).map(({ tag }) => tag)
}

/** The conditions of GET and HEAD, in the order of RFC 9110, section 13.2.2. */
export function judge(headers: IncomingHttpHeaders, { etag, modifiedAt }: Representation): Judgement {
  const wanted = etagsOf(headers['if-match'], true)
  if (wanted === undefined ? changedSince(headers['if-unmodified-since'], modifiedAt) : !names(wanted, etag)) {
    return 'failed'
  }
  const known = etagsOf(headers['if-none-match'], false)
  if (known !== undefined) return names(known, etag) ? 'unchanged' : 'send'
  const since = timeOf(headers['if-modified-since'])
  return since !== undefined && seconds(modifiedAt) <= since ? 'unchanged' : 'send'
}

/** Whether the whole must be sent although a part is asked for: the part is of what has changed since. */
export function outdatedRange(headers: IncomingHttpHeaders, { etag, modifiedAt }: Representation): boolean {
  const header = headers['if-range']
  if (typeof header !== 'string') return false
  const time = header.includes('"') ? undefined : timeOf(header)
  // A date is no proof within the second that it names: another write may have come after it.
  if (time !== undefined) return seconds(modifiedAt) !== time || Date.now() - modifiedAt < 1_000
  return !names(etagsOf(header, true) ?? [], etag)
}

function names(tags: readonly string[], etag: string): boolean {
  return tags.includes(etag) || tags.includes('*')
}

function changedSince(header: string | undefined, modifiedAt: number): boolean {
  const time = timeOf(header)
  return time !== undefined && seconds(modifiedAt) > time
}

/** Milliseconds since 1970 of a date as HTTP writes it; undefined if it is none. */
function timeOf(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header)
  return Number.isNaN(time) ? undefined : time
}

/** To the second, as dates in HTTP are. */
function seconds(milliseconds: number): number {
  return milliseconds - (milliseconds % 1_000)
}
