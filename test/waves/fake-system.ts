import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** What a fake system does wrong: told about every call, it may give an answer of its own. */
export type Fault = (call: FakeCall) => FakeAnswer | undefined

export interface FakeCall {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** How often this method was called before. */
  readonly count: number
}

export interface FakeAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly result?: unknown
}

export const FAKE_SKILLS = ['docx', 'pdf', 'xlsx'].map((name) => ({ name }))

/** As much of a gateway as the waves touch, in memory, with faults on demand. */
export class FakeSystem {
  readonly #files = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  readonly #fault: Fault
  readonly #server: Server
  /** Milliseconds that GET /health takes. */
  healthDelayMs = 0

  private constructor(fault: Fault) {
    this.#fault = fault
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(fault: Fault = () => undefined): Promise<FakeSystem> {
    const system = new FakeSystem(fault)
    await new Promise<void>((resolve) => system.#server.listen(0, '127.0.0.1', resolve))
    return system
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/health') {
      setTimeout(() => response.end('{}'), this.healthDelayMs)
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number } & FakeCall
    const count = this.#counts.get(method) ?? 0
    this.#counts.set(method, count + 1)
    const fault = this.#fault({ method, params, count })
    const body = fault?.result === undefined ? this.#answer(method, params) : { result: fault.result }
    response.writeHead(fault?.status ?? 200, { 'content-type': 'application/json', ...fault?.headers })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }))
  }

  #answer(method: string, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const path = String(params['path'])
    if (method === 'sandbox_get_or_create')
      return { error: { code: -32_602, message: 'No sandbox provider is configured' } }
    if (method === 'skills_list') return { result: { skills: FAKE_SKILLS, count: FAKE_SKILLS.length } }
    if (method === 'list')
      return { result: { files: ['/a.txt', '/b.txt', ...(path === '/' ? this.#files.keys() : [])] } }
    if (method === 'write') {
      this.#files.set(path, String(params['content']))
      return { result: {} }
    }
    if (method === 'read') {
      const content = this.#files.get(path)
      if (content === undefined) return { error: { code: -32_000, message: `File not found: ${path}` } }
      return { result: { __type__: 'bytes', data: Buffer.from(content).toString('base64') } }
    }
    return { result: { entries: [] } }
  }
}
