import express, { type Request, type Response } from 'express'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { hasMoreValues } from './json-values.ts'

/** The JSON body of a call must have come after this long, in milliseconds. */
const BODY_MS = 300_000
/** So many JSON values may a body have, or so many for each thing that a call may name. */
const MOST_VALUES = 200_000
const VALUES_PER_ITEM = 20
/** Thrown as an error's type, as body-parser names its own. */
const TOO_MANY_VALUES = 'entity.too.many.values'

/** Reads the JSON body of a request, whatever its content type says. @throws NexusError PARSE_ERROR, TOO_LARGE */
export type ReadBody = (request: Request, response: Response) => Promise<unknown>

/**
 * A body with very many values is refused before it is parsed, whatever its size.
 * @param batch how many things a call may name
 */
export function bodyReader(maxBytes: number, batch = 0): ReadBody {
  const mostValues = Math.max(MOST_VALUES, VALUES_PER_ITEM * batch)
  const verify = (_request: unknown, _response: unknown, body: Buffer, encoding: string): void => {
    if (encoding !== 'utf-8') throw new Error(`the body is in ${encoding}`)
    if (hasMoreValues(body, mostValues)) throw Object.assign(new Error('too many values'), { type: TOO_MANY_VALUES })
  }
  const parse = express.json({ limit: maxBytes, strict: false, type: () => true, verify })
  return async (request, response) => {
    const limit = setTimeout(() => request.destroy(), BODY_MS)
    try {
      await new Promise<void>((resolve, reject) => {
        parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)))
      })
    } catch (error) {
      throw bodyError(error, maxBytes, mostValues)
    } finally {
      clearTimeout(limit)
    }
    return request.body as unknown
  }
}

function bodyError(error: unknown, maxBytes: number, mostValues: number): NexusError {
  const type = error instanceof Error && 'type' in error ? error.type : undefined
  if (type === 'entity.too.large') {
    return new NexusError('TOO_LARGE', `The request body is larger than ${maxBytes / 1_048_576} MiB.`)
  }
  if (type === TOO_MANY_VALUES) {
    return new NexusError('TOO_LARGE', `The request body has more than ${mostValues} JSON values.`)
  }
  if (type === 'entity.parse.failed')
    return new NexusError('PARSE_ERROR', 'The body is not valid JSON.', { cause: error })
  return new NexusError('PARSE_ERROR', 'The body cannot be read: send complete JSON in UTF-8.', { cause: error })
}
