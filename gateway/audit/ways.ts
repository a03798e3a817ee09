import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../../services/common/log.ts'
import type { CallContext } from '../context.ts'
import type { PermissionQuestion } from '../permissions/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { FindWay } from './find-way.ts'
import type { WayRow } from './way-rows.ts'

/** So many explanations are asked for at once: they must not keep checks waiting. */
const AT_ONCE = 4
/** How many may wait; of more than these the trail does not say the way. */
const QUEUE_LIMIT = 10_000
/** Of one call about many objects, the first so many. */
const PER_CALL = 100
/** An explanation is waited for this long, in milliseconds. */
const PATIENCE_MS = 5_000
/** A way that is known waits at most this long for its batch, in milliseconds. */
const FLUSH_MS = 250
/** One who reads the trail waits at most this long for what is being found out, in milliseconds. */
const FLUSH_PATIENCE_MS = 1_000

/**
 * Finds out by which relationships changes are allowed, beside the changes themselves: nothing waits for it. What a crash
 * or too much load takes away is a way that the trail does not tell, and never a row.
 */
export interface Ways {
  /** Something is about to be changed by this right. `object` is as in the audit row, or lies above it. */
  note(context: CallContext, object: string, question: PermissionQuestion): void
  /** Resolves when all that was noted so far can be read, or after a second. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface WaysOptions {
  readonly db: GatewayDatabase
  readonly find: FindWay
  /** Is told of ways that could not be found out or kept. */
  readonly logger: Logger
}

export function createWays(options: WaysOptions): Ways {
  return new ExplainedWays(options)
}

class ExplainedWays implements Ways {
  readonly #options: WaysOptions
  readonly #noted = new WeakMap<CallContext, Set<string>>()
  #waiting: (() => Promise<void>)[] = []
  readonly #running = new Set<Promise<void>>()
  #found: WayRow[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(options: WaysOptions) {
    this.#options = options
  }

  note(context: CallContext, object: string, question: PermissionQuestion): void {
    const noted = this.#noted.get(context) ?? new Set()
    this.#noted.set(context, noted)
    if (noted.has(object) || noted.size >= PER_CALL) return
    noted.add(object)
    if (this.#waiting.length >= QUEUE_LIMIT) return this.#lose(1)
    this.#waiting.push(() => this.#explain(context, object, question))
    this.#work()
  }

  async flush(): Promise<void> {
    const until = new AbortController()
    const timeUp = delay(FLUSH_PATIENCE_MS, undefined, { signal: until.signal }).catch(() => undefined)
    const settled = async (): Promise<void> => {
      while (this.#running.size > 0) await Promise.race(this.#running)
    }
    await Promise.race([settled(), timeUp])
    until.abort()
    await this.#write()
  }

  async close(): Promise<void> {
    if (this.#waiting.length > 0) this.#lose(this.#waiting.length)
    this.#waiting = []
    await this.flush()
  }

  #work(): void {
    while (this.#running.size < AT_ONCE) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      const run = next().finally(() => {
        this.#running.delete(run)
        this.#work()
      })
      this.#running.add(run)
    }
  }

  async #explain({ scope, now, requestId }: CallContext, object: string, question: PermissionQuestion): Promise<void> {
    try {
      const patient = { ...scope, deadline: Date.now() + PATIENCE_MS }
      const way = await this.#options.find(question, patient)
      // Taken back in the same moment: what was, cannot be told any more.
      if (way === null) return
      this.#found.push({ tenant: question.tenant, at: now, requestId, object, way })
      this.#timer ??= setTimeout(() => void this.#write(), FLUSH_MS)
    } catch (error) {
      this.#lose(1, error)
    }
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const rows = this.#found
    this.#found = []
    if (rows.length === 0) return this.#writing
    const keep = async (): Promise<void> => {
      try {
        await this.#options.db.write('keepWays', rows, { group: 'audit' })
      } catch (error) {
        this.#lose(rows.length, error)
      }
    }
    this.#writing = this.#writing.then(keep)
    return this.#writing
  }

  #lose(count: number, error?: unknown): void {
    this.#options.logger.warn({ count, err: error }, 'the audit trail does not tell by which way something was allowed')
  }
}
