import type { Request, Response } from 'express'
import { z } from 'zod'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { ShareLinks } from '../share-links/share-links.ts'
import { presentLinked } from '../rpc/methods/share-link-answers.ts'
import { optional, parseParameters, text } from '../rpc/parameters.ts'
import { bodyReader } from './body.ts'
import { addressOf } from './call-context.ts'
import { sendFileError } from './files/file-errors.ts'
import { sendFile } from './files/send-file.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { InFlight } from './in-flight.ts'
import type { Pacer } from './pacer.ts'
import { header } from './request-facts.ts'
import { sendDetail, sendJson } from './send.ts'

export interface ShareRouteOptions {
  readonly links: ShareLinks
  readonly inFlight: InFlight
  readonly pacer: Pacer
  readonly requestTimeoutMs: number
  readonly metrics: HttpMetrics
  readonly logger: Logger
}

/** A password is all that is sent. */
const MAX_BODY_BYTES = 16_384
const access = z.object({ password: optional(text) })
const LINK = /^\/([\w-]{1,128})(?:\/(access|download))?\/?$/

/**
 * /api/share/{link}: what it leads to; POST .../access: take an access; GET .../download: the bytes. HEAD asks what GET
 * would answer, and is no access. Needs no key: who has the link is let in, as far as the link goes.
 */
export function shareRoute(options: ShareRouteOptions): (request: Request, response: Response) => Promise<void> {
  const { inFlight, logger, metrics } = options
  const readBody = bodyReader(MAX_BODY_BYTES)
  return async (request, response) => {
    const [, secret = '', action] = LINK.exec(request.path) ?? []
    const method = action === 'access' ? 'POST' : 'GET'
    if (secret === '') return sendDetail(response, 404, 'Not Found')
    if (request.method !== method && !(request.method === 'HEAD' && method === 'GET')) {
      response.setHeader('Allow', method === 'GET' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS')
      return sendDetail(response, 405, 'Method Not Allowed')
    }
    response.setHeader('Cache-Control', 'no-store')
    const begun = performance.now()
    let code = 0
    try {
      inFlight.enter()
      try {
        await options.pacer.turn()
        await answer(options, request, response, { secret, action, readBody })
      } finally {
        inFlight.leave()
      }
    } catch (error) {
      code = sendFileError(response, error, logger)
    }
    metrics.answered('share_link', code, (performance.now() - begun) / 1_000)
  }
}

async function answer(
  { links, requestTimeoutMs }: ShareRouteOptions,
  request: Request,
  response: Response,
  asked: {
    readonly secret: string
    readonly action: string | undefined
    readonly readBody: ReturnType<typeof bodyReader>
  },
): Promise<void> {
  const { secret, action } = asked
  const now = Date.now()
  const visit = {
    scope: { context: {}, deadline: now + requestTimeoutMs, atLeastAsFresh: null },
    now,
    ip: addressOf(request.ip),
    userAgent: header(request, 'user-agent')?.slice(0, 256) ?? null,
    accessedBy: null,
  }
  if (action === 'download') {
    const { ticket } = request.query
    const by = {
      ticket: typeof ticket === 'string' ? ticket : undefined,
      password: header(request, 'x-share-password'),
      headOnly: request.method === 'HEAD',
    }
    await sendFile(request, response, await links.download(visit, secret, by))
    return
  }
  if (action === 'access') {
    const opened = await links.open(visit, secret, passwordOf(await asked.readBody(request, response)))
    return sendJson(response, 200, JSON.stringify(presentLinked(opened, secret)))
  }
  sendJson(response, 200, JSON.stringify(presentLinked(await links.look(visit, secret), secret)))
}

/** An empty body is none. @throws NexusError INVALID_PARAMS */
function passwordOf(body: unknown): string | undefined {
  if (body === undefined) return undefined
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new NexusError('INVALID_PARAMS', 'the body must be a JSON object, such as {"password": "..."}, or empty')
  }
  return parseParameters(access, body as never).password
}
