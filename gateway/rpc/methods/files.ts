import { z } from 'zod'
import type { Files } from '../../files/contract.ts'
import { CACHE, defineMethod, type Method, Tagged } from '../method.ts'
import type { CallLimits } from '../limits.ts'
import { content, ignored, line, optional, path, withDefault } from '../parameters.ts'
import { metadataOf, unquoted, versionOf, writtenOf } from './file-answers.ts'
import { fileBatchMethods } from './file-batches.ts'
import { fileEditMethods } from './file-edits.ts'
import { filePartMethods } from './file-parts.ts'
import { fileStatMethods } from './file-stats.ts'
import { listMethod } from './list.ts'

/** The methods of nexus-api.md 2.1. */
export function fileMethods(files: Files, limits: CallLimits): Method[] {
  return [
    readMethod(files),
    writeMethod(files),
    listMethod(files, limits),
    ...lookups(files),
    ...changes(files),
    ...fileStatMethods(files, limits),
    ...filePartMethods(files),
    ...fileEditMethods(files),
    ...fileBatchMethods(files, limits),
  ]
}

function readMethod(files: Files): Method {
  return defineMethod({
    name: 'read',
    params: z.strictObject({
      path,
      return_metadata: withDefault(z.boolean(), false),
      // Parsed views and download URLs belong to back ends that have them; the answer without one is the content.
      parsed: withDefault(z.boolean(), false),
      return_url: withDefault(z.boolean(), false),
      expires_in: withDefault(z.int().min(1), 3_600),
    }),
    cacheControl: CACHE.metadata,
    async handle(params, context) {
      const { content: bytes, entry } = await files.read(context, params.path)
      const result = params.return_metadata ? { content: bytes, ...versionOf(entry) } : bytes
      return new Tagged(result, entry.etag ?? '')
    },
  })
}

function writeMethod(files: Files): Method {
  return defineMethod({
    name: 'write',
    params: z.strictObject({
      path,
      content,
      if_match: optional(line),
      if_none_match: withDefault(z.boolean(), false),
      force: withDefault(z.boolean(), false),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const entry = await files.write(context, params.path, params.content, {
        ifMatch: params.if_match === undefined ? undefined : unquoted(params.if_match),
        ifNoneMatch: params.if_none_match,
        force: params.force,
      })
      return writtenOf(entry)
    },
  })
}

const onePath = z.strictObject({ path, context: ignored })

function lookups(files: Files): Method[] {
  return [
    defineMethod({
      name: 'exists',
      params: onePath,
      cacheControl: CACHE.metadata,
      handle: async (params, context) => ({ exists: await files.exists(context, params.path) }),
    }),
    defineMethod({
      name: 'is_directory',
      params: onePath,
      cacheControl: CACHE.metadata,
      handle: async (params, context) => ({ is_directory: await files.isDirectory(context, params.path) }),
    }),
    defineMethod({
      name: 'get_metadata',
      params: onePath,
      cacheControl: CACHE.metadata,
      async handle(params, context) {
        const entry = await files.stat(context, params.path)
        return { metadata: entry === null ? null : metadataOf(entry, context.caller.user) }
      },
    }),
  ]
}

function changes(files: Files): Method[] {
  return [
    defineMethod({
      name: 'mkdir',
      params: z.strictObject({
        path,
        parents: withDefault(z.boolean(), false),
        exist_ok: withDefault(z.boolean(), false),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.mkdir(context, params.path, { parents: params.parents, existOk: params.exist_ok })
        return { created: true }
      },
    }),
    defineMethod({
      name: 'rename',
      params: z.strictObject({ old_path: path, new_path: path, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.rename(context, params.old_path, params.new_path)
        return { renamed: true, success: true }
      },
    }),
    defineMethod({
      name: 'copy',
      params: z.strictObject({ src_path: path, dst_path: path, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const entry = await files.copy(context, params.src_path, params.dst_path)
        return { copied: true, success: true, path: entry.path, ...versionOf(entry) }
      },
    }),
    defineMethod({
      name: 'delete',
      params: onePath,
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.delete(context, params.path)
        return { deleted: true, success: true }
      },
    }),
    defineMethod({
      name: 'rmdir',
      params: z.strictObject({ path, recursive: withDefault(z.boolean(), false), context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.rmdir(context, params.path, { recursive: params.recursive })
        return { removed: true }
      },
    }),
  ]
}
