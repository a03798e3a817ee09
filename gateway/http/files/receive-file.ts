import type { Request, Response } from 'express'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import type { Files } from '../../files/contract.ts'
import { isoTime } from '../../rpc/special-values.ts'
import { sendJson } from '../send.ts'
import { etagsOf } from './conditions.ts'

/** A sender who sends nothing for this long is cut off, in milliseconds. */
const IDLE_MS = 60_000

/** Answers PUT: the body becomes the file. @throws NexusError */
export async function receiveFile(
  request: Request,
  response: Response,
  files: Files,
  path: string,
  who: { readonly now: CallContext; readonly later: () => Promise<CallContext> },
): Promise<void> {
  checkHeaders(request)
  request.setTimeout(IDLE_MS, () => request.destroy())
  try {
    const entry = await files.upload(who.now, path, bodyOf(request), {
      ifMatch: etagsOf(request.headers['if-match'], true),
      ifNoneMatch: etagsOf(request.headers['if-none-match'], false) ?? false,
      announced: Number(request.headers['content-length'] ?? 0),
      later: () => {
        // What follows has a deadline of its own.
        request.setTimeout(0)
        return who.later()
      },
    })
    // A file of a mount whose content nobody knew has its first version now, and was there before.
    const created = entry.version === 1 && entry.createdAt === entry.modifiedAt
    const { etag, version, size } = entry
    response.setHeader('ETag', `"${etag}"`)
    response.setHeader('Cache-Control', 'no-store')
    const answer = { path: entry.path, etag, version, size, modified_at: isoTime(entry.modifiedAt), created }
    sendJson(response, created ? 201 : 200, JSON.stringify(answer))
  } finally {
    // The rest of what was refused; the answer would not be read before it is sent.
    request.resume()
  }
}

function checkHeaders(request: Request): void {
  const { headers } = request
  if (headers['content-range'] !== undefined) {
    throw new NexusError('INVALID_PARAMS', 'PUT replaces the whole file: Content-Range is not supported')
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new NexusError('INVALID_PARAMS', 'send the bytes as they shall be stored: Content-Encoding is not supported')
  }
}

/** The body piece by piece. Where it is not read to its end the connection stays, so that an error can be answered. */
async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) yield piece as Uint8Array
  } catch (error) {
    throw new NexusError('CANCELLED', 'The upload broke off; nothing was changed.', { cause: error })
  }
}
