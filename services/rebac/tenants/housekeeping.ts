import type { Logger } from '../../common/log.ts'
import type { RelationshipStore } from '../store/contract.ts'
import type { TenantRegistry } from './tenant-registry.ts'

/** How often is cleaned, in milliseconds. */
const INTERVAL_MS = 60_000
const HOUR_MS = 3_600_000
/** How long an idempotency key is remembered, in milliseconds. */
const KEY_RETENTION_MS = 7 * 24 * HOUR_MS

export interface HousekeepingOptions {
  readonly store: RelationshipStore
  readonly tenants: TenantRegistry
  readonly logger: Logger
  readonly logRetentionHours: number
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
    }, INTERVAL_MS)
    this.#timer.unref()
  }

  async #clean(): Promise<void> {
    const { store, tenants, logger, logRetentionHours } = this.#options
    const now = Date.now()
    try {
      for (const { tenant, ...result } of await store.collectExpired(now)) tenants.written(tenant, result)
      await store.trim({ logBefore: now - logRetentionHours * HOUR_MS, keysBefore: now - KEY_RETENTION_MS })
    } catch (error) {
      logger.warn({ err: error }, 'cleaning the permission database failed; it is tried again')
    }
  }
}
