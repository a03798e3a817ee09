import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'

/** What a client may use to tell its answers apart. */
export type RequestId = string | number | null

export interface Envelope {
  readonly id: RequestId
  readonly params: JsonObject
}

/** The id of a request that is otherwise wrong, so that its error can name it. */
export function envelopeId(body: unknown): RequestId {
  if (!isObject(body)) return null
  const { id } = body
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

/**
 * Reads a JSON-RPC request that was posted to the URL of a method. A missing body is an empty request.
 * @throws NexusError INVALID_ENVELOPE, INVALID_PARAMS
 */
export function parseEnvelope(body: unknown, urlMethod: string): Envelope {
  const request = body ?? {}
  if (Array.isArray(request)) {
    throw new NexusError('INVALID_ENVELOPE', 'Batches are not supported: send one JSON-RPC request object per POST.')
  }
  if (!isObject(request)) throw new NexusError('INVALID_ENVELOPE', 'The body must be a JSON-RPC request object.')
  const { id, method, params } = request
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') {
    throw new NexusError('INVALID_ENVELOPE', 'id must be a string, a number or null.')
  }
  if (method !== undefined && method !== null && method !== urlMethod) {
    if (typeof method !== 'string') throw new NexusError('INVALID_ENVELOPE', 'method must be a string.')
    throw new NexusError('INVALID_ENVELOPE', `Method mismatch: URL=${shorten(urlMethod)}, body=${shorten(method)}`)
  }
  if (params !== undefined && params !== null && !isObject(params)) {
    throw new NexusError('INVALID_PARAMS', 'params must be an object of named parameters')
  }
  return { id: id ?? null, params: params ?? {} }
}

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: JsonObject
}

export function successBody(id: RequestId, result: JsonValue): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result })
}

/** The same for a result that is JSON already. */
export function successText(id: RequestId, json: string): string {
  return `${beforeResult(id)}${json}${AFTER_RESULT}`
}

/** What stands before a result that is written piece by piece. */
export function beforeResult(id: RequestId): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`
}

/** What stands after it. */
export const AFTER_RESULT = '}'

export function errorBody(id: RequestId, error: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error })
}

/** Texts of a caller are repeated to him, but not without end. */
export function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
