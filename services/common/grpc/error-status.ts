import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { errorCatalogue, type ErrorReason } from '../errors/catalogue.ts'
import { NexusError } from '../errors/nexus-error.ts'
import { encodeStatusDetails } from './status-details.ts'

/** The trailer that carries an error's machine-readable reason. */
export const REASON_TRAILER = 'nexus-reason'
const DETAILS_TRAILER = 'grpc-status-details-bin'

/** Trailers above about 8 KiB are refused by many HTTP/2 peers, and the message travels twice. */
const MAX_MESSAGE_LENGTH = 2_000

/** What grpc-js sends when a call fails. */
export interface ErrorStatus {
  readonly code: number
  readonly details: string
  readonly metadata: Metadata
}

/** An error as it travels: canonical code, message, reason as a trailer and as google.rpc.ErrorInfo. */
export function toErrorStatus(error: NexusError): ErrorStatus {
  const metadata = new Metadata()
  const details = shorten(error.message)
  metadata.set(REASON_TRAILER, error.reason)
  metadata.set(DETAILS_TRAILER, encodeStatusDetails(error.grpc, details, error.reason))
  return { code: error.grpc, details, metadata }
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

function shorten(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)} ...`
}
