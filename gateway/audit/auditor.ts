import { v7 as uuidv7 } from 'uuid'
import { actorName, type CallContext } from '../context.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { AuditRow } from './commands.ts'

/** A row waits at most this long for its batch, in milliseconds. */
const FLUSH_MS = 250
/** How many rows may wait; more are counted as lost. */
const QUEUE_LIMIT = 10_000
/** How many rows share a transaction. */
const BATCH = 500

/** Keeps what is not part of a change: denials, and what administrators saw by being one. */
export interface Auditor {
  /** Notes a denial; at most one row for each request. */
  denied(context: CallContext, action: string, path: string): void
  /** Notes that an administrator's right stood in for a permission; at most one row for each request. */
  bypassed(context: CallContext, action: string, path: string): void
  /** Notes something that belongs to no change and to no call. */
  note(row: AuditRow): void
  /** Writes what waits now. */
  flush(): Promise<void>
  /** Rows that could not be kept. */
  readonly lost: number
  /** Writes what waits. */
  close(): Promise<void>
}

export interface AuditorOptions {
  readonly db: GatewayDatabase
  /** Told of rows that could not be kept. */
  readonly onLost?: (count: number, error: unknown) => void
}

export function createAuditor(options: AuditorOptions): Auditor {
  return new BatchingAuditor(options)
}

class BatchingAuditor implements Auditor {
  readonly #options: AuditorOptions
  readonly #seen = { denied: new WeakSet<CallContext>(), bypass: new WeakSet<CallContext>() }
  #waiting: AuditRow[] = []
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()
  #lost = 0

  constructor(options: AuditorOptions) {
    this.#options = options
  }

  get lost(): number {
    return this.#lost
  }

  denied(context: CallContext, action: string, path: string): void {
    this.#note(context, action, path, 'denied')
  }

  bypassed(context: CallContext, action: string, path: string): void {
    this.#note(context, action, path, 'bypass')
  }

  note(row: AuditRow): void {
    if (this.#waiting.length >= QUEUE_LIMIT) return this.#lose(1, undefined)
    this.#waiting.push(row)
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS)
  }

  async flush(): Promise<void> {
    this.#flush()
    await this.#flushing
  }

  close(): Promise<void> {
    return this.flush()
  }

  #note(context: CallContext, action: string, path: string, outcome: 'denied' | 'bypass'): void {
    if (this.#seen[outcome].has(context)) return
    this.#seen[outcome].add(context)
    const { caller, requestId, now } = context
    this.note({
      tenant: caller.tenant,
      entryId: uuidv7(),
      at: now,
      actor: actorName(caller),
      keyId: caller.keyId,
      requestId,
      action,
      path,
      outcome,
      detail: null,
    })
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const rows = this.#waiting
    this.#waiting = []
    if (rows.length > 0) this.#flushing = this.#flushing.then(() => this.#write(rows))
  }

  async #write(rows: readonly AuditRow[]): Promise<void> {
    for (let start = 0; start < rows.length; start += BATCH) {
      const batch = rows.slice(start, start + BATCH)
      try {
        await this.#options.db.write('appendAudit', batch, { group: 'audit' })
      } catch (error) {
        this.#lose(batch.length, error)
      }
    }
  }

  #lose(count: number, error: unknown): void {
    this.#lost += count
    this.#options.onLost?.(count, error)
  }
}
