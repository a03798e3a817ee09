import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEAD_END = '\r\n\r\n'

export interface WireAnswer {
  readonly status: number
  readonly body: Buffer
}

/** A request as it goes over the wire, made once. */
export function wireRequest(
  url: string,
  order: { readonly method?: string; readonly path: string; readonly key: string; readonly body?: string },
): Buffer {
  const { method = 'POST', path, key, body = '' } = order
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}${HEAD_END}${body}`)
}

/** A call of a method. */
export function wireCall(url: string, key: string, method: string, params: object): Buffer {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return wireRequest(url, { path: `/api/nfs/${method}`, key, body })
}

/**
 * Connections that are kept, each with one request at a time: a client that costs next to nothing, so that what is
 * measured is the server.
 */
export class WireClient implements Disposable {
  readonly #free: WireConnection[]
  readonly #all: readonly WireConnection[]
  readonly #waiting: ((connection: WireConnection) => void)[] = []

  private constructor(connections: readonly WireConnection[]) {
    this.#all = connections
    this.#free = [...connections]
  }

  static async open(url: string, connections: number): Promise<WireClient> {
    const opened = Array.from({ length: connections }, () => WireConnection.open(url))
    return new WireClient(await Promise.all(opened))
  }

  async send(request: Buffer): Promise<WireAnswer> {
    const connection = this.#free.pop() ?? (await new Promise<WireConnection>((resolve) => this.#waiting.push(resolve)))
    try {
      return await connection.send(request)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(connection)
      else next(connection)
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#all) connection.close()
  }
}

class WireConnection {
  readonly #url: string
  #socket: Socket
  #pieces: Buffer[] = []
  #length = 0
  /** Of the whole answer; unknown before its head is there. */
  #expected: number | undefined
  #answer: PromiseWithResolvers<WireAnswer> | undefined

  private constructor(url: string, socket: Socket) {
    this.#url = url
    this.#socket = this.#listenTo(socket)
  }

  static async open(url: string): Promise<WireConnection> {
    return new WireConnection(url, await openSocket(url))
  }

  async send(request: Buffer): Promise<WireAnswer> {
    // A server closes what nobody used for a while.
    if (this.#socket.closed || this.#socket.readableEnded) this.#socket = this.#listenTo(await openSocket(this.#url))
    return await this.#ask(request)
  }

  #listenTo(socket: Socket): Socket {
    socket.on('data', (piece: Buffer) => this.#read(piece))
    socket.on('close', () => this.#answer?.reject(new Error('the server closed the connection')))
    socket.on('error', (error) => this.#answer?.reject(error))
    return socket
  }

  #ask(request: Buffer): Promise<WireAnswer> {
    this.#pieces = []
    this.#length = 0
    this.#expected = undefined
    this.#answer = Promise.withResolvers<WireAnswer>()
    this.#socket.write(request)
    return this.#answer.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#length += piece.byteLength
    if (this.#expected === undefined) this.#readHead()
    if (this.#expected === undefined || this.#length < this.#expected) return
    const whole = Buffer.concat(this.#pieces)
    const status = Number(whole.toString('latin1', 9, 12))
    this.#answer?.resolve({ status, body: whole.subarray(whole.indexOf(HEAD_END) + HEAD_END.length) })
  }

  #readHead(): void {
    const start = this.#pieces.length === 1 ? (this.#pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces)
    const end = start.indexOf(HEAD_END)
    if (end === -1) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(start.toString('latin1', 0, end))?.[1]
    if (length === undefined) this.#answer?.reject(new Error('an answer without a length'))
    else this.#expected = end + HEAD_END.length + Number(length)
  }
}

async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return socket
}
