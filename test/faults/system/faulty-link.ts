import { connect, createServer, type Server, type Socket } from 'node:net'

/** Small pieces wait for no acknowledgement of those before: a whole link must not be slower than none. */
const AT_ONCE = { noDelay: true } as const

type State = 'whole' | 'stalled' | 'cut'

/** A TCP connection to a server that can be made to fail on purpose. */
export class FaultyLink {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #state: State = 'whole'

  private constructor(server: Server, port: number, target: URL) {
    this.#server = server
    this.port = port
    server.on('connection', (client) => this.#join(client, target))
  }

  /** @param target whose host and port are used */
  static async to(target: URL): Promise<FaultyLink> {
    const server = createServer(AT_ONCE)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return new FaultyLink(server, typeof address === 'object' && address !== null ? address.port : 0, target)
  }

  /** Nothing arrives any more, in either direction, and nobody is told: a server that was stopped, a lost cable. */
  stall(): void {
    this.#state = 'stalled'
    for (const pair of this.#pairs) for (const socket of pair) socket.pause()
  }

  /** All connections are reset, and new ones too. */
  cut(): void {
    this.#state = 'cut'
    for (const [client] of this.#pairs) client.resetAndDestroy()
  }

  /** What was held back arrives. */
  heal(): void {
    this.#state = 'whole'
    for (const pair of this.#pairs) for (const socket of pair) socket.resume()
  }

  close(): void {
    this.#server.close()
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  #join(client: Socket, target: URL): void {
    if (this.#state === 'cut') {
      client.resetAndDestroy()
      return
    }
    const server = connect({ port: Number(target.port), host: target.hostname, ...AT_ONCE })
    const pair = [client, server] as const
    this.#pairs.add(pair)
    for (const [index, socket] of pair.entries()) {
      const other = pair[1 - index]
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => other?.write(bytes))
      socket.on('close', () => {
        this.#pairs.delete(pair)
        other?.destroy()
      })
      if (this.#state === 'stalled') socket.pause()
    }
  }
}
