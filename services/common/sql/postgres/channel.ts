import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

export interface ChannelOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string
  /** The channel's name; only connections to the same database share it. */
  readonly channel: string
  readonly applicationName: string
  /** A message came, perhaps one of this process. */
  readonly onMessage: (payload: string) => void
  /** From now on messages come; what was sent before may have been missed. */
  readonly onConnected: () => void
  readonly onError: (error: unknown) => void
}

const CONNECT_TIMEOUT_MS = 3_000
const SEND_TIMEOUT_MS = 3_000
const GOODBYE_MS = 1_000
const FIRST_PAUSE_MS = 50
const LAST_PAUSE_MS = 5_000

const SEND = 'select pg_notify($1, payload) from json_array_elements_text($2::json) as list(payload)'

/**
 * LISTEN and NOTIFY on a connection of their own, which is made anew whenever it is lost. Messages are hints: they may
 * be lost, doubled or late. A NOTIFY within a writer's transaction would make all commits of the server wait for each
 * other; one of its own does not.
 */
export class PostgresChannel {
  readonly #options: ChannelOptions
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #client: pg.Client | null = null

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** Sends messages of less than 8,000 bytes each; without a connection they are lost. */
  async send(payloads: readonly string[]): Promise<void> {
    const query = {
      text: SEND,
      values: [this.#options.channel, JSON.stringify(payloads)],
      query_timeout: SEND_TIMEOUT_MS,
    }
    await this.#client?.query(query as pg.QueryConfig)
  }

  /** Resolves when the connection is closed. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
      try {
        await this.#listen()
        pause = FIRST_PAUSE_MS
      } catch (error) {
        if (!signal.aborted) this.#options.onError(error)
      }
      await delay(pause * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** Listens until the connection is lost or the channel is closed. */
  async #listen(): Promise<void> {
    const { url, channel, applicationName, onMessage, onConnected, onError } = this.#options
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    })
    const { promise: lost, resolve: leave } = Promise.withResolvers<void>()
    const onAbort = () => leave()
    client.on('end', onAbort)
    this.#closing.signal.addEventListener('abort', onAbort)
    client.on('error', onError)
    client.on('notification', ({ payload }) => onMessage(payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${pg.escapeIdentifier(channel)}`)
      this.#client = client
      onConnected()
      await lost
    } finally {
      this.#client = null
      this.#closing.signal.removeEventListener('abort', onAbort)
      // A server that is gone does not answer the goodbye.
      await Promise.race([client.end().catch(() => {}), delay(GOODBYE_MS, undefined, { ref: false })])
    }
  }
}
