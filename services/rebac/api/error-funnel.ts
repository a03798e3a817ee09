import { type NexusError, toNexusError } from '../../common/errors/nexus-error.ts'
import type { Logger } from '../../common/log.ts'

/** The one way of errors to callers: defects are logged with all there is to know, and told without it. */
export class ErrorFunnel {
  readonly #logger: Logger
  readonly #count: (rpc: string, reason: string) => void

  constructor(logger: Logger, count: (rpc: string, reason: string) => void) {
    this.#logger = logger
    this.#count = count
  }

  /** What the caller may know of whatever was thrown. */
  toError(error: unknown, rpc: string): NexusError {
    const known = toNexusError(error)
    this.#count(rpc, known.reason)
    if (known.reason === 'INTERNAL') this.#logger.error({ err: known.cause ?? known, rpc }, 'a call failed by a defect')
    else if (known.reason === 'UNAVAILABLE')
      this.#logger.warn({ err: known, rpc }, 'a call found the service unavailable')
    return known
  }
}
