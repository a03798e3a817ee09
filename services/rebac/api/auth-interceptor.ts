import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import { NexusError, toNexusError } from '../../common/errors/nexus-error.ts'
import { toErrorStatus } from '../../common/grpc/error-status.ts'
import type { Authenticator, Caller } from './authenticator.ts'

type Listener = Parameters<ServerInterceptingCall['start']>[0]

/** Metadata that passed the guard know who sent them. A weak map would be one more thing to collect for each call. */
const CALLER = Symbol('caller')
interface Passed {
  [CALLER]?: Caller
}

/** Health answers anyone: probes have no secrets. */
const OPEN_PREFIX = '/grpc.health.v1.Health/'

/**
 * Guards every call of the server, whatever service it belongs to, before its first message is read; and remembers who
 * made it.
 */
export class CallGuard {
  readonly #authenticator: Authenticator
  readonly #onRefused: (error: NexusError, path: string) => void

  constructor(authenticator: Authenticator, onRefused: (error: NexusError, path: string) => void) {
    this.#authenticator = authenticator
    this.#onRefused = onRefused
  }

  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    if (path.startsWith(OPEN_PREFIX)) return new ServerInterceptingCall(call)
    return new GuardedCall(call, (metadata) => this.#refusal(metadata, path))
  }

  /** Who made a call that passed the guard. */
  callerOf(call: { readonly metadata: object }): Caller {
    const caller = (call.metadata as Passed)[CALLER]
    if (caller === undefined) throw new NexusError('UNAUTHENTICATED', 'The call did not pass the guard.')
    return caller
  }

  /** Null if the call may go on. */
  #refusal(metadata: Metadata, path: string): NexusError | null {
    try {
      const caller = this.#authenticator.authenticate(metadata.get('authorization')[0]?.toString())
      ;(metadata as Passed)[CALLER] = caller
      return null
    } catch (error) {
      const refusal = toNexusError(error)
      this.#onRefused(refusal, path)
      return refusal
    }
  }
}

/**
 * Nothing of a call reaches its handler unless its metadata pass. All else is handed on as it is, without the closures
 * that the base class makes for each step of each call.
 */
class GuardedCall extends ServerInterceptingCall {
  readonly #call: ServerInterceptingCallInterface
  readonly #refusal: (metadata: Metadata) => NexusError | null

  constructor(call: ServerInterceptingCallInterface, refusal: (metadata: Metadata) => NexusError | null) {
    super(call)
    this.#call = call
    this.#refusal = refusal
  }

  override start(listener: Listener): void {
    let passed = false
    this.#call.start({
      onReceiveMetadata: (metadata: Metadata) => {
        const refusal = this.#refusal(metadata)
        passed = refusal === null
        if (refusal === null) listener.onReceiveMetadata(metadata)
        else this.#call.sendStatus(toErrorStatus(refusal))
      },
      onReceiveMessage: (message: unknown) => {
        if (passed) listener.onReceiveMessage(message)
      },
      onReceiveHalfClose: () => {
        if (passed) listener.onReceiveHalfClose()
      },
      onCancel: () => listener.onCancel(),
    })
  }

  override sendMetadata(metadata: Metadata): void {
    this.#call.sendMetadata(metadata)
  }

  override sendMessage(message: unknown, callback: () => void): void {
    this.#call.sendMessage(message, callback)
  }

  override sendStatus(status: Parameters<ServerInterceptingCall['sendStatus']>[0]): void {
    this.#call.sendStatus(status)
  }
}
