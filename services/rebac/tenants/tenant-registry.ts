import { NexusError } from '../../common/errors/nexus-error.ts'
import type { Logger } from '../../common/log.ts'
import { withDeadline } from '../../common/grpc/deadline.ts'
import type { Schema } from '../schema/schema.ts'
import type { ReadResult, RelationshipStore, WriteResult } from '../store/contract.ts'
import type { Freshness } from './freshness.ts'
import { type ConfirmedHead, HeadConfirmer } from './head-confirmer.ts'
import type { HeadNotices } from './head-notices.ts'
import { fittingRelationships } from './fitting.ts'
import { HeadSignals } from './head-signals.ts'
import { Residency } from './residency.ts'
import { ResidentTenant } from './resident-tenant.ts'
import { goOnResident } from './go-on-resident.ts'
import { SchemaLibrary } from './schema-library.ts'
import { Snapshots } from './snapshots.ts'
import { Sequence } from './sequence.ts'
import { type EarlierPage, StoreBackedTenants, type StoreWork } from './store-backed-tenants.ts'
import type { EvaluationView, TenantState, TenantView, Work } from './tenant-view.ts'

/** How long a replica of a shared store may answer without having confirmed that it is up to date, in milliseconds. */
const MAX_UNCONFIRMED_MS = 10_000
const POLL_MS = 1_000
/** How much of the memory budget older states of tenants may take beside it. */
const SNAPSHOT_SHARE = 0.25
/** After this long a tenant that did not fit is counted again, in milliseconds. */
const RECOUNT_MS = 600_000
/** It comes back only if it leaves some room, so that it does not go to and fro. */
const ROOM = 0.8

export interface TenantRegistryOptions {
  readonly store: RelationshipStore
  readonly memoryBudgetBytes: number
  readonly logger: Logger
  /** Wakes this replica when another one wrote; without it only asking does. */
  readonly notices?: HeadNotices
  /** How often heads of a shared store are asked for in the background, in milliseconds. @default 1000 */
  readonly pollMs?: number
}

/**
 * The tenants: those in memory loaded when asked for, kept up to date by revision, as fresh as each question needs;
 * those that do not fit evaluated from the store.
 */
export class TenantRegistry {
  readonly schemas: SchemaLibrary
  readonly #store: RelationshipStore
  readonly #exclusive: boolean
  readonly #residency: Residency
  readonly #budgetBytes: number
  readonly #sequence = new Sequence()
  readonly #heads: HeadConfirmer
  readonly #signals = new HeadSignals()
  readonly #notices: HeadNotices | undefined
  readonly #pollMs: number
  readonly #loading = new Map<ResidentTenant, Promise<void>>()
  readonly #snapshots: Snapshots
  readonly #storeBacked: StoreBackedTenants
  /** Tenants that do not fit, with the time when they were counted, in milliseconds since 1970. */
  readonly #tooLarge = new Map<string, number>()
  readonly #logger: Logger
  #poll: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: TenantRegistryOptions) {
    this.#store = options.store
    this.#exclusive = options.store.sharing === 'exclusive'
    this.#budgetBytes = options.memoryBudgetBytes
    this.#residency = new Residency(options.memoryBudgetBytes)
    this.#heads = new HeadConfirmer(options.store, this.#sequence)
    this.schemas = new SchemaLibrary(options.store)
    this.#snapshots = new Snapshots(options.store, this.schemas, options.memoryBudgetBytes * SNAPSHOT_SHARE)
    this.#storeBacked = new StoreBackedTenants(options.store, this.schemas, options.memoryBudgetBytes)
    this.#logger = options.logger
    this.#pollMs = options.pollMs ?? POLL_MS
    this.#notices = options.notices
    this.#notices?.listen(
      (tenant, revision) => void this.#noticed(tenant, revision),
      () => void this.#catchUp(),
    )
    this.#schedulePoll()
  }

  get residentTenants(): number {
    return this.#residency.size
  }

  get residentBytes(): number {
    return this.#residency.memoryBytes
  }

  /** Tenants that do not fit in memory. */
  get storeBackedTenants(): number {
    return this.#tooLarge.size
  }

  get storeWork(): StoreWork {
    return this.#storeBacked.work
  }

  /** The tenant as fresh as asked for if that needs no waiting, else null: the way of almost all questions. */
  viewNow(tenant: string, freshness: Freshness): TenantView | null {
    const resident = this.#residency.get(tenant)
    if (resident === undefined || resident.view === null || resident.distrusted) return null
    if (freshness.kind === 'atLeast' && resident.revision >= freshness.revision) return this.#used(resident)
    if (!this.#exclusive || freshness.kind === 'exactly' || freshness.kind === 'atLeast') return null
    return resident.revision >= resident.knownHead ? this.#used(resident) : null
  }

  /**
   * The tenant in memory, as fresh as asked for; valid until the current turn of the event loop ends. Null if it does
   * not fit.
   * @throws NexusError TOKEN_FROM_FUTURE, UNAVAILABLE, DEADLINE_EXCEEDED, and for exact snapshots
   *   REVISION_TRIMMED, NODE_BUDGET_EXCEEDED
   */
  async view(tenant: string, freshness: Freshness, deadline: number): Promise<TenantView | null> {
    const arrivedAt = this.#sequence.next()
    return this.viewNow(tenant, freshness) ?? withDeadline(this.#freshView(tenant, freshness, arrivedAt), deadline)
  }

  /** The tenant's revision and schema, as fresh as asked for. @throws NexusError as view */
  async state(tenant: string, freshness: Freshness, deadline: number): Promise<TenantState> {
    const view = await this.view(tenant, freshness, deadline)
    return view ?? withDeadline(this.#storeBacked.state(tenant, freshness, deadline), deadline)
  }

  /**
   * Runs work on the tenant, as fresh as asked for, in memory or from the store.
   * @throws NexusError as view, and what the work throws; NODE_BUDGET_EXCEEDED if it needs more of a tenant that is not
   *   in memory than may be fetched
   */
  async evaluate<T>(
    tenant: string,
    freshness: Freshness,
    deadline: number,
    work: (view: EvaluationView) => Work<T>,
  ): Promise<T> {
    const view = await this.view(tenant, freshness, deadline)
    if (view === null) {
      return withDeadline(this.#storeBacked.evaluate(tenant, freshness, deadline, work), deadline)
    }
    const begun = work(view)
    // What ends within a turn waits for nobody, and nobody for it.
    const step = begun.next()
    if (step.done === true) return step.value
    const resident = this.#residency.get(tenant)
    if (resident === undefined || !this.holdsChangesBack(view)) return goOnResident(view, begun)
    const changed = await withDeadline(this.#afterChanges(resident, freshness), deadline)
    return goOnResident(changed, work(changed))
  }

  /**
   * Whether changes wait for others who work on this view. Work of more than one turn must then begin anew after them:
   * else those who come one after another would hold them back for ever.
   */
  holdsChangesBack(view: TenantView): boolean {
    const resident = this.#residency.get(view.tenant)
    return resident?.view === view && resident.holdsChangesBack
  }

  /** A page of relationships at an exact revision, from the store. @throws NexusError as view */
  readEarlier(tenant: string, page: EarlierPage, deadline: number): Promise<ReadResult> {
    return withDeadline(this.#storeBacked.readEarlier(tenant, page, deadline), deadline)
  }

  /** Takes over what a write of this process changed. Results may come in any order. */
  written(tenant: string, result: Pick<WriteResult, 'revision' | 'changes'>): void {
    const resident = this.#residency.get(tenant)
    // Without changes the revision is that of an earlier write, whose changes come by themselves or from the log.
    if (result.changes.length === 0) resident?.noteHead(result.revision)
    else resident?.offer(result.revision, { changes: result.changes, schema: null })
    this.#signals.observe(tenant, result.revision)
    if (result.changes.length > 0) this.#notices?.announce(tenant, result.revision)
  }

  schemaWritten(tenant: string, revision: number, version: string, compiled: Schema): void {
    this.#residency.get(tenant)?.offer(revision, { changes: [], schema: { version, compiled } })
    this.#signals.observe(tenant, revision)
    this.#notices?.announce(tenant, revision)
  }

  /** A write failed in a way that leaves open whether it was committed: the database has to be asked. */
  distrust(tenant: string): void {
    const resident = this.#residency.get(tenant)
    if (resident !== undefined) resident.distrusted = true
    this.#signals.wake(tenant)
  }

  /** Calls back whenever a tenant may have a new revision, until the returned function is called. */
  onHead(tenant: string, wake: () => void): () => void {
    return this.#signals.subscribe(tenant, wake)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#poll)
  }

  async #freshView(tenant: string, freshness: Freshness, arrivedAt: number): Promise<TenantView | null> {
    const resident = await this.#resident(tenant)
    if (resident === null) return null
    if (this.#mustConfirm(resident, freshness, arrivedAt)) resident.confirm(await this.#confirmedHead(tenant))
    if (freshness.kind === 'minimizeLatency') this.#requireConfirmed(resident)
    else await resident.follow(requiredRevision(resident, freshness))
    const view = this.#used(resident)
    if (freshness.kind !== 'exactly' || view.revision === freshness.revision) return view
    return this.#snapshots.view(tenant, freshness.revision)
  }

  /** The tenant after what waits now, or at an exact revision as it was before. */
  async #afterChanges(resident: ResidentTenant, freshness: Freshness): Promise<TenantView> {
    await resident.follow(resident.knownHead)
    if (freshness.kind === 'exactly') return this.#snapshots.view(resident.tenant, freshness.revision)
    return this.#used(resident)
  }

  /** Whether the database must say what the newest revision is, after the question arrived. */
  #mustConfirm(resident: ResidentTenant, freshness: Freshness, arrivedAt: number): boolean {
    if (resident.confirmedSince(arrivedAt)) return false
    if (resident.distrusted) return true
    if (freshness.kind === 'minimizeLatency') return false
    if (freshness.kind === 'fullyConsistent') return !this.#exclusive
    return resident.revision < freshness.revision
  }

  #requireConfirmed(resident: ResidentTenant): void {
    if (this.#exclusive || Date.now() - resident.confirmedMs <= MAX_UNCONFIRMED_MS) return
    throw new NexusError('UNAVAILABLE', 'This replica has not reached the database for 10 s and may be out of date.')
  }

  /** Null if the tenant does not fit. */
  async #resident(tenant: string): Promise<ResidentTenant | null> {
    if (this.#tooLarge.has(tenant)) return null
    let resident = this.#residency.get(tenant)
    if (resident === undefined) {
      resident = new ResidentTenant(tenant, this.#store, this.schemas)
      resident.lastUsed = this.#sequence.next()
      this.#residency.add(resident)
      this.#loading.set(resident, this.#load(resident))
    }
    await this.#loading.get(resident)
    return resident.view === null && this.#tooLarge.has(tenant) ? null : resident
  }

  async #load(resident: ResidentTenant): Promise<void> {
    try {
      if (await this.#store.exceeds(resident.tenant, this.#fittingRelationships())) return this.#leaveInStore(resident)
      await resident.load({ begunAt: this.#sequence.next(), begunMs: Date.now() })
    } catch (error) {
      this.#residency.remove(resident)
      throw error
    } finally {
      this.#loading.delete(resident)
    }
    this.#trim()
  }

  #used(resident: ResidentTenant): TenantView {
    resident.lastUsed = this.#sequence.next()
    if (resident.view !== null) return resident.view
    throw new NexusError('INTERNAL', 'The server failed; its log has the details.', { cause: new Error('not loaded') })
  }

  #fittingRelationships(): number {
    const graphs = this.#residency.loaded().flatMap(({ view }) => (view === null ? [] : [view.graph]))
    return fittingRelationships(this.#budgetBytes, graphs)
  }

  #leaveInStore(resident: ResidentTenant): void {
    const { tenant } = resident
    this.#residency.remove(resident)
    this.#tooLarge.set(tenant, Date.now())
    this.#logger.info({ tenant }, 'a tenant does not fit in memory and is evaluated from the database')
  }

  /** Tenants that did not fit may have shrunk, or others may have shown that they take less than was assumed. */
  async #recount(): Promise<void> {
    for (const [tenant, countedMs] of this.#tooLarge) {
      if (Date.now() - countedMs < RECOUNT_MS) continue
      this.#tooLarge.set(tenant, Date.now())
      if (await this.#store.exceeds(tenant, Math.floor(this.#fittingRelationships() * ROOM))) continue
      this.#tooLarge.delete(tenant)
      this.#logger.info({ tenant }, 'a tenant fits in memory again')
    }
  }

  #trim(): void {
    for (const resident of this.#residency.loaded()) {
      if ((resident.view?.graph.memoryBytes() ?? 0) > this.#budgetBytes) this.#leaveInStore(resident)
    }
    const evicted = this.#residency.trim()
    if (evicted > 0) this.#logger.debug({ evicted }, 'tenants left the memory')
  }

  #schedulePoll(): void {
    this.#poll = setTimeout(() => void this.#background(), this.#pollMs)
    this.#poll.unref()
  }

  async #background(): Promise<void> {
    this.#trim()
    if (!this.#exclusive) await this.#catchUp()
    try {
      await this.#recount()
    } catch (error) {
      this.#logger.warn({ err: error }, 'the tenants that do not fit in memory could not be counted')
    }
    if (!this.#closed) this.#schedulePoll()
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#followAll()
    } catch (error) {
      this.#logger.warn({ err: error }, 'the heads of the resident tenants could not be confirmed')
    }
  }

  /** Another replica says that it wrote. It may be wrong: the database is asked. */
  async #noticed(tenant: string, revision: number): Promise<void> {
    const resident = this.#residency.get(tenant)
    const isNews = resident !== undefined && resident.view !== null && resident.knownHead < revision
    if (this.#closed || !(isNews || this.#signals.isNews(tenant, revision))) return
    try {
      const confirmed = await this.#confirmedHead(tenant)
      resident?.confirm(confirmed)
      if (isNews) await resident.follow(resident.knownHead)
    } catch (error) {
      this.#logger.debug({ err: error, tenant }, 'a notice could not be followed; the next poll does it')
    }
  }

  async #followAll(): Promise<void> {
    const residents = this.#residency.loaded()
    const follow = async (resident: ResidentTenant) => {
      resident.confirm(await this.#confirmedHead(resident.tenant))
      await resident.follow(resident.knownHead)
    }
    const watched = this.#signals.tenants().map((tenant) => this.#confirmedHead(tenant))
    await Promise.all([...residents.map(follow), ...watched])
  }

  async #confirmedHead(tenant: string): Promise<ConfirmedHead> {
    const confirmed = await this.#heads.confirm(tenant)
    this.#signals.observe(tenant, confirmed.head)
    return confirmed
  }
}

/** @throws NexusError TOKEN_FROM_FUTURE if even the newest revision lies before the one that is asked for */
function requiredRevision(
  resident: ResidentTenant,
  freshness: Exclude<Freshness, { kind: 'minimizeLatency' }>,
): number {
  if (freshness.kind === 'fullyConsistent') return resident.knownHead
  if (freshness.revision <= resident.knownHead) return freshness.revision
  throw new NexusError('TOKEN_FROM_FUTURE', 'The consistency token is newer than the database.')
}
