/** How much one call may ask for; more is -32602. */
export interface CallLimits {
  /** Paths or files that it names. */
  readonly batch: number
  /** Entries of one page of a list. */
  readonly listPage: number
  /** Lines that grep finds. */
  readonly grepResults: number
  /** Patterns that glob_batch takes. */
  readonly globPatterns: number
  /** Paths that a pattern may find. */
  readonly globResults: number
}
