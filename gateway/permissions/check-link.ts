import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js'
import type { CheckStreamRequest, CheckStreamResponse } from '../../services/common/gen/nexus/rebac/v1/check.ts'
import type { RebacServiceClient } from '../../services/common/gen/nexus/rebac/v1/service.ts'
import { callMetadata } from '../../services/common/grpc/client.ts'
import type { Logger } from '../../services/common/log.ts'

/** Waits between two attempts to open the stream, in milliseconds; grows to the last. */
const RETRY_MS = [0, 50, 200, 500, 1_000]

export interface CheckLinkEvents {
  /** Questions may be sent now. */
  onReady(): void
  onResponse(response: CheckStreamResponse): void
  /** What was sent and not answered is lost. */
  onBroken(): void
  /** The service does not talk to us; trying again will hardly help. */
  onRefused(error: ServiceError): void
}

/** The one stream of checks, opened again whenever it breaks. */
export class CheckLink {
  readonly #client: RebacServiceClient
  readonly #token: string
  readonly #events: CheckLinkEvents
  readonly #logger: Logger
  #stream: ClientDuplexStream<CheckStreamRequest, CheckStreamResponse> | null = null
  #connected = false
  #writable = false
  #failures = 0
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(client: RebacServiceClient, token: string, events: CheckLinkEvents, logger: Logger) {
    this.#client = client
    this.#token = token
    this.#events = events
    this.#logger = logger
    this.#open()
  }

  /** The service has answered on this stream. */
  get connected(): boolean {
    return this.#connected
  }

  /** Whether a message may be sent now; if not, onReady comes later. */
  get ready(): boolean {
    return this.#connected && this.#writable
  }

  send(request: CheckStreamRequest): void {
    if (this.#stream !== null) this.#writable = this.#stream.write(request)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#stream?.cancel()
  }

  #open(): void {
    if (this.#closed) return
    const stream = this.#client.checkStream(callMetadata(this.#token))
    this.#stream = stream
    stream.on('metadata', () => {
      this.#connected = true
      this.#failures = 0
      this.#becomeWritable()
    })
    stream.on('drain', () => this.#becomeWritable())
    stream.on('data', (response: CheckStreamResponse) => this.#events.onResponse(response))
    stream.on('end', () => this.#broken(stream, null))
    stream.on('error', (error: ServiceError) => this.#broken(stream, error))
  }

  #becomeWritable(): void {
    this.#writable = true
    if (this.#connected) this.#events.onReady()
  }

  #broken(stream: ClientDuplexStream<CheckStreamRequest, CheckStreamResponse>, error: ServiceError | null): void {
    if (this.#stream !== stream) return
    const wasConnected = this.#connected
    this.#stream = null
    this.#connected = false
    this.#writable = false
    stream.cancel()
    if (this.#closed) return
    if (wasConnected) this.#logger.warn({ code: error?.code, details: error?.details }, 'the stream of checks broke')
    this.#events.onBroken()
    if (error !== null && REFUSALS.has(error.code)) this.#events.onRefused(error)
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0
    this.#failures += 1
    this.#retry = setTimeout(() => this.#open(), wait * (0.5 + Math.random()))
  }
}

const REFUSALS: ReadonlySet<number> = new Set([status.UNAUTHENTICATED, status.PERMISSION_DENIED, status.UNIMPLEMENTED])
