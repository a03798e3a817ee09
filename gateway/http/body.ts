import express, { type Request, type Response } from 'express'
import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** The JSON body of a call must have come after this long, in milliseconds. */
const BODY_MS = 300_000

/** Reads the JSON body of a request, whatever its content type says. @throws NexusError PARSE_ERROR, TOO_LARGE */
export type ReadBody = (request: Request, response: Response) => Promise<unknown>

export function bodyReader(maxBytes: number): ReadBody {
  const parse = express.json({ limit: maxBytes, strict: false, type: () => true })
  return async (request, response) => {
    const limit = setTimeout(() => request.destroy(), BODY_MS)
    try {
      await new Promise<void>((resolve, reject) => {
        parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)))
      })
    } catch (error) {
      throw bodyError(error, maxBytes)
    } finally {
      clearTimeout(limit)
    }
    return request.body as unknown
  }
}

function bodyError(error: unknown, maxBytes: number): NexusError {
  const type = error instanceof Error && 'type' in error ? error.type : undefined
  if (type === 'entity.too.large') {
    return new NexusError('TOO_LARGE', `The request body is larger than ${maxBytes / 1_048_576} MiB.`)
  }
  if (type === 'entity.parse.failed')
    return new NexusError('PARSE_ERROR', 'The body is not valid JSON.', { cause: error })
  return new NexusError('PARSE_ERROR', 'The body cannot be read: send complete JSON in UTF-8.', { cause: error })
}
