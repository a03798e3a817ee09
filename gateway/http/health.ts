import type { Request, Response } from 'express'
import { sendJson } from './send.ts'

/** Whether everything that a call may need answers now. */
export interface Readiness {
  /** Names of what is not ready; empty if all is. Answers within about a second. */
  missing(): Promise<readonly string[]>
}

const HEALTHY = JSON.stringify({ status: 'healthy', service: 'nexus-rpc' })

/** GET /health: this process lives. Asks nobody. */
export function health(_request: Request, response: Response): void {
  sendJson(response, 200, HEALTHY)
}

/** GET /health/ready: this process can serve calls. */
export function ready(readiness: Readiness): (request: Request, response: Response) => Promise<void> {
  return async (_request, response) => {
    const missing = await readiness.missing()
    response.setHeader('Cache-Control', 'no-store')
    if (missing.length === 0) return sendJson(response, 200, JSON.stringify({ status: 'ready', service: 'nexus-rpc' }))
    response.setHeader('Retry-After', '1')
    sendJson(response, 503, JSON.stringify({ status: 'not ready', service: 'nexus-rpc', waiting_for: missing }))
  }
}
