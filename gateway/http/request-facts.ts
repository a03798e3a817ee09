import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'

const REQUEST_ID = /^[\w.:-]{1,128}$/

/** Gives each request an id: the caller's, if it sends a usable one. It comes back in the answer and stands in the log. */
export function assignRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
  response.locals['requestId'] = id
  response.setHeader('x-request-id', id)
  next()
}

export function requestIdOf(response: Response): string {
  return String(response.locals['requestId'] ?? '')
}

/** One value of a header that may stand once. */
export function header(request: Request, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
