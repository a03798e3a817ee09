import type { CallContext } from '../context.ts'
import { type RequestId, successBody, successText } from './envelope.ts'
import { encodeLong, isLong } from './encode-long.ts'
import { Encoded, type Method, Tagged } from './method.ts'
import { parseParameters } from './parameters.ts'
import { decodeSpecialValues, encodeSpecialValues, type DecodedObject } from './special-values.ts'
import type { JsonObject } from '../../services/common/json.ts'

export interface Answer {
  /** A long one is in pieces. */
  readonly body: string | readonly Buffer[]
  /** The ETag of what was read, without quotes; null if the method gives none. */
  readonly etag: string | null
}

/** Runs one call: parameters in, envelope out. @throws NexusError */
export async function dispatch(
  method: Method,
  id: RequestId,
  params: JsonObject,
  context: CallContext,
): Promise<Answer> {
  const parameters = parseParameters(method.params, decodeSpecialValues(params) as DecodedObject)
  const result = await method.handle(parameters, context)
  if (result instanceof Encoded) return { body: successText(id, result.json), etag: null }
  if (isLong(result)) return { body: await encodeLong(id, result, context.gone?.()), etag: null }
  const tagged = result instanceof Tagged ? result : null
  return {
    body: successBody(id, encodeSpecialValues(tagged === null ? result : tagged.result)),
    etag: tagged?.etag ?? null,
  }
}
