import { setTimeout as delay } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { applyEntry } from './apply-entry.ts'
import { notingPermissions } from '../permissions/noting-permissions.ts'
import { RevisionNotes } from '../permissions/revision-notes.ts'
import type { OutboxEntry } from './entry.ts'
import { judge } from './failures.ts'
import type { OutboxOptions } from './applier.ts'
import { inRuns } from './runs.ts'
import { LEASE_MS, nextEntries, progress } from './scripts.ts'
import { Waiters } from './waiters.ts'

/** First and last pause between attempts, in milliseconds. */
const FIRST_PAUSE_MS = 10
const LAST_PAUSE_MS = 500
/** Another gateway holds the lease: how often to look whether it is done. */
const POLL_MS = 10
const RENEW_MS = LEASE_MS / 4
/** Applied rows are harmless; on SQLite they wait this long for each other, so that one commit deletes many. */
const FINISH_DELAY_MS = 200
/** How many errors of dropped entries are remembered for those who may still wait. */
const REMEMBERED = 1_000

/** Applies the entries of one tenant in their order, and lets requests wait for them. */
export class TenantQueue {
  readonly #tenant: string
  readonly #options: OutboxOptions
  readonly #stop: AbortSignal
  readonly #stopped: Promise<false>
  readonly #waiters = new Waiters()
  readonly #dropped = new Map<number, NexusError>()
  /** Everything through this was applied. */
  #applied = 0
  #revisions: RevisionNotes | null = null
  /** Applied rows through this are deleted. */
  #finished = 0
  /** PostgreSQL: when our lease ends, by performance.now(). */
  #leaseEnd = 0
  #running: Promise<void> | undefined
  #again = false
  #finishTimer: NodeJS.Timeout | undefined

  /** `stopped` resolves when `stop` is aborted. */
  constructor(tenant: string, options: OutboxOptions, stop: AbortSignal, stopped: Promise<false>) {
    this.#tenant = tenant
    this.#options = options
    this.#stop = stop
    this.#stopped = stopped
  }

  get applied(): number {
    return this.#applied
  }

  /**
   * Revisions no older than that of any entry which was applied; null if another process applied the latest.
   * Only what a request has changed in the tenant itself is certain to be among them.
   */
  get revisions(): RevisionNotes | null {
    return this.#revisions
  }

  get idle(): boolean {
    return this.#running === undefined && this.#waiters.size === 0 && this.#finishTimer === undefined
  }

  /**
   * Resolves when the entry was applied.
   * @param deadline milliseconds since 1970
   * @throws NexusError UNAVAILABLE at the deadline, or when this process stops; INTERNAL if the entry could not be
   * applied and was dropped
   */
  settled(seq: number, deadline: number): Promise<void> {
    const dropped = this.#dropped.get(seq)
    if (dropped !== undefined) return Promise.reject(dropped)
    if (seq <= this.#applied) return Promise.resolve()
    if (this.#stop.aborted) return Promise.reject(leftToTheNext())
    const settled = this.#waiters.wait(seq, deadline)
    this.wake()
    return settled
  }

  /** A commit of this process has taken the lease with it. */
  leased(): void {
    this.#leaseEnd = performance.now() + LEASE_MS / 2
  }

  wake(): void {
    this.#again = true
    this.#running ??= this.#run()
  }

  /** Resolves when nothing runs any more; for closing, after the stop signal. */
  async close(): Promise<void> {
    await this.#running
    this.#waiters.rejectAll(leftToTheNext())
    clearTimeout(this.#finishTimer)
    await this.#finish(true).catch(() => undefined)
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (this.#again && !this.#stop.aborted) {
      this.#again = false
      try {
        if (await this.#round()) this.#again = true
        pause = FIRST_PAUSE_MS
      } catch (error) {
        this.#options.logger.error({ err: error, tenant: this.#tenant }, 'outbox: the database failed; trying again')
        this.#again = true
        await this.#pause(pause)
        pause = Math.min(pause * 2, LAST_PAUSE_MS)
      }
    }
    this.#running = undefined
  }

  /** Applies what there is; true if there may be more to do. */
  async #round(): Promise<boolean> {
    if (!this.#holds()) return this.#watch()
    const entries = await this.#options.db.read(() => nextEntries(this.#tenant, this.#applied))
    if (entries.length === 0) {
      // What an earlier process applied is not there any more for this one to see.
      if (this.#waiters.size > 0) await this.#catchUp()
      return this.#options.shared ? this.#finish() : this.#finishLater()
    }
    const renewal = this.#options.shared ? setInterval(() => void this.#renew(), RENEW_MS) : undefined
    try {
      for (const run of inRuns(entries)) {
        if (this.#stop.aborted) return false
        const made = new RevisionNotes()
        const applied = await Promise.all(run.map((entry) => this.#applyOne(entry, made)))
        const open = applied.indexOf(false)
        const last = run.at(open === -1 ? run.length - 1 : open - 1)
        if (open !== 0 && last !== undefined) this.#advance(last.seq, made)
        if (open !== -1) return true
      }
    } finally {
      clearInterval(renewal)
    }
    return true
  }

  /** Tries until the entry was applied or dropped; false if it must be left to whoever holds the lease now. */
  async #applyOne(entry: OutboxEntry, made: RevisionNotes): Promise<boolean> {
    let pause = FIRST_PAUSE_MS
    for (let attempt = 1; !this.#stop.aborted; attempt++) {
      if (!this.#holds()) return false
      try {
        return await this.#attempt(entry, made)
      } catch (cause) {
        const { verdict, error } = judge(cause, attempt)
        if (verdict === 'done') return true
        if (verdict === 'drop') return await this.#drop(entry, error)
        const { logger } = this.#options
        const fields = { err: cause, tenant: entry.tenant, entry: entry.entryId, attempt }
        if (attempt === 1 || attempt % 20 === 0)
          logger.warn(fields, 'outbox: an entry could not be applied; trying again')
        await this.#pause(pause)
        pause = Math.min(pause * 2, LAST_PAUSE_MS)
      }
    }
    return false
  }

  /** False if this process stops first: whoever starts next applies the entry again, which changes nothing. */
  async #attempt(entry: OutboxEntry, made: RevisionNotes): Promise<boolean> {
    const { db, permissions } = this.#options
    const applied = applyEntry({ db, permissions: notingPermissions(permissions, () => made) }, entry).then(() => true)
    applied.catch(() => undefined)
    return await Promise.race([applied, this.#stopped])
  }

  /** An entry that can never be applied must not keep the tenant waiting for ever. */
  async #drop(entry: OutboxEntry, error: NexusError): Promise<true> {
    const { db, logger } = this.#options
    const { tenant, entryId, changes } = entry
    logger.error(
      { err: error, tenant, entry: entryId, changes },
      'outbox: an entry can never be applied and was dropped',
    )
    await db.write(
      'auditDroppedEntry',
      {
        tenant,
        entryId: uuidv7(),
        at: Date.now(),
        actor: 'system:outbox',
        keyId: null,
        requestId: entryId,
        action: 'outbox_drop',
        path: null,
        outcome: 'failed',
        detail: JSON.stringify({ reason: error.reason, message: error.message, changes }),
      },
      { group: tenant },
    )
    this.#dropped.set(
      entry.seq,
      new NexusError('INTERNAL', `The change was made, but its permissions could not be: ${error.message}`, {
        cause: error,
      }),
    )
    for (const seq of this.#dropped.keys()) if (this.#dropped.size > REMEMBERED) this.#dropped.delete(seq)
    return true
  }

  #advance(through: number, revisions: RevisionNotes | null): void {
    if (through > this.#applied) {
      this.#applied = through
      if (revisions === null || revisions.has(this.#tenant)) this.#revisions = revisions
      else this.#revisions?.adopt(revisions)
    }
    this.#waiters.settle(this.#applied, this.#dropped)
  }

  /** Whether this process may apply now. */
  #holds(): boolean {
    return !this.#options.shared || performance.now() < this.#leaseEnd
  }

  async #renew(): Promise<boolean> {
    const { db, ownerId } = this.#options
    const asked = performance.now()
    try {
      // In the tenant's own group, so that a late renewal can never take back a lease that was given back after it.
      const held = await db.write(
        'leaseOutbox',
        { tenant: this.#tenant, owner: ownerId, now: Date.now() },
        { group: this.#tenant },
      )
      // Half of it, so that the end comes for us long before it comes for the others.
      this.#leaseEnd = held ? asked + LEASE_MS / 2 : 0
      return held
    } catch (error) {
      this.#options.logger.warn({ err: error, tenant: this.#tenant }, 'outbox: the lease could not be renewed')
      return false
    }
  }

  /** Another gateway applies: sees how far it is, and takes over if it is dead. */
  async #watch(): Promise<boolean> {
    const { db, ownerId } = this.#options
    const { applied, more, free } = await db.read(() => progress(this.#tenant, ownerId))
    this.#advance(applied, null)
    if (!more) return false
    if (free) return (await this.#renew()) || this.#waiters.size > 0
    if (this.#waiters.size === 0) return false
    await this.#pause(POLL_MS)
    return true
  }

  async #catchUp(): Promise<void> {
    const { db, ownerId } = this.#options
    const { applied } = await db.read(() => progress(this.#tenant, ownerId))
    this.#advance(applied, null)
  }

  #finishLater(): false {
    if (this.#applied > this.#finished) {
      this.#finishTimer ??= setTimeout(() => {
        this.#finishTimer = undefined
        this.#finish().catch((error: unknown) => {
          this.#options.logger.warn(
            { err: error, tenant: this.#tenant },
            'outbox: applied entries could not be deleted',
          )
        })
      }, FINISH_DELAY_MS)
    }
    return false
  }

  /** Deletes applied rows and, on PostgreSQL, gives the lease back if none is left; true if there are more. */
  async #finish(release = false): Promise<boolean> {
    const { db, ownerId, shared } = this.#options
    const through = this.#applied
    if (!shared && through <= this.#finished) return false
    const owner = shared ? ownerId : null
    const request = { tenant: this.#tenant, owner, through, now: Date.now(), release }
    const more = await db.write('finishOutbox', request, { group: this.#tenant })
    this.#finished = through
    if (!more) this.#leaseEnd = 0
    return more
  }

  async #pause(milliseconds: number): Promise<void> {
    await delay(milliseconds * (0.5 + Math.random()), undefined, { signal: this.#stop }).catch(() => undefined)
  }
}

function leftToTheNext(): NexusError {
  return new NexusError('UNAVAILABLE', 'The server is shutting down; the change will be completed.')
}
