import type { Response } from 'express'
import type { ErrorReason } from '../../../services/common/errors/catalogue.ts'
import { type NexusError, toNexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../../services/common/log.ts'
import { requestIdOf } from '../request-facts.ts'
import { sendDetail, sendRpcError } from '../send.ts'

/** The caller's key is not accepted; not to be confused with a permission service that does not accept ours. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused'
}

/** Statuses of errors that travel with 200 in JSON-RPC; here there is no envelope to say that a call failed. */
export const STATUS: Partial<Readonly<Record<ErrorReason, number>>> = {
  PARSE_ERROR: 400,
  INVALID_PARAMS: 400,
  INVALID_PATH: 400,
  INVALID_TOKEN: 400,
  ACCESS_DENIED: 403,
  READ_ONLY: 403,
  MOUNT_BUSY: 409,
  FILE_NOT_FOUND: 404,
  FILE_EXISTS: 409,
  CONFLICT: 412,
  INTERNAL: 500,
}

/** As proxies note it: the client went away before it had its answer. */
const GONE = 499

/** Answers an error with a status of its own and the body of the JSON-RPC error. Returns its code. */
export function sendFileError(response: Response, thrown: unknown, logger: Logger): number {
  if (thrown instanceof KeyRefused) {
    sendDetail(response, 401, thrown.message)
    return 401
  }
  if (response.destroyed && isBreak(thrown)) return GONE
  const error = toNexusError(thrown)
  // Given up when the server had to end, and answered for.
  if (response.writableEnded) return error.rpc
  if (response.headersSent) {
    // Too late for a status: that the promised length is not kept is the only sign that is left.
    logger.error({ requestId: requestIdOf(response), err: error.cause ?? error }, 'a file could not be sent to its end')
    response.destroy()
    return error.rpc
  }
  // What was said of a file does not hold for the error that is sent in its place.
  for (const name of ['Content-Disposition', 'ETag', 'Last-Modified', 'Accept-Ranges']) response.removeHeader(name)
  return sendRpcError(response, null, error, logger, statusOf(response, error))
}

function statusOf(response: Response, error: NexusError): number | undefined {
  const unwanted = error.reason === 'FILE_EXISTS' && response.req.headers['if-none-match'] !== undefined
  return unwanted ? 412 : STATUS[error.reason]
}

/** What is thrown when a client goes away. */
function isBreak(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('reason' in error) return error.reason === 'CANCELLED'
  return 'code' in error && ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(error.code))
}
