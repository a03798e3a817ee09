/** A row of the skills index, without tenant and node. Lists and maps are JSON text. */
export interface IndexRow {
  readonly name: string
  readonly description: string
  readonly version: string | null
  readonly author: string | null
  readonly requires: string
  readonly metadata: string
  readonly skillCreatedAt: string | null
  readonly skillModifiedAt: string | null
  readonly warnings: string
  /** Why the skill cannot be used, or null. */
  readonly error: string | null
  /** Words of the content, and how often they stand there. */
  readonly terms: readonly (readonly [term: string, uses: number])[]
}

/**
 * Looks at everything that is written. Its row is stored in the same transaction as the file; null means that the
 * file has none (any more). Of a path it may regard the last two components only: when more than these change, nothing
 * is indexed again.
 */
export interface WriteIndexer {
  /** Whether there may be a row for a file of this name, by its last component. */
  wants(path: string): boolean
  index(path: string, content: Uint8Array): IndexRow | null
}
