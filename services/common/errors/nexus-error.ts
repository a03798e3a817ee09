import type { JsonObject } from '../json.ts'
import { errorCatalogue, type ErrorReason } from './catalogue.ts'

/** One of several things that are wrong: what (a relationship, a place in a text), and why. */
export interface Violation {
  readonly subject: string
  readonly description: string
}

interface NexusErrorOptions {
  readonly cause?: unknown
  readonly data?: JsonObject
  readonly violations?: readonly Violation[]
}

/**
 * The one error that crosses layers. `message` is for the caller: one sentence that names what is wrong and what is
 * allowed. Whatever else is known goes into `cause`, which is logged and never sent.
 */
export class NexusError extends Error {
  override readonly name = 'NexusError'
  readonly reason: ErrorReason
  /** Small, free of secrets; sent to the caller. */
  readonly data: JsonObject | undefined
  /** Everything that is wrong, if that is a list; sent to the caller as far as there is room. */
  readonly violations: readonly Violation[]

  constructor(reason: ErrorReason, message: string, options: NexusErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.reason = reason
    this.data = options.data
    this.violations = options.violations ?? []
  }

  get grpc(): number {
    return errorCatalogue[this.reason].grpc
  }

  get rpc(): number {
    return errorCatalogue[this.reason].rpc
  }

  get http(): number {
    return errorCatalogue[this.reason].http
  }
}

/** Whoever asked has gone; what is still done for them ends with this. */
export function cancelled(): NexusError {
  return new NexusError('CANCELLED', 'Nobody waits for the answer any more.')
}

/** The only funnel from an unknown error: what is not ours becomes INTERNAL, with the original as its cause. */
export function toNexusError(error: unknown): NexusError {
  if (error instanceof NexusError) return error
  return new NexusError('INTERNAL', 'The server failed; its log has the details.', { cause: error })
}

/** The text of an unknown error, for logs. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
