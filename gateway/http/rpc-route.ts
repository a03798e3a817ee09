import type { Request, Response } from 'express'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { Caller } from '../context.ts'
import type { Authenticator } from '../keys/authenticator.ts'
import { type Answer, dispatch } from '../rpc/dispatch.ts'
import { envelopeId, parseEnvelope, type RequestId } from '../rpc/envelope.ts'
import type { Method } from '../rpc/method.ts'
import type { MethodRegistry } from '../rpc/registry.ts'
import type { ReadBody } from './body.ts'
import { addressOf, callContext } from './call-context.ts'
import { matchesEtag } from './etag.ts'
import { keepCallId } from './give-up.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { InFlight } from './in-flight.ts'
import type { LargeAnswers } from './large-answers.ts'
import type { Pacer } from './pacer.ts'
import { header } from './request-facts.ts'
import { sendDetail, sendJson, sendPieces, sendRpcError } from './send.ts'

export interface RpcRouteOptions {
  readonly authenticator: Authenticator
  readonly methods: MethodRegistry
  readonly readBody: ReadBody
  readonly inFlight: InFlight
  readonly pacer: Pacer
  readonly largeAnswers: LargeAnswers
  readonly requestTimeoutMs: number
  readonly metrics: HttpMetrics
  readonly logger: Logger
}

/** POST /api/nfs/:method */
export function rpcRoute(options: RpcRouteOptions): (request: Request, response: Response) => Promise<void> {
  const { inFlight, logger, methods, metrics } = options
  return async (request, response) => {
    const begun = performance.now()
    const name = String(request.params['method'])
    let code: number
    try {
      inFlight.enter()
      try {
        code = await answerCall(options, name, request, response)
      } finally {
        inFlight.leave()
      }
    } catch (error) {
      code = sendRpcError(response, null, error, logger)
    }
    metrics.answered(methods.has(name) ? name : 'unknown', code, (performance.now() - begun) / 1_000)
  }
}

/** Resolves to 0, or to the code that the caller was answered with. */
async function answerCall(
  options: RpcRouteOptions,
  name: string,
  request: Request,
  response: Response,
): Promise<number> {
  const identity = await identify(options, request)
  if (identity instanceof NexusError && identity.reason === 'UNAUTHENTICATED') {
    sendDetail(response, 401, identity.message)
    return 401
  }
  let id: RequestId = null
  try {
    const body = await options.readBody(request, response)
    id = envelopeId(body)
    keepCallId(response, id)
    if (identity instanceof NexusError) throw identity
    const { params } = parseEnvelope(body, name)
    const method = options.methods.get(name)
    await options.pacer.turn()
    const context = callContext(request, response, identity, options.requestTimeoutMs)
    const enterLarge = options.largeAnswers.placeFor(response, context.scope.deadline)
    sendAnswer(request, response, method, await dispatch(method, id, params, { ...context, enterLarge }))
    return 0
  } catch (error) {
    return sendRpcError(response, id, error, options.logger)
  }
}

/** Who calls; or why not, so that an error can name the id of a request that is yet to be read. */
async function identify(options: RpcRouteOptions, request: Request): Promise<Caller | NexusError> {
  try {
    return await options.authenticator.authenticate(
      header(request, 'authorization'),
      header(request, 'x-agent-id'),
      Date.now(),
      addressOf(request.ip),
    )
  } catch (error) {
    if (error instanceof NexusError) return error
    throw error
  }
}

function sendAnswer(request: Request, response: Response, method: Method, answer: Answer): void {
  response.setHeader('Cache-Control', method.cacheControl)
  if (answer.etag !== null) {
    response.setHeader('ETag', `"${answer.etag}"`)
    if (matchesEtag(header(request, 'if-none-match'), answer.etag)) {
      response.statusCode = 304
      response.end()
      return
    }
  }
  if (typeof answer.body === 'string') sendJson(response, 200, answer.body)
  else sendPieces(response, answer.body)
}
