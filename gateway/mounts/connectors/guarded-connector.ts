import { PassThrough, type Readable } from 'node:stream'
import {
  type BulkheadPolicy,
  BulkheadRejectedError,
  BrokenCircuitError,
  bulkhead,
  circuitBreaker,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { BackendContent, BackendEntry, BackendPage, Connector, NewBackendContent, TornPage } from './contract.ts'
import { withoutSecrets } from './s3/s3-errors.ts'

export interface GuardOptions {
  /** For messages. */
  readonly mountPoint: string
  /** How long a back end has for an answer, in milliseconds. */
  readonly timeoutMs: number
  /** How long one that failed often is left alone, in milliseconds. */
  readonly pauseMs: number
}

/** How many failures, one after the other, are often. */
const FAILURES = 3
/** Calls that run at once, and that wait for it; one mount must not take the whole process for itself. */
const AT_ONCE = 16
const WAITING = 256
/** Calls that were given up and have not ended: the threads of the process are not to be used up by a disk that hangs. */
const STUCK = 2
/** Slower than this, in bytes for each millisecond, is not working. */
const SLOWEST = 256

/** A back end that is given up after a while, and left alone after it failed often; each mount for itself. */
export class GuardedConnector {
  readonly #connector: Connector
  readonly #options: GuardOptions
  readonly #breaker: CircuitBreakerPolicy
  readonly #bulkhead: BulkheadPolicy
  #stuck = 0

  constructor(connector: Connector, options: GuardOptions) {
    this.#connector = connector
    this.#options = options
    this.#bulkhead = bulkhead(AT_ONCE, WAITING)
    // What the back end refuses it has answered.
    this.#breaker = circuitBreaker(
      handleWhen((error) => !(error instanceof NexusError) || error.reason === 'MOUNT_UNAVAILABLE'),
      { halfOpenAfter: options.pauseMs, breaker: new ConsecutiveBreaker(FAILURES) },
    )
  }

  get realDirectories(): boolean {
    return this.#connector.realDirectories
  }

  stat(key: string): Promise<BackendEntry | null> {
    return this.#run((signal) => this.#connector.stat(key, signal))
  }

  list(key: string, deep: boolean, from: unknown): Promise<BackendPage> {
    return this.#run((signal) => this.#connector.list(key, deep, from, signal))
  }

  /** The bytes end with an error where they do not keep coming. */
  async read(key: string): Promise<BackendContent | null> {
    const whole = new AbortController()
    const found = await this.#run(async (signal) => {
      signal.addEventListener('abort', () => whole.abort(), { once: true })
      const answer = await this.#connector.read(key, whole.signal)
      // It was given up, and nobody takes it.
      if (signal.aborted) answer?.bytes.on('error', nobodyListens).destroy()
      return answer
    })
    if (found === null) return null
    return { ...found, bytes: this.#whileComing(found.bytes, whole) }
  }

  write(key: string, content: NewBackendContent): Promise<BackendEntry> {
    return this.#run((signal) => this.#connector.write(key, content, signal), content.size / SLOWEST)
  }

  makeDirectory(key: string): Promise<void> {
    return this.#run((signal) => this.#connector.makeDirectory(key, signal))
  }

  /** A tree takes the longer the larger it is, which nobody knows. */
  remove(key: string, kind: BackendEntry['kind']): Promise<void> {
    return this.#run((signal) => this.#connector.remove(key, kind, signal), kind === 'directory' ? TREE_MS : 0)
  }

  rename(from: string, to: string, kind: BackendEntry['kind']): Promise<void> {
    return this.#run((signal) => this.#connector.rename(from, to, kind, signal), kind === 'directory' ? TREE_MS : 0)
  }

  /** In all directories, until it is told to stop. Answers how many files. */
  async removeTorn(before: number, stop?: AbortSignal): Promise<number> {
    let removed = 0
    for (let from: unknown = null; ; ) {
      const last = from
      const page = await this.#run((signal) => this.#connector.removeTorn?.(before, last, signal) ?? NOTHING_TORN)
      removed += page.removed
      from = page.next
      if (from === null || stop?.aborted === true) return removed
    }
  }

  close(): Promise<void> {
    return this.#connector.close()
  }

  /** @throws NexusError as Connector, and MOUNT_UNAVAILABLE */
  async #run<T>(call: (signal: AbortSignal) => Promise<T>, extraMs = 0): Promise<T> {
    try {
      if (this.#stuck >= STUCK) throw this.#unavailable('has not ended calls that were given up', null)
      return await this.#bulkhead.execute(() => this.#breaker.execute(() => this.#inTime(call, extraMs)))
    } catch (error) {
      if (error instanceof NexusError) throw error
      if (error instanceof BrokenCircuitError) {
        throw this.#unavailable(
          `has failed several times and is left alone for up to ${this.#options.pauseMs} ms`,
          null,
        )
      }
      if (error instanceof BulkheadRejectedError) throw this.#unavailable('has too many calls waiting', null)
      throw this.#unavailable(`failed: ${withoutSecrets(error).message}`, error)
    }
  }

  async #inTime<T>(call: (signal: AbortSignal) => Promise<T>, extraMs: number): Promise<T> {
    const limit = this.#options.timeoutMs + extraMs
    const stop = new AbortController()
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      reject(this.#unavailable(`did not answer within ${Math.round(limit)} ms`, null))
      stop.abort()
    }, limit)
    const answer = call(stop.signal)
    try {
      return await Promise.race([answer, late])
    } catch (error) {
      if (stop.signal.aborted) this.#waitFor(answer)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #waitFor(answer: Promise<unknown>): void {
    this.#stuck++
    const ended = (): void => void this.#stuck--
    answer.then(ended, ended)
  }

  #whileComing(bytes: Readable, whole: AbortController): Readable {
    // Without a listener its error would end the process, if it comes before somebody reads.
    const through = new PassThrough().on('error', nobodyListens)
    const stall = setTimeout(() => {
      through.destroy(this.#unavailable('stopped in the middle of a file', null))
    }, this.#options.timeoutMs)
    through.on('close', () => {
      clearTimeout(stall)
      bytes.destroy()
      whole.abort()
    })
    // A reader who is slow is not a back end that is.
    bytes.on('data', () => void stall.refresh())
    bytes.on('error', (error) => through.destroy(this.#unavailable(`failed: ${withoutSecrets(error).message}`, error)))
    return bytes.pipe(through)
  }

  #unavailable(what: string, cause: unknown): NexusError {
    const message = `The back end of the mount '${this.#options.mountPoint}' ${what}; all else works.`
    return new NexusError('MOUNT_UNAVAILABLE', message, cause === null ? {} : { cause: withoutSecrets(cause) })
  }
}

function nobodyListens(): void {
  // Those who read are told by what they read with.
}

const NOTHING_TORN: Promise<TornPage> = Promise.resolve({ removed: 0, next: null })
/** What a whole tree may take longer than a file, in milliseconds. */
const TREE_MS = 60_000
