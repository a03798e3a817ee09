import { setImmediate as nextTurn } from 'node:timers/promises'
import type BetterSqlite3 from 'better-sqlite3'
import type { Database, DatabaseObserver, ReadOptions, WriteOptions } from '../database.ts'
import type { Migration } from '../migrations.ts'
import { runScript, runScriptAsync } from '../run-script.ts'
import type { CommandArgument, CommandResult, CommandSet, Row, Script, Statement } from '../script.ts'
import { cancelled } from '../../errors/nexus-error.ts'
import { shuttingDown } from '../write-queue.ts'
import { sqliteError } from './errors.ts'
import { openForReading, prepareSqliteFile } from './open.ts'
import { ownSqliteFile } from './ownership.ts'
import { ResultCache, resultKey } from './result-cache.ts'
import { SqliteStatements } from './statements.ts'
import { SqliteWriter } from './writer.ts'

export interface SqliteDatabaseOptions {
  /** Path of the database file; its directory is made if it is missing. */
  readonly file: string
  readonly migrations: readonly Migration[]
  /** URL of the module whose export `commands` is the command set; the writer's thread imports it. */
  readonly commandsUrl: string
  readonly observer?: DatabaseObserver
}

/** Connections of long reads that are kept for the next ones. */
const MAX_IDLE_READERS = 4
/** How long a long read keeps the event loop before it lets others run, in milliseconds. */
const TURN_MS = 2

/** A connection of its own for a long read, with what it has prepared. */
interface LongReader {
  readonly connection: BetterSqlite3.Database
  readonly statements: SqliteStatements
}

/** SQLite: one owning process, one writer in a worker thread, readers on this thread. */
export class SqliteDatabase<C extends CommandSet> implements Database<C> {
  readonly dialect = 'sqlite'
  readonly #file: string
  readonly #owner: Disposable
  readonly #reader: BetterSqlite3.Database
  readonly #statements: SqliteStatements
  readonly #results = new ResultCache()
  readonly #writer: SqliteWriter
  readonly #longReads = new Set<Promise<unknown>>()
  readonly #idleReaders: LongReader[] = []
  #closed: Promise<void> | undefined

  private constructor(file: string, owner: Disposable, reader: BetterSqlite3.Database, writer: SqliteWriter) {
    this.#file = file
    this.#owner = owner
    this.#reader = reader
    this.#statements = new SqliteStatements(reader)
    this.#writer = writer
  }

  /** @throws NexusError DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, UNAVAILABLE, CONFIG_INVALID */
  static async open<C extends CommandSet>(options: SqliteDatabaseOptions): Promise<SqliteDatabase<C>> {
    const { file, commandsUrl, migrations } = options
    const owner = ownSqliteFile(file)
    let reader: BetterSqlite3.Database | undefined
    try {
      prepareSqliteFile(file, migrations)
      reader = openForReading(file)
      const writer = await SqliteWriter.start({ file, commandsUrl }, options.observer ?? {})
      return new SqliteDatabase<C>(file, owner, reader, writer)
    } catch (error) {
      reader?.close()
      owner[Symbol.dispose]()
      throw error
    }
  }

  async read<T>(script: () => Script<T>, options: ReadOptions = {}): Promise<T> {
    if (this.#closed !== undefined) throw shuttingDown()
    if (options.long === true) return this.#track(this.#readLong(script, options.signal))
    try {
      return this.#readNow(script)
    } catch (error) {
      throw sqliteError(error)
    }
  }

  write<N extends keyof C & string>(
    command: N,
    argument: CommandArgument<C, N>,
    options: WriteOptions = {},
  ): Promise<CommandResult<C, N>> {
    return this.#writer.add(command, argument, options.deadline) as Promise<CommandResult<C, N>>
  }

  get queueDepth(): number {
    return this.#writer.queue.depth
  }

  close(): Promise<void> {
    this.#closed ??= this.#drainAndClose()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #drainAndClose(): Promise<void> {
    await this.#writer.close()
    await Promise.allSettled(this.#longReads)
    for (const { connection } of this.#idleReaders) connection.close()
    this.#reader.close()
    this.#owner[Symbol.dispose]()
  }

  /** A script has no awaits, so all its statements run in this one turn, in one read transaction. */
  #readNow<T>(script: () => Script<T>): T {
    this.#statements.run('begin')
    try {
      this.#results.useVersion(this.#statements.dataVersion())
      return runScript(script(), this.#execute)
    } finally {
      if (this.#reader.inTransaction) this.#statements.run('commit')
    }
  }

  readonly #execute = (statement: Statement): readonly Row[] => {
    const text = typeof statement.text === 'string' ? statement.text : statement.text.sqlite
    const key = resultKey(text, statement.values)
    if (key === null) return this.#statements.execute(statement)
    let rows = this.#results.get(key)
    if (rows === undefined) {
      rows = this.#statements.execute(statement)
      this.#results.set(key, rows)
    }
    return rows
  }

  async #readLong<T>(script: () => Script<T>, signal: AbortSignal | undefined): Promise<T> {
    let reader: LongReader | undefined
    try {
      reader = this.#idleReaders.pop() ?? openLongReader(this.#file)
      const value = await inTurns(script, reader.statements, signal)
      if (this.#closed === undefined && this.#idleReaders.length < MAX_IDLE_READERS) {
        this.#idleReaders.push(reader)
        reader = undefined
      }
      return value
    } catch (error) {
      throw sqliteError(error)
    } finally {
      reader?.connection.close()
    }
  }

  async #track<T>(reading: Promise<T>): Promise<T> {
    this.#longReads.add(reading)
    try {
      return await reading
    } finally {
      this.#longReads.delete(reading)
    }
  }
}

function openLongReader(file: string): LongReader {
  const connection = openForReading(file)
  return { connection, statements: new SqliteStatements(connection) }
}

/** Runs a script in one read transaction, statement by statement, with other work in between. */
async function inTurns<T>(
  script: () => Script<T>,
  statements: SqliteStatements,
  signal: AbortSignal | undefined,
): Promise<T> {
  statements.run('begin')
  let turnBegan = performance.now()
  const value = await runScriptAsync(script(), async (statement) => {
    if (performance.now() - turnBegan >= TURN_MS) {
      await nextTurn()
      turnBegan = performance.now()
    }
    if (signal?.aborted === true) throw cancelled()
    return statements.execute(statement)
  })
  statements.run('commit')
  return value
}
