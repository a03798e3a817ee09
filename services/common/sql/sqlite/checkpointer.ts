import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type BetterSqlite3 from 'better-sqlite3'
import { siblingModule } from '../sibling-module.ts'
import type { CheckpointReport } from './writer-protocol.ts'

/** A checkpoint is due after this long without a write, in milliseconds. */
const IDLE_MS = 1_000
/** ... or once the write-ahead log has grown by this many bytes, whatever the load. */
const LOG_BYTES = 64 * 1024 * 1024

/**
 * Moves the write-ahead log into the database, never waiting for readers. A long log is moved by a thread of its own
 * while writing goes on, for that is thousands of pages at random places; only what was written meanwhile is left for
 * between two transactions, after which the log begins anew.
 */
export class Checkpointer {
  readonly #database: BetterSqlite3.Database
  readonly #onTrouble: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #lastWrite = 0
  #dirty = true
  #nextLook = LOG_BYTES
  #helper: Worker | undefined
  /** While the helper is at work; nobody else may checkpoint then. */
  #helping: PromiseWithResolvers<void> | undefined

  constructor(database: BetterSqlite3.Database, onTrouble: (error: unknown) => void) {
    this.#database = database
    this.#onTrouble = onTrouble
    this.#timer = setInterval(() => {
      if (this.#dirty && this.#helping === undefined && Date.now() - this.#lastWrite >= IDLE_MS) this.#checkpoint()
    }, IDLE_MS)
    this.#timer.unref()
  }

  /** To be called after each commit. */
  afterCommit(): void {
    this.#lastWrite = Date.now()
    this.#dirty = true
    if (this.#helping === undefined && this.#logBytes() >= this.#nextLook) this.#help()
  }

  /** Leaves an empty log, if nobody reads, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#helping?.promise
    await this.#helper?.terminate()
    this.#run('TRUNCATE')
  }

  #help(): void {
    this.#helping = Promise.withResolvers<void>()
    this.#helper ??= this.#startHelper()
    this.#helper.postMessage(null)
  }

  #startHelper(): Worker {
    const workerData = { file: this.#database.name }
    const helper = new Worker(siblingModule(import.meta.url, './checkpoint-thread'), { workerData })
    helper.on('message', ({ trouble }: CheckpointReport) => {
      if (trouble !== null) this.#onTrouble(new Error(trouble))
      this.#helped()
    })
    helper.on('error', this.#onTrouble)
    helper.once('exit', () => {
      this.#helper = undefined
      this.#helped()
    })
    helper.unref()
    return helper
  }

  #helped(): void {
    const helping = this.#helping
    if (helping === undefined) return
    this.#helping = undefined
    this.#checkpoint()
    helping.resolve()
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
