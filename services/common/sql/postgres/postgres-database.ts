import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { describeError, NexusError } from '../../errors/nexus-error.ts'
import type { Database, DatabaseObserver, ReadOptions, WriteOptions } from '../database.ts'
import type { Migration } from '../migrations.ts'
import { tell } from '../observe.ts'
import type { CommandArgument, CommandResult, CommandSet, Script } from '../script.ts'
import { shuttingDown, type Waiting } from '../write-queue.ts'
import { codeOf, isConnectionLoss } from './errors.ts'
import { GroupWriter } from './group-writer.ts'
import { migratePostgres } from './migrate.ts'
import { openPool } from './pool.ts'
import { readScript } from './read-script.ts'

export interface PostgresDatabaseOptions<C extends CommandSet> {
  /** postgres://user:password@host:port/database */
  readonly url: string
  readonly applicationName: string
  readonly migrations: readonly Migration[]
  readonly commands: C
  /** Connections at most, for reading and for writing each. @default 10 */
  readonly poolSize?: number
  readonly observer?: DatabaseObserver
  /** How long to wait for the server at start, in milliseconds. @default 30000 */
  readonly startTimeoutMs?: number
}

const START_RETRY_MS = 200
/** Commands find rows by key. A plan made while the tables were small must not become a scan when they have grown. */
const WRITER_SETTINGS = ['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin', 'material']
  .map((way) => `-c enable_${way}=off`)
  .join(' ')

/**
 * PostgreSQL: any number of processes; one transaction at a time for each group name of this one. Readers have
 * connections of their own, so that writers who wait for another process's locks do not keep them waiting.
 */
export class PostgresDatabase<C extends CommandSet> implements Database<C> {
  readonly dialect = 'postgres'
  readonly #readers: pg.Pool
  readonly #writerPool: pg.Pool
  readonly #commands: C
  readonly #observer: DatabaseObserver
  readonly #writers = new Map<string, GroupWriter>()
  readonly #waiting: Waiting = { count: 0 }
  readonly #reading = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined

  private constructor(readers: pg.Pool, writerPool: pg.Pool, options: PostgresDatabaseOptions<C>) {
    this.#readers = readers
    this.#writerPool = writerPool
    this.#commands = options.commands
    this.#observer = options.observer ?? {}
  }

  /** @throws NexusError UNAVAILABLE if the server cannot be reached, DATABASE_TOO_NEW */
  static async open<C extends CommandSet>(options: PostgresDatabaseOptions<C>): Promise<PostgresDatabase<C>> {
    const { applicationName, url, poolSize: size = 10, observer } = options
    const onError = (error: unknown): void => tell(observer?.onError, error)
    const readers = openPool({ url, size, applicationName, onError })
    const writers = openPool({ url, size, applicationName, onError, settings: WRITER_SETTINGS, pipeline: true })
    const deadline = Date.now() + (options.startTimeoutMs ?? 30_000)
    for (;;) {
      try {
        await migratePostgres(readers, options.migrations)
        return new PostgresDatabase(readers, writers, options)
      } catch (error) {
        if (isConnectionLoss(error) && Date.now() < deadline) {
          await delay(START_RETRY_MS)
          continue
        }
        await Promise.all([readers.end(), writers.end()])
        throw startFailure(url, error)
      }
    }
  }

  /** For LISTEN and the like; not for queries of the application. */
  get pool(): pg.Pool {
    return this.#readers
  }

  async read<T>(script: () => Script<T>, options: ReadOptions = {}): Promise<T> {
    if (this.#closed !== undefined) throw shuttingDown()
    const reading = readScript(this.#readers, script, options, this.#observer)
    this.#reading.add(reading)
    try {
      return await reading
    } finally {
      this.#reading.delete(reading)
    }
  }

  write<N extends keyof C & string>(
    command: N,
    argument: CommandArgument<C, N>,
    options: WriteOptions = {},
  ): Promise<CommandResult<C, N>> {
    if (this.#closed !== undefined) return Promise.reject(shuttingDown())
    const name = options.group ?? ''
    let writer = this.#writers.get(name)
    if (writer === undefined) {
      this.#forgetIdleWriters()
      writer = new GroupWriter(this.#writerPool, this.#commands, this.#observer, this.#waiting)
      this.#writers.set(name, writer)
    }
    return writer.queue.add(command, argument, options.deadline, writer.wake) as Promise<CommandResult<C, N>>
  }

  get queueDepth(): number {
    return this.#waiting.count
  }

  close(): Promise<void> {
    this.#closed ??= this.#drainAndClose()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #drainAndClose(): Promise<void> {
    await Promise.all(this.#writers.values().map((writer) => writer.settled()))
    // A pool that has ended forgets who waits for a connection, so nobody may be waiting.
    await Promise.allSettled(this.#reading)
    await Promise.all([this.#readers.end(), this.#writerPool.end()])
  }

  #forgetIdleWriters(): void {
    if (this.#writers.size < 1_000) return
    for (const [name, writer] of this.#writers) if (writer.idle) this.#writers.delete(name)
  }
}

function startFailure(url: string, error: unknown): NexusError {
  if (error instanceof NexusError) return error
  const where = URL.parse(url)?.host ?? 'the given URL'
  // One refused connection for each address of a host has codes, and no message of its own.
  const what = error instanceof AggregateError ? codeOf(error) : describeError(error)
  return new NexusError(
    'UNAVAILABLE',
    `PostgreSQL at ${where} cannot be used (${what}): check the database URL and that the server runs.`,
    { cause: error },
  )
}
