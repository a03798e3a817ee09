import type { CallContext } from '../context.ts'
import type { FileEntry } from '../files/contract.ts'
import type { Passage } from './passage.ts'

export interface SearchQuery {
  /** Words that must all be in a file's text, or all in its name; `word*` stands for every word that begins so. */
  readonly query: string
  /** How many files are wanted. */
  readonly limit: number
  /** What of the text comes along. */
  readonly passage: 'snippet' | 'chunk'
}

/** A file that has the words. */
export interface SearchHit {
  readonly entry: FileEntry
  /** Of the best one 1, of the others less. */
  readonly score: number
  readonly byName: boolean
  readonly byText: boolean
  /** null where the words are in the name alone; a chunk is there whenever there is text. */
  readonly passage: Passage | null
}

export interface SearchAnswer {
  /** The best first. */
  readonly hits: readonly SearchHit[]
  /** There are more than were asked for. */
  readonly more: boolean
  /** False while files that were there before the index are still being indexed: what is found of them may be too little. */
  readonly complete: boolean
}

/** What the index knows of a tenant. */
export interface SearchStats {
  readonly files: number
  readonly indexedFiles: number
  readonly complete: boolean
  /** How much of a file's text is indexed, in bytes. */
  readonly textBytes: number
}

/** Full-text search over what the caller may read. */
export interface Search {
  /**
   * The best files at and below a path, all or as many as were asked for.
   * @throws NexusError INVALID_PARAMS, INVALID_PATH, DEADLINE_EXCEEDED, UNAVAILABLE
   */
  find(context: CallContext, path: string, query: SearchQuery): Promise<SearchAnswer>
  /** Whether everything that was there before the index is in it. */
  complete(context: CallContext): Promise<boolean>
  /** Of the caller's tenant. @throws NexusError ACCESS_DENIED to those who are no administrators */
  stats(context: CallContext): Promise<SearchStats>
}
