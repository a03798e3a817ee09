import type { CommandArgument, CommandResult, CommandSet, Script } from './script.ts'
import type { Dialect } from './dialect.ts'

export interface ReadOptions {
  /** All statements of the script see one state of the database. Costs two round trips on PostgreSQL. */
  readonly snapshot?: boolean
  /**
   * For scripts of many statements: other work of this process may run between two of them. Implies `snapshot`; on
   * SQLite the script gets a connection of its own.
   */
  readonly long?: boolean
  /** Milliseconds since 1970. @default ten seconds from now */
  readonly deadline?: number
  /** Ends a long script before its next statement, with CANCELLED: nobody waits for its result any more. */
  readonly signal?: AbortSignal
}

export interface WriteOptions {
  /** Writes of one group commit in the order of their calls and may share a transaction. @default '' */
  readonly group?: string
  /** Milliseconds since 1970. @default ten seconds from now */
  readonly deadline?: number
}

/**
 * A database with one writer queue. Reads never wait for writers.
 *
 * Errors of `read` and `write`: whatever NexusError the script throws; UNAVAILABLE if the database could not be reached,
 * or stayed locked, until the deadline; BUSY if too many writes wait already; STORAGE_FULL; INTERNAL for the rest.
 * A write that failed changed nothing, but for UNAVAILABLE with data {"outcome":"unknown"}: the connection was lost
 * while committing and could not be restored in time.
 */
export interface Database<C extends CommandSet> extends AsyncDisposable {
  readonly dialect: Dialect
  read<T>(script: () => Script<T>, options?: ReadOptions): Promise<T>
  write<N extends keyof C & string>(
    command: N,
    argument: CommandArgument<C, N>,
    options?: WriteOptions,
  ): Promise<CommandResult<C, N>>
  /** Resolves after the waiting writes were answered. */
  close(): Promise<void>
  /** How many writes wait for a transaction. */
  readonly queueDepth: number
}

/** What a database reports while it works; all are optional. */
export interface DatabaseObserver {
  /** A transaction ended and its writes were answered. Times in milliseconds. */
  readonly onGroup?: (event: { commands: readonly string[]; waitMs: number; commitMs: number }) => void
  readonly onRetry?: (event: { error: unknown; attempt: number }) => void
  readonly onError?: (error: unknown) => void
}

/** How long a call may take if it names no deadline, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 10_000
/** How many commands share a transaction at most; more would make all writers move in lock-step. */
export const GROUP_LIMIT = 32
/** How many writes may wait; one more is answered BUSY. */
export const QUEUE_LIMIT = 20_000
