import { Agent, type IncomingMessage, request } from 'node:http'

/** What came back, with the time from sending on a connection to the last byte, in milliseconds. */
export interface Answer {
  readonly status: number
  readonly text: string
  /** Of the header of that name; null where there is none. */
  readonly retryAfterSeconds: number | null
  readonly ms: number
}

/** A socket that stays silent this long is a failure, in milliseconds. */
const SILENCE_LIMIT_MS = 60_000

/**
 * Calls the gateway as browsers do: kept-alive connections, requests waiting for a free one. A wait in this process is
 * not counted, only what the server does with a request that it was sent.
 */
export class WaveClient {
  readonly #base: URL
  readonly #agent: Agent

  constructor(baseUrl: string, connections: number) {
    this.#base = new URL(baseUrl)
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections })
  }

  /** @throws Error when the connection fails */
  rpc(key: string, method: string, params: unknown, id: number | string = 1): Promise<Answer> {
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
    return this.#send(
      'POST',
      `/api/nfs/${method}`,
      { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
    )
  }

  get(path: string): Promise<Answer> {
    return this.#send('GET', path, {}, '')
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, headers: Record<string, string>, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let sent = performance.now()
      const outgoing = request(
        new URL(path, this.#base),
        { method, agent: this.#agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
        (response) => {
          readText(response).then(
            (text) =>
              resolve({
                status: response.statusCode ?? 0,
                text,
                retryAfterSeconds: retryAfter(response),
                ms: performance.now() - sent,
              }),
            reject,
          )
        },
      )
      outgoing.once('socket', () => (sent = performance.now()))
      outgoing.setTimeout(SILENCE_LIMIT_MS, () => outgoing.destroy(new Error(`no answer in ${SILENCE_LIMIT_MS} ms`)))
      outgoing.once('error', reject)
      outgoing.end(body)
    })
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function retryAfter(response: IncomingMessage): number | null {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds : null
}
