import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import type { AnyAnswer } from './judge-answer.ts'

const SILENCE_MS = 30_000

export interface RawOrder {
  readonly method: string
  /** Goes over the wire as it is; a browser would clean it. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string | null
}

/** Sends requests as no well-behaved client does, over kept connections. */
export class RawClient {
  readonly #base: URL
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 })

  constructor(url: string) {
    this.#base = new URL(url)
  }

  /** @throws Error if there is no answer, or Node refuses to send such a request */
  async send({ method, target, headers, body }: RawOrder): Promise<AnyAnswer> {
    const { hostname: host, port } = this.#base
    const outgoing = request({ host, port, method, path: target, headers, agent: this.#agent })
    outgoing.setTimeout(SILENCE_MS, () => outgoing.destroy(new Error(`no answer in ${SILENCE_MS} ms`)))
    outgoing.end(body ?? undefined)
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    const pieces: Buffer[] = []
    for await (const piece of response) pieces.push(piece as Buffer)
    return { status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }
  }

  /** Sends bytes that need not be HTTP; resolves when the server has closed the connection. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    const socket = connect(Number(this.#base.port), this.#base.hostname)
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    socket.resume()
    socket.end(bytes)
    await closed
  }

  close(): void {
    this.#agent.destroy()
  }
}
