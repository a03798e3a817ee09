import { NexusError } from '../../common/errors/nexus-error.ts'
import type { TenantGraph } from '../graph/tenant-graph.ts'
import type { RelationshipChange } from '../model/relationship.ts'
import type { Schema } from '../schema/schema.ts'
import type { RelationshipStore } from '../store/contract.ts'
import type { ConfirmedHead } from './head-confirmer.ts'
import { loadGraph } from './load-graph.ts'
import type { SchemaLibrary } from './schema-library.ts'
import type { TenantView } from './tenant-view.ts'

/** How many log entries are fetched at once, at most, while catching up. */
const LOG_PAGE = 500
/** What an entry costs beside its graph, in bytes. */
const BASE_BYTES = 2_000

/** One revision of a tenant, as it is applied. */
interface Step {
  readonly changes: readonly RelationshipChange[]
  /** Set if the revision wrote a schema. */
  readonly schema: { readonly version: string; readonly compiled: Schema } | null
}

/** A tenant in memory, which follows the log revision by revision. */
export class ResidentTenant {
  readonly tenant: string
  /** In the registry's order of events. */
  lastUsed = 0
  /** A write ended without our knowing how: its head must be asked for. */
  distrusted = false
  /** The newest revision that anybody told us of. */
  #knownHead = 0
  #confirmedAt = 0
  #confirmedMs = 0
  #view: TenantView | null = null
  #steps = new Map<number, Step>()
  #pins = 0
  #unpinned: PromiseWithResolvers<void> | null = null
  #following: Promise<void> | null = null
  readonly #store: RelationshipStore
  readonly #schemas: SchemaLibrary

  constructor(tenant: string, store: RelationshipStore, schemas: SchemaLibrary) {
    this.tenant = tenant
    this.#store = store
    this.#schemas = schemas
  }

  /** What is in memory now; null while it is being loaded. */
  get view(): TenantView | null {
    return this.#view
  }

  get revision(): number {
    return this.#view?.revision ?? 0
  }

  get knownHead(): number {
    return this.#knownHead
  }

  get memoryBytes(): number {
    return BASE_BYTES + (this.#view?.graph.memoryBytes() ?? 0)
  }

  /** Whether changes wait for somebody who works on the tenant. */
  get holdsChangesBack(): boolean {
    return this.#pins > 0 && this.#knownHead > this.revision
  }

  /** Whether a head was asked for after this event. */
  confirmedSince(event: number): boolean {
    return this.#confirmedAt > event
  }

  /** When its head was last asked for, in milliseconds since 1970. */
  get confirmedMs(): number {
    return this.#confirmedMs
  }

  confirm(confirmed: ConfirmedHead): void {
    this.noteHead(confirmed.head)
    this.#confirmedAt = Math.max(this.#confirmedAt, confirmed.begunAt)
    this.#confirmedMs = Math.max(this.#confirmedMs, confirmed.begunMs)
    this.distrusted = false
  }

  noteHead(revision: number): void {
    this.#knownHead = Math.max(this.#knownHead, revision)
  }

  /** Reads everything from the store. What is there already serves on until it is replaced. */
  async load(begun: { readonly begunAt: number; readonly begunMs: number }): Promise<void> {
    const { graph, ...loaded } = await loadGraph(this.#store, this.tenant)
    graph.apply(loaded.revision, [])
    const schema = this.#schemas.compiled(this.tenant, loaded.schema)
    this.#show(loaded.revision, graph, schema, loaded.schema?.version ?? '')
    this.confirm({ head: loaded.revision, ...begun })
    for (const revision of this.#steps.keys()) if (revision <= loaded.revision) this.#steps.delete(revision)
    this.#advance()
  }

  /** Takes a revision; it is applied as soon as those before it are. */
  offer(revision: number, step: Step): void {
    this.noteHead(revision)
    if (this.#view !== null && revision <= this.#view.revision) return
    this.#steps.set(revision, step)
    this.#advance()
  }

  /**
   * Follows the log up to a revision that is known to exist.
   * @throws NexusError UNAVAILABLE and others of the store
   */
  async follow(revision: number): Promise<void> {
    while (this.revision < revision) {
      this.#following ??= this.#followOnce().finally(() => {
        this.#following = null
      })
      await this.#following
    }
  }

  async #followOnce(): Promise<void> {
    // Steps that only wait for a reader to finish need no query.
    if (!this.#steps.has(this.revision + 1)) await this.#fetch()
    if (this.#pins === 0) return
    this.#unpinned ??= Promise.withResolvers()
    await this.#unpinned.promise
  }

  async #fetch(): Promise<void> {
    const from = this.revision
    try {
      const { entries } = await this.#store.readLog(this.tenant, from, LOG_PAGE)
      for (const { revision, changes, schemaVersion: version } of entries) {
        const compiled = version === '' ? null : await this.#schemas.version(this.tenant, version)
        this.offer(revision, { changes, schema: compiled === null ? null : { version, compiled } })
      }
      if (entries[0]?.revision === from + 1 || this.revision > from) return
    } catch (error) {
      if (!(error instanceof NexusError && error.reason === 'REVISION_TRIMMED')) throw error
    }
    // The log does not reach back to where we are.
    await this.load({ begunAt: this.#confirmedAt, begunMs: this.#confirmedMs })
    if (this.revision > from) return
    throw new NexusError('INTERNAL', 'The server failed; its log has the details.', {
      cause: new Error(`tenant ${this.tenant}: revision ${this.#knownHead} is known, ${from} is stored`),
    })
  }

  #advance(): void {
    if (this.#view === null || this.#pins > 0) return
    let { revision, schema, schemaVersion } = this.#view
    const { graph } = this.#view
    for (let step = this.#steps.get(revision + 1); step !== undefined; step = this.#steps.get(revision + 1)) {
      revision += 1
      this.#steps.delete(revision)
      graph.apply(revision, step.changes)
      if (step.schema !== null) [schema, schemaVersion] = [step.schema.compiled, step.schema.version]
    }
    if (revision > this.#view.revision) this.#show(revision, graph, schema, schemaVersion)
  }

  #show(revision: number, graph: TenantGraph, schema: Schema, schemaVersion: string): void {
    const pin = () => this.#pin()
    this.#view = { tenant: this.tenant, revision, graph, schema, schemaVersion, pin }
    this.noteHead(revision)
  }

  #pin(): () => void {
    this.#pins += 1
    return () => {
      this.#pins -= 1
      if (this.#pins > 0) return
      this.#advance()
      this.#unpinned?.resolve()
      this.#unpinned = null
    }
  }
}
