import { LRUCache } from 'lru-cache'
import type { LogEntry, RelationshipStore } from '../store/contract.ts'
import { loadGraph } from './load-graph.ts'
import type { SchemaLibrary } from './schema-library.ts'
import type { TenantView } from './tenant-view.ts'
import { MAX_UNDONE_CHANGES, tooMuchChanged } from './undone-changes.ts'

const LOG_PAGE = 200

/**
 * Tenants as they were: what is stored now, with the log undone back to a revision. Each is a graph of its own, which
 * never changes, so the latest are kept as long as they fit.
 */
export class Snapshots {
  readonly #store: RelationshipStore
  readonly #schemas: SchemaLibrary
  readonly #kept: LRUCache<string, TenantView>
  readonly #making = new Map<string, Promise<TenantView>>()

  constructor(store: RelationshipStore, schemas: SchemaLibrary, budgetBytes: number) {
    this.#store = store
    this.#schemas = schemas
    this.#kept = new LRUCache({
      maxSize: Math.max(1, Math.floor(budgetBytes)),
      sizeCalculation: ({ graph }) => Math.max(1, graph.memoryBytes()),
    })
  }

  /**
   * A tenant at a revision that exists. Conditions and expiry are those of the present clock.
   * @throws NexusError REVISION_TRIMMED, NODE_BUDGET_EXCEEDED if too much changed since
   */
  async view(tenant: string, revision: number): Promise<TenantView> {
    const key = `${tenant}/${revision}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    let making = this.#making.get(key)
    if (making === undefined) {
      making = this.#make(tenant, revision).finally(() => this.#making.delete(key))
      this.#making.set(key, making)
    }
    const view = await making
    this.#kept.set(key, view)
    return view
  }

  async #make(tenant: string, revision: number): Promise<TenantView> {
    // Asked first: what is trimmed already need not be loaded, and what is read now cannot be trimmed later.
    const undone: LogEntry[] = []
    await this.#read(tenant, revision, null, undone)
    const { graph, ...loaded } = await loadGraph(this.#store, tenant)
    await this.#read(tenant, undone.at(-1)?.revision ?? revision, loaded.revision, undone)

    let newestSchema = true
    for (const entry of undone.toReversed()) {
      if (entry.schemaVersion !== '') newestSchema = false
      const inverted = entry.changes.map(({ before, after }) => ({ before: after, after: before }))
      graph.apply(entry.revision - 1, inverted.toReversed())
    }
    graph.apply(revision, [])

    const schemaVersion = newestSchema
      ? (loaded.schema?.version ?? '')
      : await this.#store.schemaVersionAt(tenant, revision)
    const stored = schemaVersion === '' ? null : await this.#store.readSchema(tenant, schemaVersion)
    const schema = this.#schemas.compiled(tenant, stored)
    return { tenant, revision, schema, schemaVersion, graph, pin: () => () => {} }
  }

  /** Adds the entries after a revision, up to another one or to the end. */
  async #read(tenant: string, after: number, until: number | null, entries: LogEntry[]): Promise<void> {
    let changes = entries.reduce((sum, entry) => sum + entry.changes.length, 0)
    let from = after
    for (;;) {
      if (until !== null && from >= until) return
      const page = await this.#store.readLog(tenant, from, LOG_PAGE)
      for (const entry of page.entries) if (until === null || entry.revision <= until) entries.push(entry)
      changes += page.entries.reduce((sum, entry) => sum + entry.changes.length, 0)
      if (changes > MAX_UNDONE_CHANGES) throw tooMuchChanged()
      if (!page.mayHaveMore) return
      from = page.entries.at(-1)?.revision ?? from
    }
  }
}
