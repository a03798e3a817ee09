import { z } from 'zod'
import type { FileEntry, Files } from '../../files/contract.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import { inParallel } from '../../in-parallel.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import type { CallLimits } from '../limits.ts'
import { ignored, many, path, withDefault } from '../parameters.ts'
import { metadataOf, statOf } from './file-answers.ts'

const onePath = z.strictObject({ path, context: ignored })

/** What is known about files, one or many; the many answer an object by the paths as they were sent. */
export function fileStatMethods(files: Files, limits: CallLimits): Method[] {
  const paths = many(path, limits)
  const manyPaths = z.strictObject({ paths, context: ignored })
  return [
    defineMethod({
      name: 'get_etag',
      docs: {
        summary: 'The ETag of a file, or null',
        example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md' } },
      },
      params: onePath,
      cacheControl: CACHE.metadata,
      handle: async (params, context) => ({ etag: (await files.stat(context, params.path))?.etag ?? null }),
    }),
    defineMethod({
      name: 'stat',
      docs: {
        summary: 'What is known of a file or directory',
        example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md' } },
      },
      params: onePath,
      cacheControl: CACHE.metadata,
      handle: async (params, context) => statOf(await files.describe(context, params.path)),
    }),
    defineMethod({
      name: 'stat_bulk',
      docs: {
        summary: 'What is known of many files and directories',
        example: {
          params: {
            paths: [
              '/tenant:default/user:admin/workspace/ws_my_workspace/README.md',
              '/tenant:default/user:admin/workspace/ws_my_workspace',
            ],
          },
        },
      },
      params: z.strictObject({ paths, skip_errors: withDefault(z.boolean(), true), context: ignored }),
      cacheControl: CACHE.metadata,
      async handle(params, context) {
        if (params.skip_errors) return await byPath(files, context, params.paths, (entry) => entry && statOf(entry))
        const stats = params.paths.map((one) => async () => [one, statOf(await files.describe(context, one))] as const)
        return Object.fromEntries(await inParallel(stats))
      },
    }),
    defineMethod({
      name: 'exists_batch',
      docs: {
        summary: 'Whether something is at each of many paths',
        example: {
          params: {
            paths: [
              '/tenant:default/user:admin/workspace/ws_my_workspace/README.md',
              '/tenant:default/user:admin/workspace/ws_my_workspace/missing',
            ],
          },
        },
      },
      params: manyPaths,
      cacheControl: CACHE.metadata,
      handle: (params, context) => byPath(files, context, params.paths, (entry) => entry !== null),
    }),
    defineMethod({
      name: 'metadata_batch',
      docs: {
        summary: 'What is known of many files and directories, as get_metadata has it',
        example: { params: { paths: ['/tenant:default/user:admin/workspace/ws_my_workspace/README.md'] } },
      },
      params: manyPaths,
      cacheControl: CACHE.metadata,
      handle: (params, context) =>
        byPath(files, context, params.paths, (entry) => entry && metadataOf(entry, context.caller.user)),
    }),
    defineMethod({
      name: 'batch_get_content_ids',
      docs: {
        summary: 'The ETags of many files',
        example: { params: { paths: ['/tenant:default/user:admin/workspace/ws_my_workspace/README.md'] } },
      },
      params: manyPaths,
      cacheControl: CACHE.metadata,
      handle: (params, context) => byPath(files, context, params.paths, (entry) => entry?.etag ?? null),
    }),
    defineMethod({
      name: 'get_available_namespaces',
      docs: { summary: 'The namespaces that paths may start with', example: { params: {} } },
      params: z.strictObject({ context: ignored }),
      cacheControl: CACHE.revalidate,
      async handle(_params, { caller }) {
        const system = caller.isAdmin || caller.isGlobalAdmin ? ['system'] : []
        return { namespaces: ['archives', 'external', 'shared', ...system, 'workspace'] }
      },
    }),
  ]
}

async function byPath<T>(
  files: Files,
  context: CallContext,
  asked: readonly string[],
  present: (entry: FileEntry | null) => T,
): Promise<Record<string, T>> {
  const tasks = asked.map((one) => async () => [one, present(await statOrNull(files, context, one))] as const)
  return Object.fromEntries(await inParallel(tasks))
}

/** Nothing can stand at a path that no path can be. */
async function statOrNull(files: Files, context: CallContext, one: string): Promise<FileEntry | null> {
  try {
    return await files.stat(context, one)
  } catch (error) {
    if (error instanceof NexusError && error.reason === 'INVALID_PATH') return null
    throw error
  }
}
