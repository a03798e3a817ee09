/** What a call was answered. */
export interface RpcAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly id: unknown
  readonly result: unknown
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } | undefined
}

export interface RawRequest {
  readonly method?: string
  readonly body?: string | Uint8Array<ArrayBuffer> | null
  readonly headers?: Readonly<Record<string, string>>
}

/** Talks to a gateway as any client does: HTTP and JSON. */
export class GatewayClient {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>

  constructor(url: string, key: string | null, headers: Readonly<Record<string, string>> = {}) {
    this.url = url
    this.headers = { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers }
  }

  /** A request as it is. */
  raw(path: string, init: RawRequest = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { ...init, headers: { ...this.headers, ...init.headers } })
  }

  /** POST /api/nfs/{method} with any body. */
  async post(
    method: string,
    body: string | Uint8Array<ArrayBuffer> | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RpcAnswer> {
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }
    const response = await this.raw(`/api/nfs/${method}`, init)
    const text = await response.text()
    const parsed = parseObject(text)
    return {
      status: response.status,
      headers: response.headers,
      text,
      id: parsed['id'],
      result: parsed['result'],
      error: parsed['error'] as RpcAnswer['error'],
    }
  }

  call(method: string, params: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<RpcAnswer> {
    return this.post(method, JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }), headers)
  }

  /** The result of a call that must succeed. */
  async ok<T = unknown>(method: string, params: object = {}): Promise<T> {
    const answer = await this.call(method, params)
    if (answer.status !== 200 || answer.error !== undefined)
      throw new Error(`${method}: HTTP ${answer.status} ${answer.text}`)
    return answer.result as T
  }

  /** The JSON-RPC error code of a call, or 0. */
  async code(method: string, params: object = {}): Promise<number> {
    return (await this.call(method, params)).error?.code ?? 0
  }
}

/** Bytes as the wire has them. */
export function bytes(content: string | Uint8Array): { readonly __type__: 'bytes'; readonly data: string } {
  return { __type__: 'bytes', data: Buffer.from(content).toString('base64') }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
