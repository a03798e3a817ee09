import { z } from 'zod'
import type { Files } from '../../files/contract.ts'
import type { SignedUrls } from '../../signed-urls/signed-urls.ts'
import { CACHE, defineMethod, type Method, Tagged } from '../method.ts'
import type { CallLimits } from '../limits.ts'
import { content, ignored, line, optional, path, withDefault } from '../parameters.ts'
import { metadataOf, unquoted, versionOf, writtenOf } from './file-answers.ts'
import { fileBatchMethods } from './file-batches.ts'
import { fileEditMethods } from './file-edits.ts'
import { filePartMethods } from './file-parts.ts'
import { fileStatMethods } from './file-stats.ts'
import { listMethod } from './list.ts'

/** A URL for longer is a key. */
const MAX_URL_SECONDS = 86_400

/** The methods of nexus-api.md 2.1. */
export function fileMethods(files: Files, signedUrls: SignedUrls, limits: CallLimits): Method[] {
  return [
    readMethod(files, signedUrls),
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

function readMethod(files: Files, signedUrls: SignedUrls): Method {
  return defineMethod({
    name: 'read',
    docs: {
      summary: 'Read a file',
      example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md' } },
    },
    params: z.strictObject({
      path,
      return_metadata: withDefault(z.boolean(), false),
      // There are no parsed views: the answer is the content.
      parsed: withDefault(z.boolean(), false),
      return_url: withDefault(z.boolean(), false),
      expires_in: withDefault(z.int().min(1).max(MAX_URL_SECONDS), 3_600),
    }),
    cacheControl: CACHE.metadata,
    async handle(params, context) {
      if (params.return_url) {
        const { entry } = await files.download(context, params.path)
        const expiresAt = Date.now() + params.expires_in * 1_000
        const url = await signedUrls.sign(context.caller, entry.path, expiresAt)
        return { download_url: url, expires_in: params.expires_in, method: 'GET', backend: 'nexus' }
      }
      const { content: bytes, entry } = await files.read(context, params.path)
      const result = params.return_metadata ? { content: bytes, ...versionOf(entry) } : bytes
      return new Tagged(result, entry.etag ?? '')
    },
  })
}

function writeMethod(files: Files): Method {
  return defineMethod({
    name: 'write',
    docs: {
      summary: 'Write a file: make it, or give it a new version',
      example: { params: { path: '/tenant:default/user:admin/workspace/examples/note.txt', content: 'Hello' } },
    },
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
      docs: {
        summary: 'Whether something is at a path',
        example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md' } },
      },
      params: onePath,
      cacheControl: CACHE.metadata,
      handle: async (params, context) => ({ exists: await files.exists(context, params.path) }),
    }),
    defineMethod({
      name: 'is_directory',
      docs: {
        summary: 'Whether a directory is at a path',
        example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace' } },
      },
      params: onePath,
      cacheControl: CACHE.metadata,
      handle: async (params, context) => ({ is_directory: await files.isDirectory(context, params.path) }),
    }),
    defineMethod({
      name: 'get_metadata',
      docs: {
        summary: 'What is known of a file or directory, or null',
        example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md' } },
      },
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
      docs: {
        summary: 'Make a directory',
        example: {
          params: { path: '/tenant:default/user:admin/workspace/examples/made', parents: true, exist_ok: true },
        },
      },
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
      docs: {
        summary: 'Rename or move a file or a directory with all that belongs to it',
        example: {
          before: [['write', { path: '/tenant:default/user:admin/workspace/examples/old.txt', content: 'first' }]],
          params: {
            old_path: '/tenant:default/user:admin/workspace/examples/old.txt',
            new_path: '/tenant:default/user:admin/workspace/examples/new.txt',
          },
        },
      },
      params: z.strictObject({ old_path: path, new_path: path, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.rename(context, params.old_path, params.new_path)
        return { renamed: true, success: true }
      },
    }),
    defineMethod({
      name: 'copy',
      docs: {
        summary: 'Copy a file without its history and rights',
        example: {
          params: {
            src_path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md',
            dst_path: '/tenant:default/user:admin/workspace/examples/copied.md',
          },
        },
      },
      params: z.strictObject({ src_path: path, dst_path: path, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const entry = await files.copy(context, params.src_path, params.dst_path)
        return { copied: true, success: true, path: entry.path, ...versionOf(entry) }
      },
    }),
    defineMethod({
      name: 'delete',
      docs: {
        summary: 'Put a file or an empty directory into the trash',
        example: {
          before: [
            ['write', { path: '/tenant:default/user:admin/workspace/examples/to-delete.txt', content: 'first' }],
          ],
          params: { path: '/tenant:default/user:admin/workspace/examples/to-delete.txt' },
        },
      },
      params: onePath,
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.delete(context, params.path)
        return { deleted: true, success: true }
      },
    }),
    defineMethod({
      name: 'rmdir',
      docs: {
        summary: 'Put a directory into the trash',
        example: {
          before: [
            ['write', { path: '/tenant:default/user:admin/workspace/examples/to-remove/file.txt', content: 'x' }],
          ],
          params: { path: '/tenant:default/user:admin/workspace/examples/to-remove', recursive: true },
        },
      },
      params: z.strictObject({ path, recursive: withDefault(z.boolean(), false), context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.rmdir(context, params.path, { recursive: params.recursive })
        return { removed: true }
      },
    }),
  ]
}
