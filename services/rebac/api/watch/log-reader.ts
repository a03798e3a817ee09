import type { LogPage, RelationshipStore } from '../../store/contract.ts'

/** Entries that are fetched at once, at most: what is read ahead of a slow client stays small. */
const LOG_PAGE = 64

/** Reads a tenant's log page by page from a revision on. */
export class LogReader {
  readonly #store: RelationshipStore
  readonly #tenant: string
  #position: number

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
  async next(): Promise<LogPage> {
    const page = await this.#store.readLog(this.#tenant, this.#position, LOG_PAGE)
    this.#position = page.entries.at(-1)?.revision ?? this.#position
    return page
  }
}
