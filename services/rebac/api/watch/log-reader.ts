import { bytesOf } from '../relationships/cut-page.ts'
import type { LogEntry, RelationshipStore } from '../../store/contract.ts'

/** Entries that are fetched at once: few at first, and after large ones, so that what is held in memory stays small. */
const FEWEST = 4
const MOST = 64
/** What the changes of one page should not take on the wire by much, in bytes. */
const PAGE_BYTES = 4 * 1024 * 1024

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
    const largest = entries.reduce((most, entry) => Math.max(most, sizeOf(entry)), 1)
    this.#limit = Math.max(1, Math.min(MOST, limit * 2, Math.floor(PAGE_BYTES / largest)))
    return { entries, mayHaveMore: entries.length === limit }
  }
}

function sizeOf({ changes }: LogEntry): number {
  let bytes = 0
  for (const { before, after } of changes) {
    bytes += (before === null ? 0 : bytesOf(before)) + (after === null ? 0 : bytesOf(after))
  }
  return bytes
}
