import type { Logger } from '../../common/log.ts'
import type { RelationshipStore } from '../store/contract.ts'
import type { TenantRegistry } from './tenant-registry.ts'

const INTERVAL_MS = 60_000
const KEY_RETENTION_MS = 7 * 24 * 3_600_000

/** In milliseconds. */
export interface HousekeepingTimes {
  readonly logRetentionMs: number
  /** How long an idempotency key is remembered. @default seven days */
  readonly keyRetentionMs?: number
  /** From the end of one cleaning to the next. @default a minute */
  readonly intervalMs?: number
}

export interface HousekeepingOptions extends HousekeepingTimes {
  readonly store: RelationshipStore
  readonly tenants: TenantRegistry
  readonly logger: Logger
}

/** Removes what is over: expired relationships, old log entries and idempotency keys. */
export class Housekeeping {
  readonly #options: HousekeepingOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: HousekeepingOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Resolves when nothing of it uses the store any more. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#running = this.#clean().finally(() => this.#schedule())
    }, this.#options.intervalMs ?? INTERVAL_MS)
    this.#timer.unref()
  }

  async #clean(): Promise<void> {
    const { store, tenants, logger, logRetentionMs, keyRetentionMs = KEY_RETENTION_MS } = this.#options
    const now = Date.now()
    try {
      for (const { tenant, ...result } of await store.collectExpired(now)) tenants.written(tenant, result)
      await store.trim({ logBefore: now - logRetentionMs, keysBefore: now - keyRetentionMs })
    } catch (error) {
      logger.warn({ err: error }, 'cleaning the permission database failed; it is tried again')
    }
  }
}
