import { type ClientRequest, type IncomingMessage, request } from 'node:http'

/** What a request of a flood was answered. */
export interface FloodAnswer {
  /** 0: the connection failed. */
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/**
 * Requests of which the server has the head and waits for the body, each on a connection of its own; so all of them
 * are in flight at once, however fast it answers.
 */
export class HeldRequest {
  readonly answer: Promise<FloodAnswer>
  /** Resolves when the connection stands, or has failed. */
  readonly connected: Promise<void>
  readonly #request: ClientRequest
  readonly #body: string

  constructor(url: string, key: string, method: string, params: unknown) {
    this.#body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    this.#request = request(`${url}/api/nfs/${method}`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(this.#body),
      },
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.connected = promise
    this.#request.once('socket', (socket) => socket.once('connect', resolve))
    this.answer = new Promise((done) => {
      this.#request.once('response', (response) => void readAnswer(response).then(done))
      this.#request.once('error', (error) => {
        resolve()
        done({ status: 0, retryAfter: undefined, text: error.message })
      })
    })
    this.#request.flushHeaders()
  }

  release(): void {
    this.#request.end(this.#body)
  }
}

async function readAnswer(response: IncomingMessage): Promise<FloodAnswer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer)
  } catch (error) {
    return { status: 0, retryAfter: undefined, text: String(error) }
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text }
}
