import type { LogEntry, RelationshipStore } from '../../store/contract.ts'

/** Entries that are fetched at once: few at first, and after large ones, so that what is held in memory stays small. */
const FEWEST = 4
const MOST = 64
/** Changes in one page, from which on fewer entries are fetched. */
const MANY_CHANGES = 2_000

/** Reads a tenant's log page by page from a revision on. */
export class LogReader {
  readonly #store: RelationshipStore
  readonly #tenant: string
  #position: number
  #limit = FEWEST

  constructor(store: RelationshipStore, tenant: string, after: number) {
    this.#store = store
    this.#tenant = tenant
    this.#position = after
  }

  /** The last revision that was read. */
  get position(): number {
    return this.#position
  }

  /**
   * The next entries; none if there are none yet.
   * @throws NexusError REVISION_TRIMMED, UNAVAILABLE
   */
  async next(): Promise<{ readonly entries: readonly LogEntry[]; readonly mayHaveMore: boolean }> {
    const limit = this.#limit
    const entries = await this.#store.readLog(this.#tenant, this.#position, limit)
    this.#position = entries.at(-1)?.revision ?? this.#position
    const changes = entries.reduce((sum, entry) => sum + entry.changes.length, 0)
    this.#limit = changes > MANY_CHANGES ? Math.max(1, limit >> 2) : Math.min(MOST, limit * 2)
    return { entries, mayHaveMore: entries.length === limit }
  }
}
