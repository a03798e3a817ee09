import type { AsyncLocalStorage } from 'node:async_hooks'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import type { Registry } from 'prom-client'
import type { Logger } from '../../services/common/log.ts'
import type { FrontendSettings } from '../config/frontend-settings.ts'
import type { Authenticator } from '../keys/authenticator.ts'
import type { SignedUrls } from '../signed-urls/signed-urls.ts'
import type { Files } from '../files/contract.ts'
import type { ShareLinks } from '../share-links/share-links.ts'
import type { CallLimits } from '../rpc/limits.ts'
import type { MethodRegistry } from '../rpc/registry.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import type { RevisionNotes } from '../permissions/revision-notes.ts'
import { authRoutes } from './auth-routes.ts'
import { bodyReader } from './body.ts'
import { docsRoute } from './docs-route.ts'
import { filesRoute } from './files/files-route.ts'
import { frontend } from './frontend/frontend.ts'
import { allowAnyOrigin, compressAnswers, securityHeaders } from './headers.ts'
import { health, type Readiness, ready } from './health.ts'
import { httpMetrics } from './http-metrics.ts'
import { InFlight } from './in-flight.ts'
import { LargeAnswers } from './large-answers.ts'
import { Pacer } from './pacer.ts'
import { assignRequestId } from './request-facts.ts'
import { rpcRoute } from './rpc-route.ts'
import { UPLOADS_PATH, uploadsRoute } from './uploads/uploads-route.ts'
import type { UploadStore } from './uploads/upload-store.ts'
import { sendRevisions } from './revisions.ts'
import { sendDetail, sendJson, sendRpcError } from './send.ts'
import { shareRoute } from './share-route.ts'
import { whoami } from './whoami.ts'

export interface AppOptions {
  readonly authenticator: Authenticator
  readonly methods: MethodRegistry
  readonly files: Files
  readonly signIn: SignIn
  readonly shareLinks: ShareLinks
  readonly readiness: Readiness
  readonly registry: Registry
  readonly logger: Logger
  readonly frontend: FrontendSettings | null
  readonly uploads: UploadStore
  readonly signedUrls: SignedUrls
  /** Where a call's changes of permissions are noted. */
  readonly revisions: AsyncLocalStorage<RevisionNotes>
  readonly maxBodyBytes: number
  /** Of its items, a call says a few values each. */
  readonly limits: Pick<CallLimits, 'batch'>
  readonly maxFileBytes: number
  readonly maxInFlight: number
  readonly requestTimeoutMs: number
  readonly trustProxy: boolean | number | string
  readonly beside?: BesideHandlers
}

/** Answers below /beside, behind the same middleware as ours: what ours is measured against. */
export interface BesideHandlers {
  /** Before answers are packed, where files are sent. */
  readonly plain: RequestHandler
  readonly compressed: RequestHandler
}

/** The gateway's HTTP routes. */
export function createApp(options: AppOptions): Express {
  const { authenticator, logger, methods, registry } = options
  const inFlight = new InFlight(options.maxInFlight)
  const calls = {
    authenticator,
    inFlight,
    pacer: new Pacer(),
    largeAnswers: new LargeAnswers(),
    logger,
    requestTimeoutMs: options.requestTimeoutMs,
    metrics: httpMetrics(registry, () => inFlight.count),
  }
  const status = JSON.stringify({
    status: 'running',
    service: 'nexus-rpc',
    version: '1.0',
    async: true,
    methods: methods.names,
  })

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', options.trustProxy)
  app.set('query parser', 'simple')
  app.get('/health', allowAnyOrigin, health)
  app.use(assignRequestId, securityHeaders, sendRevisions(options.revisions))
  // It answers preflights itself, which say what it can do.
  app.use(UPLOADS_PATH, uploadsRoute({ ...calls, ...options, store: options.uploads }))
  app.use(allowAnyOrigin)
  app.use('/api/files', filesRoute({ ...calls, files: options.files, signedUrls: options.signedUrls }))
  app.use('/api/share', shareRoute({ ...calls, links: options.shareLinks }))
  const { beside } = options
  if (beside !== undefined) app.use('/beside', beside.plain)
  app.use(compressAnswers)
  if (beside !== undefined) app.post('/beside', beside.compressed)
  const readBody = bodyReader(options.maxBodyBytes, options.limits.batch)
  app.post('/api/nfs/:method', rpcRoute({ ...calls, methods, readBody }))
  app.use(docsRoute(methods))
  app.get('/api/nfs/status', (_request, response) => sendJson(response, 200, status))
  app.get('/api/auth/whoami', whoami(authenticator, logger))
  app.use('/auth', authRoutes({ ...calls, signIn: options.signIn }))
  app.get('/health/ready', ready(options.readiness))
  app.get('/metrics', async (_request, response) => {
    response.setHeader('Content-Type', registry.contentType)
    response.end(await registry.metrics())
  })
  if (options.frontend !== null) app.use(frontend(options.frontend))
  app.use((_request: Request, response: Response) => sendDetail(response, 404, 'Not Found'))
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    // Express itself refuses a URL that cannot be decoded.
    if (error instanceof URIError) sendDetail(response, 400, 'Bad Request')
    else sendRpcError(response, null, error, logger)
  })
  return app
}
