import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { FileDownload } from '../../files/contract.ts'
import { byteRange } from './byte-range.ts'
import { judge, outdatedRange } from './conditions.ts'

/** A reader who takes nothing for this long is cut off, in milliseconds. */
const IDLE_MS = 60_000

/** Whatever a browser makes of a stored file, it runs no script, loads nothing and belongs to no origin. */
const HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; sandbox"

/** Answers GET and HEAD: the file, a part of it, or why not. @throws NexusError CONFLICT for a condition that does not hold */
export async function sendFile(request: Request, response: Response, { entry, bytes }: FileDownload): Promise<void> {
  const file = { etag: entry.etag ?? '', modifiedAt: entry.modifiedAt }
  describeFile(request, response, entry.path, file)
  const judgement = judge(request.headers, file)
  if (judgement === 'failed') throw new NexusError('CONFLICT', `The file is not as the request wants it: ${entry.path}`)
  if (judgement === 'unchanged') return withoutContent(response, 304)
  const { range: header } = request.headers
  const asked = request.method === 'GET' && !outdatedRange(request.headers, file) ? header : undefined
  const range = byteRange(asked, entry.size)
  if (range === 'none') {
    response.setHeader('Content-Range', `bytes */${entry.size}`)
    return withoutContent(response, 416)
  }
  const { start, end } = range === 'whole' ? { start: 0, end: entry.size } : range
  if (range !== 'whole') {
    response.status(206).setHeader('Content-Range', `bytes ${start}-${end - 1}/${entry.size}`)
  }
  response.setHeader('Content-Length', end - start)
  if (request.method === 'HEAD') return void response.end()
  const content = await bytes(start, end)
  response.setTimeout(IDLE_MS, () => response.destroy())
  await pipeline(content, response)
}

/** Ends an answer that has none of the file's bytes, and so nothing that would be about them. */
function withoutContent(response: Response, status: number): void {
  for (const name of ['Content-Type', 'Content-Disposition']) response.removeHeader(name)
  response.status(status).end()
}

function describeFile(
  request: Request,
  response: Response,
  path: string,
  file: { readonly etag: string; readonly modifiedAt: number },
): void {
  // Sets the type by the name's extension, too.
  response.attachment(basename(path))
  if (request.query['disposition'] === 'inline') response.setHeader('Content-Disposition', 'inline')
  response.setHeader('Content-Security-Policy', HARMLESS)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('ETag', `"${file.etag}"`)
  response.setHeader('Last-Modified', new Date(file.modifiedAt).toUTCString())
  // Rights may end at any time: what is kept is asked about again. Packed, it would not be the bytes of this ETag.
  response.setHeader('Cache-Control', 'private, no-cache, no-transform')
}
