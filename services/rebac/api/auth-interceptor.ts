import {
  type Metadata,
  ResponderBuilder,
  type ServerInterceptingCallInterface,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js'
import { NexusError, toNexusError } from '../../common/errors/nexus-error.ts'
import { toErrorStatus } from '../../common/grpc/error-status.ts'
import type { Authenticator, Caller } from './authenticator.ts'

/** Health answers anyone: probes have no secrets. */
const OPEN_PREFIX = '/grpc.health.v1.Health/'

/**
 * Guards every call of the server, whatever service it belongs to, before its first message is read; and remembers who
 * made it.
 */
export class CallGuard {
  readonly #authenticator: Authenticator
  readonly #callers = new WeakMap<object, Caller>()
  readonly #onRefused: (error: NexusError, path: string) => void

  constructor(authenticator: Authenticator, onRefused: (error: NexusError, path: string) => void) {
    this.#authenticator = authenticator
    this.#onRefused = onRefused
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    if (method.path.startsWith(OPEN_PREFIX)) return new ServerInterceptingCall(call)
    return new ServerInterceptingCall(call, this.#responder(method.path, call))
  }

  /** Who made a call that passed the guard. */
  callerOf(call: { readonly metadata: object }): Caller {
    const caller = this.#callers.get(call.metadata)
    if (caller === undefined) throw new NexusError('UNAUTHENTICATED', 'The call did not pass the guard.')
    return caller
  }

  #responder(path: string, call: ServerInterceptingCallInterface) {
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        try {
          this.#callers.set(metadata, this.#authenticator.authenticate(authorizationOf(metadata)))
        } catch (error) {
          const refusal = toNexusError(error)
          this.#onRefused(refusal, path)
          call.sendStatus(toErrorStatus(refusal))
          return
        }
        next(metadata)
      })
      .build()
    return new ResponderBuilder().withStart((next) => next(listener)).build()
  }
}

function authorizationOf(metadata: Metadata): string | undefined {
  return metadata.get('authorization')[0]?.toString()
}
