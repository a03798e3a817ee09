import { type NexusError, toNexusError } from '../../services/common/errors/nexus-error.ts'
import type { RpcError } from './envelope.ts'

/** An error as a client sees it. */
export interface PresentedError {
  readonly http: number
  readonly error: RpcError
  /** Seconds, for Retry-After; null where trying again does not help. */
  readonly retryAfter: number | null
  /** Set if it is a defect of ours and belongs into the log. */
  readonly defect: NexusError | null
}

const INVALID_PARAMS_CODE = -32602
const INTERNAL_CODE = -32603
const RETRY_AFTER_SECONDS = 1

/** The one place where errors become what the wire says (decisions, section 7). */
export function presentError(thrown: unknown, requestId: string): PresentedError {
  const error = toNexusError(thrown)
  const code = codeOf(error)
  if (code === INTERNAL_CODE) {
    const message = `Internal error: the server failed; its log has the details under request ${requestId}.`
    return { http: 200, error: { code, message }, retryAfter: null, defect: error }
  }
  const retry = error.http === 503 || error.http === 429
  return {
    http: isInnerRefusal(error) ? 503 : error.http,
    error: { code, message: messageOf(error, code), ...(error.data === undefined ? {} : { data: error.data }) },
    retryAfter: retry || isInnerRefusal(error) ? waitOf(error) : null,
    defect: isInnerRefusal(error) ? error : null,
  }
}

/** Some say in their data how long it takes. */
function waitOf({ data }: NexusError): number {
  const wait = data?.['retry_after']
  return typeof wait === 'number' ? wait : RETRY_AFTER_SECONDS
}

function codeOf(error: NexusError): number {
  return isInnerRefusal(error) ? -32010 : error.rpc
}

/** The permission service refused the gateway itself: the operator's business, and never the caller's "not allowed". */
function isInnerRefusal(error: NexusError): boolean {
  return error.reason === 'UNAUTHENTICATED' || error.reason === 'TOKEN_NOT_PERMITTED'
}

function messageOf(error: NexusError, code: number): string {
  if (isInnerRefusal(error))
    return 'The permission service does not accept this gateway; its operator has to set the shared secret.'
  if (code !== INVALID_PARAMS_CODE) return error.message
  return error.message.startsWith('Invalid parameters: ') ? error.message : `Invalid parameters: ${error.message}`
}
