import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { describeError, NexusError } from '../../errors/nexus-error.ts'
import { type Database, type DatabaseObserver, DEFAULT_TIMEOUT_MS, type ReadOptions, type WriteOptions } from '../database.ts'
import type { Migration } from '../migrations.ts'
import { runScriptAsync } from '../run-script.ts'
import type { CommandArgument, CommandResult, CommandSet, Script } from '../script.ts'
import { isConnectionLoss, postgresError } from './errors.ts'
import { GroupWriter } from './group-writer.ts'
import { migratePostgres } from './migrate.ts'
import { execute, openPool } from './pool.ts'

export interface PostgresDatabaseOptions<C extends CommandSet> {
  /** postgres://user:password@host:port/database */
  readonly url: string
  readonly applicationName: string
  readonly migrations: readonly Migration[]
  readonly commands: C
  /** Connections at most. @default 10 */
  readonly poolSize?: number
  readonly observer?: DatabaseObserver
  /** How long to wait for the server at start, in milliseconds. @default 30000 */
  readonly startTimeoutMs?: number
}

/** PostgreSQL: any number of processes; one transaction at a time for each group name of this one. */
export class PostgresDatabase<C extends CommandSet> implements Database<C> {
  readonly dialect = 'postgres'
  readonly #pool: pg.Pool
  readonly #commands: C
  readonly #observer: DatabaseObserver
  readonly #writers = new Map<string, GroupWriter>()
  #closed: Promise<void> | undefined

  private constructor(pool: pg.Pool, options: PostgresDatabaseOptions<C>) {
    this.#pool = pool
    this.#commands = options.commands
    this.#observer = options.observer ?? {}
  }

  /** @throws NexusError UNAVAILABLE if the server cannot be reached, DATABASE_TOO_NEW */
  static async open<C extends CommandSet>(options: PostgresDatabaseOptions<C>): Promise<PostgresDatabase<C>> {
    const { applicationName, url, poolSize, observer } = options
    const pool = openPool({
      url,
      applicationName,
      ...(poolSize === undefined ? {} : { size: poolSize }),
      ...(observer?.onError === undefined ? {} : { onError: observer.onError }),
    })
    const deadline = Date.now() + (options.startTimeoutMs ?? 30_000)
    for (;;) {
      try {
        await migratePostgres(pool, options.migrations)
        return new PostgresDatabase(pool, options)
      } catch (error) {
        if (isConnectionLoss(error) && Date.now() < deadline) {
          await delay(200)
          continue
        }
        await pool.end()
        if (error instanceof NexusError) throw error
        const where = new URL(url).host
        throw new NexusError('UNAVAILABLE', `PostgreSQL at ${where} cannot be used (${describeError(error)}): check the database URL and that the server runs.`, { cause: error })
      }
    }
  }

  /** For LISTEN and the like; not for queries of the application. */
  get pool(): pg.Pool {
    return this.#pool
  }

  async read<T>(script: () => Script<T>, options: ReadOptions = {}): Promise<T> {
    const deadline = options.deadline ?? Date.now() + DEFAULT_TIMEOUT_MS
    for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
      try {
        if (options.snapshot !== true) {
          return await runScriptAsync(script(), (statement) => execute(this.#pool, statement))
        }
        return await this.#readSnapshot(script)
      } catch (error) {
        if (!isConnectionLoss(error) || Date.now() + pause >= deadline) throw postgresError(error)
        this.#observer.onRetry?.({ error, attempt: 1 })
        await delay(pause * (0.5 + Math.random()))
      }
    }
  }

  async #readSnapshot<T>(script: () => Script<T>): Promise<T> {
    const client = await this.#pool.connect()
    try {
      await client.query('begin isolation level repeatable read read only')
      const value = await runScriptAsync(script(), (statement) => execute(client, statement))
      await client.query('commit')
      client.release()
      return value
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  write<N extends keyof C & string>(
    command: N,
    argument: CommandArgument<C, N>,
    options: WriteOptions = {},
  ): Promise<CommandResult<C, N>> {
    if (this.#closed !== undefined) return Promise.reject(new NexusError('UNAVAILABLE', 'The server is shutting down.'))
    const name = options.group ?? ''
    let writer = this.#writers.get(name)
    if (writer === undefined) {
      this.#forgetIdleWriters()
      writer = new GroupWriter(this.#pool, this.#commands, this.#observer)
      this.#writers.set(name, writer)
    }
    return writer.queue.add(command, argument, options.deadline, writer.wake) as Promise<CommandResult<C, N>>
  }

  get queueDepth(): number {
    return this.#writers.values().reduce((sum, writer) => sum + writer.queue.depth, 0)
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
    await this.#pool.end()
  }

  #forgetIdleWriters(): void {
    if (this.#writers.size < 1_000) return
    for (const [name, writer] of this.#writers) if (writer.idle) this.#writers.delete(name)
  }
}
