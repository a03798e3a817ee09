import type { Request, Response } from 'express'
import type { CallContext, Caller } from '../context.ts'
import { header, requestIdOf } from './request-facts.ts'
import { keepOwnTenant, revisionsOf } from './revisions.ts'

const DEVICE = /^[\w .:@/-]{1,128}$/

/** What a call's commands are told of the request that it came in. @throws NexusError INVALID_TOKEN */
export function callContext(request: Request, response: Response, caller: Caller, timeoutMs: number): CallContext {
  const now = Date.now()
  let gone: AbortSignal | undefined
  const device = header(request, 'x-nexus-device')
  keepOwnTenant(response, caller.tenant)
  return {
    caller,
    requestId: requestIdOf(response),
    now,
    gone: () => (gone ??= goneOf(response)),
    scope: {
      context: {
        // To the second: calls of the same second still share their questions to the permission service.
        time: new Date(now - (now % 1_000)).toISOString(),
        ip: addressOf(request.ip),
        ...(device !== undefined && DEVICE.test(device) ? { device } : {}),
      },
      deadline: now + timeoutMs,
      atLeastAsFresh: revisionsOf(request, caller.tenant),
    },
  }
}

function goneOf(response: Response): AbortSignal {
  const gone = new AbortController()
  if (response.destroyed) gone.abort()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return gone.signal
}

/** IPv4 that came in over an IPv6 socket is IPv4. */
export function addressOf(ip: string | undefined): string {
  return (ip ?? '').replace(/^::ffff:(?=\d+\.)/, '')
}
