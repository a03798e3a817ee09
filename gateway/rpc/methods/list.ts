import { z } from 'zod'
import type { CallContext } from '../../context.ts'
import type { FileEntry, Files } from '../../files/contract.ts'
import { comparePaths } from '../../files/paths.ts'
import { inSlices } from '../../slices.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { CACHE, defineMethod, LongList, type Method } from '../method.ts'
import type { CallLimits } from '../limits.ts'
import { ignored, line, optional, path, text, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

export function listMethod(files: Files, limits: CallLimits): Method {
  return defineMethod({
    name: 'list',
    docs: {
      summary: 'List what is in a directory, or everything below it',
      example: { params: { path: '/tenant:default/user:admin/workspace', recursive: false, details: true } },
    },
    params: z.strictObject({
      path: withDefault(path, '/'),
      recursive: withDefault(z.boolean(), true),
      details: withDefault(z.boolean(), false),
      prefix: optional(text),
      // Parsed views are not listed.
      show_parsed: withDefault(z.boolean(), true),
      limit: optional(z.int().min(1).max(limits.listPage)),
      cursor: optional(line),
      context: ignored,
    }),
    cacheControl: CACHE.listing,
    async handle(params, context) {
      const { prefix, limit } = params
      const present = (entry: FileEntry) => (params.details ? presentEntry(entry) : entry.path)
      const isPage = limit !== undefined || params.cursor !== undefined
      if (isPage && prefix === undefined) {
        const after = params.cursor === undefined ? null : decodeCursor(params.cursor)
        const options = { recursive: params.recursive, after, limit: limit ?? limits.listPage }
        const { entries, more } = await files.listPage(context, params.path, options)
        return presentPage(entries, more, present)
      }
      const listed = await files.list(context, prefix === undefined ? params.path : directoryOf(prefix), {
        recursive: params.recursive || prefix !== undefined,
      })
      const entries = prefix === undefined ? listed : await startingWith(listed, prefix, context)
      if (!isPage) return { files: new LongList(entries, present) }
      const after = params.cursor === undefined ? null : decodeCursor(params.cursor)
      const rest = after === null ? entries : entries.filter(({ path: at }) => comparePaths(at, after) > 0)
      const size = limit ?? limits.listPage
      return presentPage(rest.slice(0, size), rest.length > size, present)
    },
  })
}

async function startingWith(
  entries: readonly FileEntry[],
  prefix: string,
  { gone }: CallContext,
): Promise<readonly FileEntry[]> {
  const start = prefix.startsWith('/') ? prefix : `/${prefix}`
  const found: FileEntry[] = []
  for await (const slice of inSlices(entries, gone?.())) {
    found.push(...slice.filter(({ path }) => path.startsWith(start)))
  }
  return found
}

function directoryOf(prefix: string): string {
  const slash = prefix.lastIndexOf('/')
  return slash <= 0 ? '/' : prefix.slice(0, slash)
}

function presentEntry(entry: FileEntry) {
  if (entry.kind === 'directory') {
    return {
      path: entry.path,
      size: 0,
      modified_at: null,
      created_at: null,
      etag: null,
      mime_type: null,
      is_directory: true,
    }
  }
  return {
    path: entry.path,
    size: entry.size,
    modified_at: isoTime(entry.modifiedAt),
    created_at: isoTime(entry.createdAt),
    etag: entry.etag,
    mime_type: entry.mimeType,
    is_directory: false,
  }
}

/** A page starts after the path that its cursor names, so nothing is shown twice when files come and go between pages. */
function presentPage(entries: readonly FileEntry[], more: boolean, present: (entry: FileEntry) => unknown) {
  const last = entries.at(-1)
  const next = more && last !== undefined ? Buffer.from(last.path).toString('base64url') : null
  return { files: new LongList(entries, present), next_cursor: next, has_more: next !== null }
}

/** @throws NexusError INVALID_PARAMS */
function decodeCursor(cursor: string): string {
  const path = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!path.startsWith('/')) throw new NexusError('INVALID_PARAMS', "parameter 'cursor' was not issued by list")
  return path
}
