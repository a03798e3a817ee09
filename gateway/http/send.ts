import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import type { Logger } from '../../services/common/log.ts'
import { errorBody, type RequestId } from '../rpc/envelope.ts'
import { presentError } from '../rpc/errors.ts'
import { requestIdOf } from './request-facts.ts'

/** A caller who takes nothing of a long answer for this long is cut off, in milliseconds. */
const IDLE_MS = 60_000

/** So many may wait for the end of a long answer before that looks like a leak. */
const MOST_LISTENERS = 20

/** Sends a text that is JSON already. */
export function sendJson(response: Response, status: number, body: string): void {
  if (response.headersSent || response.destroyed) return
  const bytes = Buffer.from(body, 'utf8')
  describeJson(response, status, bytes.length)
  response.end(bytes)
}

/** Sends JSON that is there in pieces, as fast as it is taken. */
export function sendPieces(response: Response, pieces: readonly Buffer[]): void {
  if (response.headersSent || response.destroyed) return
  describeJson(
    response,
    200,
    pieces.reduce((sum, { length }) => sum + length, 0),
  )
  response.setTimeout(IDLE_MS, () => response.destroy())
  // More than the usual number wait for its end: the pipeline, and those who hold something until then.
  response.setMaxListeners(MOST_LISTENERS)
  // Who is cut off knows by the length, or by the last chunk, that something is missing.
  pipeline(Readable.from(pieces), response).catch(() => response.destroy())
}

function describeJson(response: Response, status: number, length: number): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  // Without it a compressor that decides not to compress sends small answers in chunks.
  response.setHeader('Content-Length', length)
}

/**
 * Answers an error of a call; what is a defect of ours goes into the log. Returns its code.
 * @param status of HTTP @default the one that the error has in JSON-RPC
 */
export function sendRpcError(
  response: Response,
  id: RequestId,
  thrown: unknown,
  logger: Logger,
  status?: number,
): number {
  const requestId = requestIdOf(response)
  const { http, error, retryAfter, defect } = presentError(thrown, requestId)
  // It was given up when the server had to end: whatever became of it then has been answered for.
  if (response.headersSent) return error.code
  if (defect !== null) logger.error({ requestId, err: defect.cause ?? defect, reason: defect.reason }, defect.message)
  response.setHeader('Cache-Control', 'no-store')
  if (retryAfter !== null) response.setHeader('Retry-After', String(retryAfter))
  sendJson(response, status ?? http, errorBody(id, error))
  return error.code
}

/** Answers as FastAPI would, where the answer is HTTP's and not JSON-RPC's. */
export function sendDetail(response: Response, status: number, detail: string): void {
  response.setHeader('Cache-Control', 'no-store')
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  sendJson(response, status, JSON.stringify({ detail }))
}
