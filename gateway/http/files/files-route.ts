import type { Request, Response } from 'express'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../../services/common/log.ts'
import type { CallContext } from '../../context.ts'
import { normalizePath } from '../../files/paths.ts'
import type { SignedUrls } from '../../signed-urls/signed-urls.ts'
import type { Files } from '../../files/contract.ts'
import type { Authenticator } from '../../keys/authenticator.ts'
import { addressOf, callContext } from '../call-context.ts'
import type { HttpMetrics } from '../http-metrics.ts'
import type { InFlight } from '../in-flight.ts'
import type { Pacer } from '../pacer.ts'
import { header } from '../request-facts.ts'
import { sendDetail } from '../send.ts'
import { KeyRefused, sendFileError } from './file-errors.ts'
import { receiveFile } from './receive-file.ts'
import { sendFile } from './send-file.ts'

export interface FilesRouteOptions {
  readonly files: Files
  readonly signedUrls: SignedUrls
  readonly authenticator: Authenticator
  readonly inFlight: InFlight
  readonly pacer: Pacer
  readonly requestTimeoutMs: number
  readonly metrics: HttpMetrics
  readonly logger: Logger
}

const METHODS = ['GET', 'HEAD', 'PUT']

/** GET, HEAD and PUT /api/files/{path}: the bytes of a file of any size, without an envelope. */
export function filesRoute(options: FilesRouteOptions): (request: Request, response: Response) => Promise<void> {
  const { inFlight, logger, metrics } = options
  return async (request, response) => {
    if (!METHODS.includes(request.method)) {
      response.setHeader('Allow', [...METHODS, 'OPTIONS'].join(', '))
      return sendDetail(response, 405, 'Method Not Allowed')
    }
    const begun = performance.now()
    let code = 0
    try {
      inFlight.enter()
      try {
        await answer(options, request, response)
      } finally {
        inFlight.leave()
      }
    } catch (error) {
      code = sendFileError(response, error, logger)
    }
    metrics.answered(request.method === 'PUT' ? 'put_file' : 'get_file', code, (performance.now() - begun) / 1_000)
  }
}

async function answer(options: FilesRouteOptions, request: Request, response: Response): Promise<void> {
  const { files } = options
  const path = pathOf(request)
  const context = () => identify(options, request, response, request.method === 'PUT' ? undefined : path)
  await options.pacer.turn()
  const now = await context()
  if (request.method === 'PUT') await receiveFile(request, response, files, path, { now, later: context })
  else await sendFile(request, response, await files.download(now, path))
}

/**
 * Who asks, with a deadline from now on.
 * @param signedPath the path for which a signed URL stands in for a key; undefined where none does
 * @throws KeyRefused
 */
export async function identify(
  options: FilesRouteOptions,
  request: Request,
  response: Response,
  signedPath?: string,
): Promise<CallContext> {
  try {
    const key = header(request, 'authorization')
    const { token } = request.query
    if (key === undefined && typeof token === 'string' && signedPath !== undefined) {
      const caller = await options.signedUrls.open(token, normalizePath(signedPath), Date.now())
      return callContext(request, response, caller, options.requestTimeoutMs)
    }
    const caller = await options.authenticator.authenticate(
      key,
      header(request, 'x-agent-id'),
      Date.now(),
      addressOf(request.ip),
    )
    return callContext(request, response, caller, options.requestTimeoutMs)
  } catch (error) {
    if (error instanceof NexusError && error.reason === 'UNAUTHENTICATED') throw new KeyRefused(error.message)
    throw error
  }
}

/** What stands after /api/files, decoded. @throws NexusError INVALID_PATH */
function pathOf(request: Request): string {
  try {
    return decodeURIComponent(request.path)
  } catch (error) {
    throw new NexusError('INVALID_PATH', 'The path in the URL is not percent-encoded UTF-8.', { cause: error })
  }
}
