import { type Answer, WaveClient } from '../../waves/client.ts'

/** What became of a call. */
export type Reply =
  | { readonly kind: 'done'; readonly result: unknown }
  /** A JSON-RPC error: nothing was changed. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }
  /** Nobody listened, or there was too much to do: nothing was changed. */
  | { readonly kind: 'away'; readonly why: string }
  /** The connection was lost, or a 503 with Retry-After: it may have happened, or may yet. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Nothing that a client should ever see. */
  | { readonly kind: 'broken'; readonly why: string }

const UNAVAILABLE = -32_010
const BUSY = -32_011
const INTERNAL = -32_603

/** Calls a gateway, and says of every answer what a careful client may conclude from it. */
export class Caller {
  readonly #client: WaveClient
  readonly #key: string

  constructor(url: string, key: string, connections: number) {
    this.#client = new WaveClient(url, connections)
    this.#key = key
  }

  async call(method: string, params: unknown): Promise<Reply> {
    try {
      return judge(await this.#client.rpc(this.#key, method, params), method)
    } catch (error) {
      const why = `${method}: ${error instanceof Error ? error.message : String(error)}`
      return { kind: why.includes('ECONNREFUSED') ? 'away' : 'unknown', why }
    }
  }

  /** The result of a call that must succeed. @throws Error otherwise */
  async ok<T>(method: string, params: unknown): Promise<T> {
    const reply = await this.call(method, params)
    if (reply.kind === 'done') return reply.result as T
    throw new Error(`${method} ${JSON.stringify(params)}: ${describe(reply)}`)
  }

  close(): void {
    this.#client.close()
  }
}

export function describe(reply: Reply): string {
  if (reply.kind === 'done') return `answered ${JSON.stringify(reply.result)?.slice(0, 200)}`
  return reply.kind === 'refused' ? `refused with ${reply.code}: ${reply.message}` : `${reply.kind}: ${reply.why}`
}

function judge(answer: Answer, method: string): Reply {
  const why = `${method}: HTTP ${answer.status} ${answer.text.slice(0, 200)}`
  const body = parse(answer.text)
  const code = body?.error?.code
  const saysWhen = answer.retryAfterSeconds !== null
  if (answer.status === 200 && body !== undefined && 'result' in body) return { kind: 'done', result: body.result }
  if (answer.status === 200 && code !== undefined && code !== INTERNAL)
    return { kind: 'refused', code, message: body?.error?.message ?? '' }
  if (answer.status === 429 && code === BUSY && saysWhen) return { kind: 'away', why }
  if (answer.status === 503 && code === UNAVAILABLE && saysWhen) return { kind: 'unknown', why }
  return { kind: 'broken', why }
}

interface Body {
  readonly result?: unknown
  readonly error?: { readonly code?: number; readonly message?: string }
}

function parse(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** The text of a file as `read` answers it. */
export function textOf(result: unknown): string {
  return Buffer.from((result as { data?: string }).data ?? '', 'base64').toString()
}
