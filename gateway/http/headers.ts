import compression from 'compression'
import cors from 'cors'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

/** Browsers keep the answer to a preflight this long at most, in seconds. */
const PREFLIGHT_MAX_AGE = 86_400
/** Smaller answers are not worth packing, in bytes. */
const GZIP_THRESHOLD = 1_000

/** Any page may call: a key in a header is what counts, and no cookie is ever read. */
export const allowAnyOrigin: RequestHandler = cors({
  origin: true,
  credentials: true,
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'],
  exposedHeaders: [
    'ETag',
    'Retry-After',
    'X-Request-ID',
    'X-Nexus-Revision',
    'Accept-Ranges',
    'Content-Disposition',
    'Content-Range',
  ],
  maxAge: PREFLIGHT_MAX_AGE,
  optionsSuccessStatus: 200,
})

export const compressAnswers: RequestHandler = compression({ threshold: GZIP_THRESHOLD, level: 6 })

export function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('X-Frame-Options', 'DENY')
  response.setHeader('Referrer-Policy', 'no-referrer')
  next()
}
