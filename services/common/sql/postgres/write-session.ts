import type pg from 'pg'
import { runScriptAsync } from '../run-script.ts'
import type { Batch, Row, Script, Statement } from '../script.ts'
import { execute } from './pool.ts'

/** The server's own time limit comes first, so that a slow answer does not cost the connection. In milliseconds. */
const CLIENT_GRACE_MS = 200
const NO_ROWS: Promise<readonly Row[]> = Promise.resolve([])

type Ended = { readonly ok: true; readonly command: string } | { readonly ok: false; readonly error: Error }

/**
 * A transaction on a connection that pipelines, and the time that is left for it. What nobody needs an answer to is sent
 * without waiting for one: that the server may be at work while this process is, and round trips are most of what a
 * small transaction costs.
 */
export class WriteSession {
  readonly #client: pg.PoolClient
  readonly #deadline: number
  readonly #stepwise: boolean
  #sent: Promise<unknown>[] = []

  constructor(client: pg.PoolClient, deadline: number, stepwise: boolean) {
    this.#client = client
    this.#deadline = deadline
    this.#stepwise = stepwise
  }

  /** Begins the transaction, with its first savepoint, and returns its id. */
  async begin(): Promise<string> {
    const begun = this.#send(
      `begin isolation level read committed; set local lock_timeout = ${this.#timeLeft()}; select pg_current_xact_id()::text as id; savepoint one`,
    )
    const results = (await this.#expect(begun)) as unknown as readonly pg.QueryResult<{ id: string }>[]
    return results[2]?.rows[0]?.id ?? ''
  }

  /**
   * Drives a script to its end. Statements that it did not wait for may still fail.
   * @throws what the script throws, or why a statement before it failed
   */
  async drive<T>(script: Script<T>): Promise<T> {
    try {
      return await runScriptAsync(script, this.#execute, this.#executeBatch)
    } catch (error) {
      throw (await this.#failure()) ?? error
    }
  }

  /** Resolves when all that was sent is done. @throws the first error among it */
  async settle(): Promise<void> {
    const failure = await this.#failure()
    if (failure !== null) throw failure
  }

  /** Runs text without parameters, after all that was sent. */
  async run(text: string): Promise<void> {
    await this.#send(text)
  }

  /** Commits: how that ended, and the first error of what was sent before, after which a commit is a rollback. */
  async commit(): Promise<{ readonly ended: Ended; readonly failure: Error | null }> {
    if (this.#stepwise) await this.#failure()
    const answer = this.#send('commit').then(
      ({ command }): Ended => ({ ok: true, command }),
      (error: unknown): Ended => ({ ok: false, error: asError(error) }),
    )
    const failure = await this.#failure()
    return { ended: await answer, failure }
  }

  readonly #execute = (statement: Statement): Promise<readonly Row[]> => {
    const rows = execute(this.#client, statement, this.#timeLeft() + CLIENT_GRACE_MS)
    if (this.#stepwise || statement.rowless !== true) return rows
    void this.#expect(rows)
    return NO_ROWS
  }

  readonly #executeBatch = ({ batch }: Batch): Promise<readonly (readonly Row[])[]> =>
    Promise.all(batch.map((statement) => this.#execute(statement)))

  #send(text: string): Promise<pg.QueryResult> {
    const query = { text, query_timeout: this.#timeLeft() + CLIENT_GRACE_MS }
    return this.#client.query(query)
  }

  /** Remembers that nobody has waited for this yet. */
  #expect<T>(sent: Promise<T>): Promise<T> {
    sent.catch(() => undefined)
    this.#sent.push(sent)
    return sent
  }

  async #failure(): Promise<Error | null> {
    const sent = this.#sent
    this.#sent = []
    const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected')
    return failed?.status === 'rejected' ? asError(failed.reason) : null
  }

  /** In milliseconds, at least 1: to PostgreSQL 0 is for ever. */
  #timeLeft(): number {
    return Math.max(Math.ceil(this.#deadline - Date.now()), 1)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
