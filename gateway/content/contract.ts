import type { Readable } from 'node:stream'

/** Bytes that are durable, but not to be found by their hash: not yet, or not any more. */
export interface StagedContent {
  /** SHA-256 in hex. */
  readonly hash: string
  readonly size: number
  /** Puts them in their place; durable when it resolves. @throws NexusError UNAVAILABLE if they were deleted there meanwhile */
  keep(): Promise<void>
  /** Removes what was not kept. To be called in any case. */
  discard(): Promise<void>
}

/**
 * Where bytes are kept, by the SHA-256 of their content in hex. Nothing here knows of references: see Contents.
 * Errors: STORAGE_FULL, UNAVAILABLE, INTERNAL.
 */
export interface ContentStore {
  /** Durable when it resolves. Putting what is there already is cheap and changes nothing. */
  put(hash: string, bytes: Uint8Array): Promise<void>
  /**
   * Takes in bytes as they come, however many, with their hash. Nothing stays if the source fails, whose error is thrown
   * as it is.
   */
  stage(source: AsyncIterable<Uint8Array>): Promise<StagedContent>
  /** null if it is not there. */
  get(hash: string): Promise<Uint8Array | null>
  /** Bytes `start` to before `end`, as far as there are; null if it is not there. */
  getRange(hash: string, start: number, end: number): Promise<Uint8Array | null>
  /**
   * Bytes `start` to before `end` piece by piece, and the size of the whole; null if it is not there. What is open can be
   * read to its end, also if it is deleted meanwhile. It must be read or destroyed.
   */
  openRange(
    hash: string,
    start: number,
    end: number,
  ): Promise<{ readonly size: number; readonly bytes: Readable } | null>
  /** Where a program on this machine can read it, if it is there; null in a store that is elsewhere. */
  fileOf(hash: string): string | null
  /**
   * Takes a content out of its place, where nobody finds it any more: to be discarded, or kept after all. null if it is
   * not there.
   */
  setAside(hash: string): Promise<StagedContent | null>
  /** Everything that is there, with the time of its writing (milliseconds since 1970). */
  list(): AsyncIterable<{ readonly hash: string; readonly writtenAt: number }>
  /** Removes what torn writes from before a time left behind; answers how many. */
  removeTorn(before: number): Promise<number>
}
