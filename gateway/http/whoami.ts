import type { Request, Response } from 'express'
import { type NexusError, toNexusError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { Authenticator } from '../keys/authenticator.ts'
import { addressOf } from './call-context.ts'
import { header } from './request-facts.ts'
import { sendDetail, sendJson, sendRpcError } from './send.ts'

const ANONYMOUS = JSON.stringify({
  authenticated: false,
  subject_type: null,
  subject_id: null,
  tenant_id: null,
  is_admin: false,
  inherit_permissions: true,
  user: null,
})

/** GET /api/auth/whoami: whom a key stands for. Without a key: nobody; with a bad one: 401. */
export function whoami(
  authenticator: Authenticator,
  logger: Logger,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    response.setHeader('Cache-Control', 'no-store')
    const authorization = header(request, 'authorization')
    if (authorization === undefined) return sendJson(response, 200, ANONYMOUS)
    try {
      const caller = await authenticator.authenticate(
        authorization,
        header(request, 'x-agent-id'),
        Date.now(),
        addressOf(request.ip),
      )
      const answer = {
        authenticated: true,
        subject_type: caller.subject.type,
        subject_id: caller.subject.id,
        tenant_id: caller.tenant,
        is_admin: caller.isAdmin,
        inherit_permissions: caller.inheritPermissions,
        user: caller.user,
      }
      sendJson(response, 200, JSON.stringify(answer))
    } catch (error) {
      sendIdentityError(response, toNexusError(error), logger)
    }
  }
}

function sendIdentityError(response: Response, error: NexusError, logger: Logger): void {
  if (error.reason === 'UNAUTHENTICATED') return sendDetail(response, 401, error.message)
  if (error.reason === 'ACCESS_DENIED') return sendDetail(response, 403, error.message)
  sendRpcError(response, null, error, logger)
}
