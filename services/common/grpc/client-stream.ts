import type { handleClientStreamingCall } from '@grpc/grpc-js'
import { deadlineOf } from './deadline.ts'
import { toErrorStatus } from './error-status.ts'
import { type CallContext, type HandlerOptions, wellFormed } from './handlers.ts'

/** One answer to many messages, which are read as fast as the handler takes them. */
export type ClientStreamHandler<Request, Response, Caller> = (
  messages: AsyncIterable<Request>,
  context: CallContext<Caller>,
) => Promise<Response>

/** Attaches a handler of a stream from the client; without a deadline of the client's it may take any time. */
export function clientStream<Request, Response, Caller>(
  rpc: string,
  options: HandlerOptions<Caller>,
  handler: ClientStreamHandler<Request, Response, Caller>,
): handleClientStreamingCall<Request, Response> {
  return (call, callback) => {
    const startedAt = performance.now()
    async function* messages(): AsyncGenerator<Request> {
      for await (const message of call) yield wellFormed(message as Request)
    }
    const answer = async () => {
      const deadline = deadlineOf(call.getDeadline(), Date.now(), Number.POSITIVE_INFINITY)
      const context = { caller: options.callerOf(call), deadline, isCancelled: () => call.cancelled }
      return handler(messages(), context)
    }
    const succeed = (response: Response) => {
      options.onCall(rpc, startedAt)
      if (!call.cancelled) callback(null, response)
    }
    const fail = (error: unknown) => {
      // A client that is gone ends the messages with an error, which concerns nobody.
      if (!call.cancelled) callback(toErrorStatus(options.toError(error, rpc)))
    }
    answer().then(succeed, fail)
  }
}
