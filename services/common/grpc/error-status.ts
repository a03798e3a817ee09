import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { errorCatalogue, type ErrorReason } from '../errors/catalogue.ts'
import { NexusError } from '../errors/nexus-error.ts'
import { encodeStatusDetails } from './status-details.ts'

/** The trailer that carries an error's machine-readable reason. */
export const REASON_TRAILER = 'nexus-reason'
const DETAILS_TRAILER = 'grpc-status-details-bin'

/**
 * What code, message and details may take together in the trailers, as they are encoded there: more than 8 KiB is
 * refused by many HTTP/2 peers.
 */
const MAX_TRAILER_BYTES = 7_000
const MAX_MESSAGE_BYTES = 3_000
const MAX_METADATA_BYTES = 1_000
const FAILED_PRECONDITION: number = status.FAILED_PRECONDITION

/** What grpc-js sends when a call fails. */
export interface ErrorStatus {
  readonly code: number
  readonly details: string
  readonly metadata: Metadata
}

/**
 * An error as it travels: canonical code, message, reason as a trailer, and details with the reason, what is known
 * besides, and as many of the violations as there is room for.
 */
export function toErrorStatus(error: NexusError): ErrorStatus {
  const metadata = new Metadata()
  const message = shorten(error.message)
  metadata.set(REASON_TRAILER, error.reason)
  metadata.set(DETAILS_TRAILER, detailsOf(error, message))
  return { code: error.grpc, details: message, metadata }
}

function detailsOf(error: NexusError, message: string): Buffer {
  const { grpc: code, reason, violations } = error
  const violationsAs = code === FAILED_PRECONDITION ? 'PreconditionFailure' : 'BadRequest'
  // Where there is a list the message has it too; it need not travel a third time.
  const heading = violations.length === 0 ? message : (message.split(/\n|: /)[0] ?? '')
  const base = { code, message: heading, reason, metadata: metadataOf(error), violationsAs } as const
  const bare = encodeStatusDetails({ ...base, violations: [] })
  let room = MAX_TRAILER_BYTES - encodeURI(message).length - base64Length(bare.length)
  const count = violations.findIndex(({ subject, description }) => {
    room -= base64Length(Buffer.byteLength(subject) + Buffer.byteLength(description) + reason.length + 16)
    return room < 0
  })
  const kept = count === -1 ? violations : violations.slice(0, count)
  return kept.length === 0 ? bare : encodeStatusDetails({ ...base, violations: kept })
}

/** What is too long is left out. */
function metadataOf({ data }: NexusError): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>()
  let room = MAX_METADATA_BYTES
  for (const [key, value] of Object.entries(data ?? {})) {
    const text = (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()
    const bytes = key.length + Buffer.byteLength(text)
    if (bytes > room) continue
    room -= bytes
    metadata.set(key, text)
  }
  return metadata
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

/** The way back: the reason from its trailer, or the nearest one for errors that gRPC itself made. */
export function fromServiceError(error: ServiceError): NexusError {
  const reason = error.metadata?.get(REASON_TRAILER)[0]
  if (typeof reason === 'string' && isErrorReason(reason))
    return new NexusError(reason, error.details, { cause: error })
  const fallback = transportReasons.get(error.code) ?? 'INTERNAL'
  return new NexusError(fallback, transportMessages[fallback] ?? 'The permission service failed.', { cause: error })
}

/** True for the name of an entry of the catalogue. */
export function isErrorReason(text: string): text is ErrorReason {
  return Object.hasOwn(errorCatalogue, text)
}

const transportReasons: ReadonlyMap<number, ErrorReason> = new Map([
  [status.UNAVAILABLE, 'UNAVAILABLE'],
  [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [status.CANCELLED, 'CANCELLED'],
  [status.RESOURCE_EXHAUSTED, 'TOO_LARGE'],
  [status.UNIMPLEMENTED, 'UNIMPLEMENTED'],
  [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  [status.PERMISSION_DENIED, 'TOKEN_NOT_PERMITTED'],
])

const transportMessages: Partial<Record<ErrorReason, string>> = {
  UNAVAILABLE: 'The permission service cannot be reached.',
  DEADLINE_EXCEEDED: 'The permission service did not answer in time.',
  CANCELLED: 'The call was cancelled.',
  TOO_LARGE: 'The message is too large for the permission service.',
  UNIMPLEMENTED: 'The permission service does not know this call.',
  UNAUTHENTICATED: 'The permission service refuses the secret.',
  TOKEN_NOT_PERMITTED: 'The permission service refuses this call.',
}

/** gRPC percent-encodes messages, and fails on half a character. */
function shorten(text: string): string {
  let short = text.toWellFormed()
  while (encodeURI(short).length > MAX_MESSAGE_BYTES) {
    const kept = Math.floor((short.length * MAX_MESSAGE_BYTES) / encodeURI(short).length) - 8
    short = `${short.slice(0, kept).toWellFormed()} ...`
  }
  return short
}
