import type { Logger } from '../../services/common/log.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { NotesNow } from '../permissions/noting-permissions.ts'
import type { RevisionNotes } from '../permissions/revision-notes.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { OutboxReceipt } from './entry.ts'
import { pendingSeq, tenantsWithEntries } from './scripts.ts'
import { TenantQueue } from './tenant-queue.ts'

/** How often a gateway looks for entries that nobody applies, in milliseconds. */
const SWEEP_MS = 1_000
const QUEUES_KEPT = 10_000
/** How long an answer waits for the name of the revision that it has made, in milliseconds. */
const HEAD_TIMEOUT_MS = 1_000

export interface OutboxApplierOptions {
  readonly db: GatewayDatabase
  readonly permissions: Permissions
  readonly logger: Pick<Logger, 'warn' | 'error'>
  /** Names this process among the gateways of a database. */
  readonly ownerId: string
  /** Where what a request has changed is noted when it was applied. @default nowhere */
  readonly notesNow?: NotesNow
}

/** Options with what follows from the engine. */
export interface OutboxOptions extends OutboxApplierOptions {
  /** Other processes may apply entries of the same database. */
  readonly shared: boolean
}

/** Brings committed changes of permissions to the permission service, in order. */
export interface Outbox {
  /** What commands put into `leaseOwner`. */
  readonly leaseOwner: string | null
  /** Entries through this one are known to be applied, whatever rows are still there. */
  appliedThrough(tenant: string): number
  /**
   * A command of this process has committed an entry: applies it, and resolves when that is done.
   * @throws NexusError UNAVAILABLE at the deadline (it will still be applied), INTERNAL if it can never be applied
   */
  committed(receipt: OutboxReceipt, deadline: number): Promise<void>
  /** Waits for an entry of whomever. @throws NexusError UNAVAILABLE at the deadline */
  passed(tenant: string, seq: number, deadline: number): Promise<void>
  /** Waits until no entry closes a path. @throws NexusError UNAVAILABLE at the deadline */
  opened(tenant: string, path: string, deadline: number): Promise<void>
  close(): Promise<void>
}

/** Starts applying; what an earlier process left comes first. */
export function startOutboxApplier(options: OutboxApplierOptions): Outbox {
  return new OutboxApplier({ ...options, shared: options.db.dialect === 'postgres' })
}

class OutboxApplier implements Outbox {
  readonly #options: OutboxOptions
  readonly #stop = new AbortController()
  readonly #stopped = new Promise<false>((resolve) => {
    this.#stop.signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  readonly #queues = new Map<string, TenantQueue>()
  readonly #timer: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined
  #sweeping: Promise<void>

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#sweeping = this.#sweep(Date.now())
    if (options.shared) {
      this.#timer = setInterval(() => {
        this.#sweeping = this.#sweeping.then(() => this.#sweep(Date.now() - SWEEP_MS))
      }, SWEEP_MS)
      this.#timer.unref()
    }
  }

  get leaseOwner(): string | null {
    return this.#options.shared ? this.#options.ownerId : null
  }

  appliedThrough(tenant: string): number {
    return this.#queues.get(tenant)?.applied ?? 0
  }

  async committed(receipt: OutboxReceipt, deadline: number): Promise<void> {
    const queue = this.#queue(receipt.tenant)
    if (receipt.leased) queue.leased()
    await queue.settled(receipt.seq, deadline)
    const notes = this.#options.notesNow?.()
    if (notes === undefined) return
    if (queue.revisions !== null) notes.adopt(queue.revisions)
    else await this.#noteHead(receipt.tenant, notes)
  }

  /** Another gateway has applied an entry: what is there now is no older. */
  async #noteHead(tenant: string, notes: RevisionNotes): Promise<void> {
    try {
      notes.note(tenant, await this.#options.permissions.head(tenant, Date.now() + HEAD_TIMEOUT_MS))
    } catch (error) {
      // The change was made: that it cannot be named is no reason to call it a failure.
      this.#options.logger.warn({ err: error, tenant }, 'outbox: the revision of a change is not known')
    }
  }

  async passed(tenant: string, seq: number, deadline: number): Promise<void> {
    try {
      await this.#queue(tenant).settled(seq, deadline)
    } catch (error) {
      // A dropped entry is its own request's trouble; the path is open again.
      if (this.appliedThrough(tenant) < seq) throw error
    }
  }

  async opened(tenant: string, path: string, deadline: number): Promise<void> {
    for (;;) {
      const seq = await this.#options.db.read(() => pendingSeq(tenant, path, this.appliedThrough(tenant)), { deadline })
      if (seq === null) return
      await this.passed(tenant, seq, deadline)
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#sweeping
    await Promise.all(this.#queues.values().map((queue) => queue.close()))
  }

  async #sweep(before: number): Promise<void> {
    try {
      const tenants = await this.#options.db.read(() => tenantsWithEntries(before))
      for (const tenant of tenants) this.#queue(tenant).wake()
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#options.logger.warn({ err: error }, 'outbox: the sweep failed; it will be repeated')
    }
  }

  #queue(tenant: string): TenantQueue {
    let queue = this.#queues.get(tenant)
    if (queue === undefined) {
      if (this.#queues.size >= QUEUES_KEPT) {
        for (const [name, other] of this.#queues) if (other.idle) this.#queues.delete(name)
      }
      queue = new TenantQueue(tenant, this.#options, this.#stop.signal, this.#stopped)
      this.#queues.set(tenant, queue)
    }
    return queue
  }
}
