import type { Readable } from 'node:stream'

/** What a back end has. */
export interface BackendEntry {
  /** The path below the mount, without a leading slash; '' for the mount point itself. */
  readonly key: string
  readonly kind: 'file' | 'directory'
  /** A directory that exists only because something below it does. */
  readonly implicit: boolean
  /** In bytes. */
  readonly size: number
  /** Milliseconds since 1970; null if the back end does not say. */
  readonly modifiedAt: number | null
  /** Is another one whenever the content may be; '' for a directory. */
  readonly token: string
}

/** Some of what lies in a directory. */
export interface BackendPage {
  readonly entries: readonly BackendEntry[]
  /** Keys that have no place in the tree, such as those with '..' in them. */
  readonly unusable: readonly string[]
  /** Where the next page begins, to be handed back as it is; null at the end. */
  readonly next: unknown
}

/** What was done to one of all directories. */
export interface TornPage {
  /** How many files. */
  readonly removed: number
  /** As in BackendPage. */
  readonly next: unknown
}

export interface BackendContent {
  readonly token: string
  readonly size: number
  readonly modifiedAt: number | null
  /** To be read or destroyed. */
  readonly bytes: Readable
}

/** What is written to a back end. */
export interface NewBackendContent {
  readonly size: number
  /** The bytes from the beginning; may be asked for more than once. */
  readonly open: () => Promise<Readable>
}

/**
 * A place where files are kept: a bucket, a directory of this machine. Keys are as in BackendEntry. Nothing here knows
 * of users, tenants or paths of the tree. Every call ends soon after its signal is given.
 * Errors: NexusError READ_ONLY where it refuses a change, FILE_EXISTS where something stands in the way,
 * STORAGE_FULL; anything else means that the back end is not to be relied on now.
 */
export interface Connector {
  /** Directories exist by themselves, also empty; else only by what is in them. */
  readonly realDirectories: boolean
  /** null if nothing is there. */
  stat(key: string, signal: AbortSignal): Promise<BackendEntry | null>
  /** What lies in a directory or, if `deep`, below it; nothing if it does not exist. `from` is null for the first page. */
  list(key: string, deep: boolean, from: unknown, signal: AbortSignal): Promise<BackendPage>
  /** null if no file is there. */
  read(key: string, signal: AbortSignal): Promise<BackendContent | null>
  /** Creates or replaces, with the directories above. Durable when it resolves. Answers what stands there then. */
  write(key: string, content: NewBackendContent, signal: AbortSignal): Promise<BackendEntry>
  /** With the directories above. One that is there is no error. */
  makeDirectory(key: string, signal: AbortSignal): Promise<void>
  /** With all below. What is not there is no error. */
  remove(key: string, kind: BackendEntry['kind'], signal: AbortSignal): Promise<void>
  /** With all below. Nothing stands at `to`. */
  rename(from: string, to: string, kind: BackendEntry['kind'], signal: AbortSignal): Promise<void>
  /**
   * Removes what crashed writes have left in one directory, from before a time in milliseconds since 1970; `from` is null
   * for the first. Missing where a write that crashes leaves nothing.
   */
  removeTorn?(before: number, from: unknown, signal: AbortSignal): Promise<TornPage>
  close(): Promise<void>
}
