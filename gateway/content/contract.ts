/**
 * Where bytes are kept, by the SHA-256 of their content in hex. Nothing here knows of references: see Contents.
 * Errors: STORAGE_FULL, UNAVAILABLE, INTERNAL.
 */
export interface ContentStore {
  /** Durable when it resolves. Putting what is there already is cheap and changes nothing. */
  put(hash: string, bytes: Uint8Array): Promise<void>
  /** null if it is not there. */
  get(hash: string): Promise<Uint8Array | null>
  /** Bytes `start` to before `end`, as far as there are; null if it is not there. */
  getRange(hash: string, start: number, end: number): Promise<Uint8Array | null>
  /** Deleting what is not there is no error. */
  delete(hash: string): Promise<void>
  /** Everything that is there, with the time of its writing (milliseconds since 1970). */
  list(): AsyncIterable<{ readonly hash: string; readonly writtenAt: number }>
  /** Removes what torn writes from before a time left behind; answers how many. */
  removeTorn(before: number): Promise<number>
}
