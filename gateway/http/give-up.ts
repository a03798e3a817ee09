import type { ServerResponse } from 'node:http'
import type { Response } from 'express'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { RequestId } from '../rpc/envelope.ts'
import { sendRpcError } from './send.ts'

/** Keeps the id of a call for whoever has to answer in its place. */
export function keepCallId(response: Response, id: RequestId): void {
  response.locals['callId'] = id
}

/** Answers a call that takes longer than a server may that has to end. */
export function giveUp(logger: Logger): (response: ServerResponse) => void {
  return (response) => {
    const { locals } = response as Response
    response.setHeader('Connection', 'close')
    const error = new NexusError(
      'UNAVAILABLE',
      'The server shuts down and did not finish this call, which may have been carried out or not: try again.',
    )
    sendRpcError(response as Response, (locals['callId'] ?? null) as RequestId, error, logger)
  }
}
