import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Files } from '../../files/contract.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { content, ignored, line, optional, path, withDefault } from '../parameters.ts'
import { unquoted, versionOf, writtenOf } from './file-answers.ts'

/** A file in more chunks would cost the server more than the client gains. */
const MAX_CHUNKS = 10_000
const position = z.int().min(0)
const guards = {
  if_match: optional(line).transform((etag) => (etag === undefined ? undefined : unquoted(etag))),
  force: withDefault(z.boolean(), false),
}

/** Methods that take or give parts of a file. */
export function filePartMethods(files: Files): Method[] {
  return [
    defineMethod({
      name: 'append',
      docs: {
        summary: 'Append to a file, or make it',
        example: {
          params: { path: '/tenant:default/user:admin/workspace/examples/log.txt', content: 'one more line' },
        },
      },
      params: z.strictObject({ path, content, ...guards, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const options = { ifMatch: params.if_match, force: params.force }
        return versionOf(await files.append(context, params.path, params.content, options))
      },
    }),
    defineMethod({
      name: 'read_range',
      docs: {
        summary: 'Read a part of a file',
        example: {
          params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md', start: 0, end: 10 },
        },
      },
      params: z.strictObject({ path, start: position, end: position, context: ignored }),
      cacheControl: CACHE.metadata,
      async handle({ path: at, start, end }, context) {
        if (end < start) throw new NexusError('INVALID_PARAMS', "parameter 'end' must not be less than 'start'")
        return await files.readRange(context, at, start, end)
      },
    }),
    defineMethod({
      name: 'stream',
      docs: {
        summary: 'Read a file in chunks',
        example: {
          params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md', chunk_size: 1024 },
        },
      },
      params: z.strictObject({ path, chunk_size: withDefault(z.int().min(1), 8_192), context: ignored }),
      cacheControl: CACHE.metadata,
      async handle({ path: at, chunk_size: size }, context) {
        const { content: bytes } = await files.read(context, at)
        const count = Math.ceil(bytes.byteLength / size)
        if (count > MAX_CHUNKS) {
          throw new NexusError('INVALID_PARAMS', `the file has ${count} chunks of this size; at most ${MAX_CHUNKS}`)
        }
        return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
      },
    }),
    defineMethod({
      name: 'write_stream',
      docs: {
        summary: 'Write a file that is sent in chunks',
        example: {
          params: { path: '/tenant:default/user:admin/workspace/examples/chunks.txt', chunks: ['one ', 'two'] },
        },
      },
      params: z.strictObject({
        path,
        chunks: z.array(content).max(MAX_CHUNKS),
        ...guards,
        if_none_match: withDefault(z.boolean(), false),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const { if_match: ifMatch, if_none_match: ifNoneMatch, force } = params
        const whole = Buffer.concat(params.chunks)
        return writtenOf(await files.write(context, params.path, whole, { ifMatch, ifNoneMatch, force }))
      },
    }),
  ]
}
