import { statSync } from 'node:fs'
import type BetterSqlite3 from 'better-sqlite3'

/** A checkpoint is due after this long without a write, in milliseconds. */
const IDLE_MS = 1_000
/** ... or once the write-ahead log has grown by this many bytes, whatever the load. */
const LOG_BYTES = 64 * 1024 * 1024

/** Moves the write-ahead log into the database, between transactions and never waiting for readers. */
export class Checkpointer implements Disposable {
  readonly #database: BetterSqlite3.Database
  readonly #onTrouble: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #lastWrite = 0
  #dirty = true
  #nextLook = LOG_BYTES

  constructor(database: BetterSqlite3.Database, onTrouble: (error: unknown) => void) {
    this.#database = database
    this.#onTrouble = onTrouble
    this.#timer = setInterval(() => {
      if (this.#dirty && Date.now() - this.#lastWrite >= IDLE_MS) this.#checkpoint()
    }, IDLE_MS)
    this.#timer.unref()
  }

  /** To be called after each commit. */
  afterCommit(): void {
    this.#lastWrite = Date.now()
    this.#dirty = true
    if (this.#logBytes() >= this.#nextLook) this.#checkpoint()
  }

  /** Leaves an empty log, if nobody reads. */
  finish(): void {
    this.#run('TRUNCATE')
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #checkpoint(): void {
    const state = this.#run('PASSIVE')
    this.#dirty = state === undefined || state.checkpointed < state.log
    // The file keeps its size until it is truncated, so its size tells when to look again only after that.
    if (!this.#dirty && this.#logBytes() >= LOG_BYTES) this.#run('TRUNCATE')
    this.#nextLook = this.#logBytes() + LOG_BYTES
  }

  /** A failure, such as a full disk, must not end the thread: the log keeps what was committed. */
  #run(mode: 'PASSIVE' | 'TRUNCATE'): { readonly log: number; readonly checkpointed: number } | undefined {
    try {
      const [state] = this.#database.pragma(`wal_checkpoint(${mode})`) as { log: number; checkpointed: number }[]
      return state
    } catch (error) {
      this.#onTrouble(error)
      return undefined
    }
  }

  #logBytes(): number {
    return statSync(`${this.#database.name}-wal`, { throwIfNoEntry: false })?.size ?? 0
  }
}
