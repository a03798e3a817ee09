import type {
  handleServerStreamingCall,
  handleUnaryCall,
  sendUnaryData,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js'
import { NexusError } from '../errors/nexus-error.ts'
import { deadlineOf } from './deadline.ts'
import { toErrorStatus } from './error-status.ts'

/** What a handler knows of its call besides the request. */
export interface CallContext<Caller> {
  readonly caller: Caller
  /** Milliseconds since 1970. */
  readonly deadline: number
  /** True once nobody waits for the answer. */
  readonly isCancelled: () => boolean
}

/** How handlers are attached to grpc-js: who calls, what is observed, and the one funnel of their errors. */
export interface HandlerOptions<Caller> {
  readonly callerOf: (call: { readonly metadata: object }) => Caller
  /** For callers that set none, in milliseconds. */
  readonly defaultTimeoutMs: number
  /** Turns whatever was thrown into what may be told, and counts and logs it. */
  readonly toError: (error: unknown, rpc: string) => NexusError
  readonly onCall: (rpc: string, startedAt: number) => void
}

/** A request whose bytes are no message of its type. */
export class MalformedRequest {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

/** A unary handler may answer at once or later; at once spares the promise. */
export type UnaryHandler<Request, Response, Caller> = (
  request: Request,
  context: CallContext<Caller>,
) => Response | Promise<Response>

/** Messages to be sent, in order. */
export type StreamHandler<Request, Response, Caller> = (
  request: Request,
  context: CallContext<Caller>,
) => AsyncIterable<Response>

/** Attaches a unary handler. */
export function unary<Request, Response, Caller>(
  rpc: string,
  options: HandlerOptions<Caller>,
  handler: UnaryHandler<Request, Response, Caller>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const startedAt = performance.now()
    const fail = (error: unknown) => failUnary(call, callback, options.toError(error, rpc))
    const succeed = (response: Response) => {
      options.onCall(rpc, startedAt)
      if (!call.cancelled) callback(null, response)
    }
    try {
      const answer = handler(wellFormed(call.request), contextOf(call, options))
      if (answer instanceof Promise) answer.then(succeed, fail)
      else succeed(answer)
    } catch (error) {
      fail(error)
    }
  }
}

/** Attaches a handler that streams its answer; waits whenever the client reads slower than the handler writes. */
export function serverStream<Request, Response, Caller>(
  rpc: string,
  options: HandlerOptions<Caller>,
  handler: StreamHandler<Request, Response, Caller>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const startedAt = performance.now()
    const run = async () => {
      const deadline = deadlineOf(call.getDeadline(), Date.now(), options.defaultTimeoutMs)
      for await (const message of handler(wellFormed(call.request), contextOf(call, options))) {
        if (call.cancelled) return
        if (Date.now() > deadline) throw new NexusError('DEADLINE_EXCEEDED', 'There was no answer within the deadline.')
        await sent(call, message)
      }
      options.onCall(rpc, startedAt)
      call.end()
    }
    run().catch((error: unknown) => {
      const failure = options.toError(error, rpc)
      if (!call.cancelled) call.emit('error', toErrorStatus(failure))
    })
  }
}

function failUnary<Response>(
  call: { readonly cancelled: boolean },
  callback: sendUnaryData<Response>,
  error: NexusError,
): void {
  if (!call.cancelled) callback(toErrorStatus(error))
}

function contextOf<Request, Response, Caller>(
  call: ServerUnaryCall<Request, Response> | ServerWritableStream<Request, Response>,
  options: HandlerOptions<Caller>,
): CallContext<Caller> {
  return {
    caller: options.callerOf(call),
    deadline: deadlineOf(call.getDeadline(), Date.now(), options.defaultTimeoutMs),
    isCancelled: () => call.cancelled,
  }
}

/** @throws NexusError INVALID_REQUEST where the bytes of the request could not be read */
export function wellFormed<Request>(request: Request): Request {
  if (!(request instanceof MalformedRequest)) return request
  throw new NexusError('INVALID_REQUEST', 'The request is not a message of this type.', { cause: request.error })
}

/**
 * Resolves when a message has left for the client, or never will: the next one is made then, so that a slow reader keeps
 * one message in memory, however large it is. (The stream's own limit is a number of messages.)
 */
export function sent<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  message: Response,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('cancelled', done)
      call.off('close', done)
      resolve()
    }
    call.on('cancelled', done)
    call.on('close', done)
    call.write(message, done)
  })
}
