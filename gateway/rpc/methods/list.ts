import { z } from 'zod'
import type { FileEntry, Files } from '../../files/contract.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
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
      const listed = await files.list(context, prefix === undefined ? params.path : directoryOf(prefix), {
        recursive: params.recursive || prefix !== undefined,
      })
      const entries = listed.filter((entry) => startsWith(entry, prefix))
      const present = (entry: FileEntry) => (params.details ? presentEntry(entry) : entry.path)
      if (limit === undefined && params.cursor === undefined) return { files: entries.map(present) }
      const page = pageOf(entries, params.cursor, limit ?? limits.listPage)
      return { files: page.entries.map(present), next_cursor: page.next, has_more: page.next !== null }
    },
  })
}

function startsWith(entry: FileEntry, prefix: string | undefined): boolean {
  return prefix === undefined || entry.path.startsWith(prefix.startsWith('/') ? prefix : `/${prefix}`)
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
function pageOf(entries: readonly FileEntry[], cursor: string | undefined, limit: number) {
  let start = 0
  if (cursor !== undefined) {
    const after = decodeCursor(cursor)
    const next = entries.findIndex((entry) => Buffer.compare(Buffer.from(entry.path), after) > 0)
    start = next === -1 ? entries.length : next
  }
  const page = entries.slice(start, start + limit)
  const last = page.at(-1)
  const more = start + limit < entries.length
  return { entries: page, next: more && last !== undefined ? Buffer.from(last.path).toString('base64url') : null }
}

function decodeCursor(cursor: string): Buffer {
  const path = Buffer.from(cursor, 'base64url')
  if (!path.toString('utf8').startsWith('/'))
    throw new NexusError('INVALID_PARAMS', "parameter 'cursor' was not issued by list")
  return path
}
