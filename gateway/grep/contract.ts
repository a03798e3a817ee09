import type { CallContext } from '../context.ts'

export interface GrepQuery {
  /** A regular expression in the syntax of Rust's regex crate, for one line; matching takes linear time. */
  readonly pattern: string
  /** Only files whose names match, or whose paths do if it has a slash; as for glob. */
  readonly filePattern: string | undefined
  readonly ignoreCase: boolean
  readonly maxResults: number
  /** How many lines before and after each match come along. */
  readonly before: number
  readonly after: number
}

/** A line that matches. */
export interface GrepMatch {
  readonly path: string
  /** From 1. */
  readonly line: number
  /** The line without its end; of a very long one the part around the match. */
  readonly content: string
  /** What matched first in it. */
  readonly match: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

export interface GrepAnswer {
  /** By path and line. */
  readonly matches: readonly GrepMatch[]
  /** There are more than were asked for. */
  readonly truncated: boolean
  /** Files with a matching line that is too long to be looked at. */
  readonly skipped: readonly string[]
}

/** Looks into the text files that the caller may read. */
export interface Grep {
  /**
   * The lines that match in the files below a directory, or in a file: all, or as many as were asked for. Files that are
   * not text are passed over.
   * @throws NexusError INVALID_PARAMS, INVALID_PATH, DEADLINE_EXCEEDED, BUSY, UNAVAILABLE, UNIMPLEMENTED
   */
  (context: CallContext, path: string, query: GrepQuery): Promise<GrepAnswer>
}
