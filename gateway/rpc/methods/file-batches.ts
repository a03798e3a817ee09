import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import type { Files } from '../../files/contract.ts'
import { inParallel } from '../../in-parallel.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import type { CallLimits } from '../limits.ts'
import { content, ignored, many, path, withDefault } from '../parameters.ts'
import { versionOf, writtenOf } from './file-answers.ts'
import { inWaves } from './waves.ts'

/** All contents of one answer together, in bytes. */
const MAX_READ_BYTES = 64 * 1_048_576

/** Methods that read or change many files. What is refused for one file is said of that file, by its path as sent. */
export function fileBatchMethods(files: Files, limits: CallLimits): Method[] {
  return [readBulk, writeBatch, deleteBulk, renameBulk].map((method) => method(files, limits))
}

function readBulk(files: Files, limits: CallLimits): Method {
  return defineMethod({
    name: 'read_bulk',
    docs: {
      summary: 'Read many files',
      example: { params: { paths: ['/tenant:default/user:admin/workspace/ws_my_workspace/README.md'] } },
    },
    params: z.strictObject({
      paths: many(path, limits),
      return_metadata: withDefault(z.boolean(), false),
      skip_errors: withDefault(z.boolean(), true),
      context: ignored,
    }),
    cacheControl: CACHE.metadata,
    async handle(params, context) {
      let total = 0
      const read = async (one: string) => {
        const { content: bytes, entry } = await files.read(context, one, (size) => {
          total += size
          if (total <= MAX_READ_BYTES) return
          throw new NexusError('TOO_LARGE', 'The files have more than 64 MiB together; read fewer at once.')
        })
        return params.return_metadata ? { content: bytes, ...versionOf(entry) } : bytes
      }
      const tasks = params.paths.map((one) => async () => {
        const result = await refusable(() => read(one))
        if (result instanceof NexusError && !params.skip_errors) throw result
        return [one, result instanceof NexusError ? null : result] as const
      })
      return Object.fromEntries(await inParallel(tasks))
    },
  })
}

function writeBatch(files: Files, limits: CallLimits): Method {
  return defineMethod({
    name: 'write_batch',
    docs: {
      summary: 'Write many files, all of them or none',
      example: {
        params: {
          files: [
            ['/tenant:default/user:admin/workspace/examples/a.txt', 'a'],
            ['/tenant:default/user:admin/workspace/examples/b.txt', 'b'],
          ],
        },
      },
    },
    params: z.strictObject({ files: many(z.tuple([path, content]), limits), context: ignored }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const given = params.files.map(([one, bytes]) => ({ path: one, content: bytes }))
      return (await files.writeBatch(context, given)).map(writtenOf)
    },
  })
}

function deleteBulk(files: Files, limits: CallLimits): Method {
  return defineMethod({
    name: 'delete_bulk',
    docs: {
      summary: 'Put many files and directories into the trash',
      example: {
        before: [['write', { path: '/tenant:default/user:admin/workspace/examples/bulk.txt', content: 'first' }]],
        params: { paths: ['/tenant:default/user:admin/workspace/examples/bulk.txt'] },
      },
    },
    params: z.strictObject({
      paths: many(path, limits),
      recursive: withDefault(z.boolean(), false),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    handle: (params, context) =>
      each(
        context,
        [...new Set(params.paths)].map((one) => ({
          paths: [one],
          run: () => files.delete(context, one, { recursive: params.recursive }),
          done: { success: true },
        })),
      ),
  })
}

function renameBulk(files: Files, limits: CallLimits): Method {
  return defineMethod({
    name: 'rename_bulk',
    docs: {
      summary: 'Rename many files and directories',
      example: {
        before: [['write', { path: '/tenant:default/user:admin/workspace/examples/bulk-old.txt', content: 'first' }]],
        params: {
          renames: [
            [
              '/tenant:default/user:admin/workspace/examples/bulk-old.txt',
              '/tenant:default/user:admin/workspace/examples/bulk-new.txt',
            ],
          ],
        },
      },
    },
    params: z.strictObject({ renames: many(z.tuple([path, path]), limits), context: ignored }),
    cacheControl: CACHE.none,
    handle(params, context) {
      if (new Set(params.renames.map(([from]) => from)).size < params.renames.length) {
        throw new NexusError('INVALID_PARAMS', "a path stands twice among the old ones of 'renames'")
      }
      return each(
        context,
        params.renames.map(([from, to]) => ({
          paths: [from, to],
          run: () => files.rename(context, from, to),
          done: { success: true, new_path: to },
        })),
      )
    },
  })
}

interface BulkItem {
  /** The first is the key of its answer. */
  readonly paths: readonly string[]
  readonly run: () => Promise<void>
  readonly done: object
}

/** Each item by itself, those about overlapping paths in their order. */
async function each(context: CallContext, items: readonly BulkItem[]): Promise<Record<string, object>> {
  const answers = await inWaves(items, async ({ paths: [key = ''], run, done }) => {
    const late = Date.now() >= context.scope.deadline
    const error = late ? new NexusError('UNAVAILABLE', 'There was no time left for this one.') : await refusal(run)
    return [key, error === null ? done : { success: false, error: reasonOf(error, key) }] as const
  })
  return Object.fromEntries(answers)
}

/** The path stands beside it; clients know this one by these words alone. */
function reasonOf(error: NexusError, path: string): string {
  return error.reason === 'FILE_NOT_FOUND' && error.message === `File not found: ${path}`
    ? 'File not found'
    : error.message
}

/** Why a change was not made; what failed for want of time may still come to be made. */
async function refusal(run: () => Promise<void>): Promise<NexusError | null> {
  try {
    await run()
    return null
  } catch (error) {
    if (error instanceof NexusError && error.reason !== 'INTERNAL') return error
    throw error
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['ACCESS_DENIED', 'FILE_NOT_FOUND', 'INVALID_PATH'])

/** A result, or why this one has none; what is wrong with the server, or with the whole call, is thrown. */
async function refusable<T>(task: () => Promise<T>): Promise<T | NexusError> {
  try {
    return await task()
  } catch (error) {
    if (error instanceof NexusError && REFUSALS.has(error.reason)) return error
    throw error
  }
}
