import type { handleServerStreamingCall } from '@grpc/grpc-js'
import { toErrorStatus } from './error-status.ts'
import { type HandlerOptions, sent, wellFormed } from './handlers.ts'

/** What the handler of an endless stream knows of its call. */
export interface EndlessCallContext<Caller> {
  readonly caller: Caller
  /** Aborted when the client is gone and when the server drains: the messages are to end then. */
  readonly signal: AbortSignal
}

/** Messages to be sent, in order, until the signal is aborted. */
export type EndlessHandler<Request, Response, Caller> = (
  request: Request,
  context: EndlessCallContext<Caller>,
) => AsyncIterable<Response>

/** Streams that have no end, and no deadline but one that the client sets: they end when the server drains. */
export class EndlessStreams {
  readonly #open = new Set<AbortController>()
  #draining = false

  /** Attaches a handler. The next message is asked for when the client has room for it. */
  attach<Request, Response, Caller>(
    rpc: string,
    options: HandlerOptions<Caller>,
    handler: EndlessHandler<Request, Response, Caller>,
  ): handleServerStreamingCall<Request, Response> {
    return (call) => {
      const controller = new AbortController()
      const abort = () => controller.abort()
      this.#open.add(controller)
      for (const event of ['cancelled', 'close']) call.once(event, abort)
      if (this.#draining) abort()
      const run = async () => {
        const context = { caller: options.callerOf(call), signal: controller.signal }
        for await (const message of handler(wellFormed(call.request), context)) {
          if (call.cancelled) return
          await sent(call, message)
        }
        if (!call.cancelled) call.end()
      }
      run()
        .catch((error: unknown) => {
          if (!call.cancelled) call.emit('error', toErrorStatus(options.toError(error, rpc)))
        })
        .finally(() => this.#open.delete(controller))
    }
  }

  /** Lets all streams finish the message they are at, and those that begin later end at once. */
  endAll(): void {
    this.#draining = true
    for (const controller of this.#open) controller.abort()
  }
}
