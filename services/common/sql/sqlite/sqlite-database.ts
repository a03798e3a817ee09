import { Worker } from 'node:worker_threads'
import type BetterSqlite3 from 'better-sqlite3'
import { NexusError } from '../../errors/nexus-error.ts'
import type { Database, DatabaseObserver, ReadOptions, WriteOptions } from '../database.ts'
import type { Migration } from '../migrations.ts'
import { runScript } from '../run-script.ts'
import type { CommandArgument, CommandResult, CommandSet, Script } from '../script.ts'
import { type QueuedWrite, WriteQueue } from '../write-queue.ts'
import { openForReading, prepareSqliteFile } from './open.ts'
import { ownSqliteFile } from './ownership.ts'
import { SqliteStatements } from './statements.ts'
import { sqliteError } from './write-group.ts'
import type { WriteOutcome, WriterOrder, WriterReport, WriterThreadData } from './writer-protocol.ts'

export interface SqliteDatabaseOptions {
  /** Path of the database file; its directory is made if it is missing. */
  readonly file: string
  readonly migrations: readonly Migration[]
  /** URL of the module whose export `commands` is the command set; the writer's thread imports it. */
  readonly commandsUrl: string
  readonly observer?: DatabaseObserver
}

/** SQLite: one owning process, one writer in a worker thread, readers on this thread. */
export class SqliteDatabase<C extends CommandSet> implements Database<C> {
  readonly dialect = 'sqlite'
  readonly #owner: Disposable
  readonly #reader: BetterSqlite3.Database
  readonly #statements: SqliteStatements
  readonly #writer: Worker
  readonly #writerExit: Promise<void>
  readonly #queue = new WriteQueue()
  readonly #observer: DatabaseObserver
  #inFlight: { group: QueuedWrite[]; sentAt: number } | undefined
  #closed: Promise<void> | undefined

  /** @throws NexusError DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW */
  constructor(options: SqliteDatabaseOptions) {
    this.#observer = options.observer ?? {}
    this.#owner = ownSqliteFile(options.file)
    try {
      prepareSqliteFile(options.file, options.migrations)
      this.#reader = openForReading(options.file)
    } catch (error) {
      this.#owner[Symbol.dispose]()
      throw error
    }
    this.#statements = new SqliteStatements(this.#reader)
    const data: WriterThreadData = { file: options.file, commandsUrl: options.commandsUrl }
    this.#writer = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: data })
    this.#writer.on('message', (report: WriterReport) => this.#onReport(report))
    this.#writer.on('error', (error) => this.#onWriterLost(error))
    this.#writerExit = new Promise((resolve) => this.#writer.once('exit', () => resolve()))
  }

  async read<T>(script: () => Script<T>, _options: ReadOptions = {}): Promise<T> {
    // A script has no awaits, so all its statements run in this one turn, in one read transaction.
    this.#reader.exec('begin')
    try {
      return runScript(script(), this.#statements.execute)
    } catch (error) {
      throw error instanceof NexusError ? error : sqliteError(error)
    } finally {
      if (this.#reader.inTransaction) this.#reader.exec('commit')
    }
  }

  write<N extends keyof C & string>(
    command: N,
    argument: CommandArgument<C, N>,
    options: WriteOptions = {},
  ): Promise<CommandResult<C, N>> {
    const answer = this.#queue.add(command, argument, options.deadline, () => this.#send())
    return answer as Promise<CommandResult<C, N>>
  }

  get queueDepth(): number {
    return this.#queue.depth
  }

  close(): Promise<void> {
    this.#closed ??= this.#drainAndClose()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #drainAndClose(): Promise<void> {
    this.#queue.close()
    this.#send()
    const order: WriterOrder = { kind: 'close' }
    if (this.#inFlight === undefined) this.#writer.postMessage(order)
    await this.#writerExit
    this.#reader.close()
    this.#owner[Symbol.dispose]()
  }

  #send(): void {
    if (this.#inFlight !== undefined) return
    const group = this.#queue.take()
    if (group.length === 0) return
    const writes = group.map(({ command, argument, deadline }) => ({ command, argument, deadline }))
    this.#inFlight = { group, sentAt: Date.now() }
    const order: WriterOrder = { kind: 'group', writes }
    this.#writer.postMessage(order)
  }

  #onReport(report: WriterReport): void {
    const done = this.#inFlight
    if (done === undefined) return
    this.#inFlight = undefined
    // The next group is on its way before the last one is answered, so the disk never waits for this thread.
    this.#send()
    if (this.#closed !== undefined && this.#inFlight === undefined) {
      const order: WriterOrder = { kind: 'close' }
      this.#writer.postMessage(order)
    }
    this.#observer.onGroup?.({
      commands: done.group.map(({ command }) => command),
      waitMs: done.sentAt - (done.group[0]?.queuedAt ?? done.sentAt),
      commitMs: report.commitMs,
    })
    for (const [index, item] of done.group.entries()) this.#answer(item, report.outcomes[index])
  }

  #answer(item: QueuedWrite, outcome: WriteOutcome | undefined): void {
    if (outcome?.ok === true) return item.resolve(outcome.value)
    const reason = outcome?.reason ?? 'INTERNAL'
    const cause = outcome?.detail === undefined ? {} : { cause: new Error(outcome.detail) }
    const data = outcome?.data === undefined ? {} : { data: outcome.data }
    item.reject(new NexusError(reason, outcome?.message ?? 'The database gave no answer.', { ...cause, ...data }))
  }

  #onWriterLost(error: unknown): void {
    this.#observer.onError?.(error)
    this.#queue.close()
    const lost = new NexusError('INTERNAL', 'The database failed; the log has the details.', { cause: error })
    for (const item of this.#inFlight?.group ?? []) item.reject(lost)
    this.#inFlight = undefined
    for (let group = this.#queue.take(); group.length > 0; group = this.#queue.take()) {
      for (const item of group) item.reject(lost)
    }
  }
}
