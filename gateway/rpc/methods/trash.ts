import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { TrashPlace, TrashRow } from '../../trash/trash-rows.ts'
import type { Trash } from '../../trash/trash.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, path, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const MAX_PAGE = 1_000

/** The methods about what was deleted. `retentionMs` is how long it is kept. */
export function trashMethods(trash: Trash, retentionMs: number): Method[] {
  return [
    defineMethod({
      name: 'trash_list',
      docs: {
        summary: 'What is in the trash and was below a path',
        example: { params: { path: '/tenant:default/user:admin' } },
      },
      params: z.strictObject({
        path: withDefault(path, '/'),
        limit: withDefault(z.int().min(1).max(MAX_PAGE), 100),
        cursor: optional(line),
        context: ignored,
      }),
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const after = params.cursor === undefined ? null : parseCursor(params.cursor)
        const { rows, next } = await trash.list(context, params.path, { after, limit: params.limit })
        return {
          items: rows.map((row) => present(row, retentionMs)),
          next_cursor: next === null ? null : `${next.deletedAt}.${next.trashId}`,
          has_more: next !== null,
        }
      },
    }),
    defineMethod({
      name: 'trash_restore',
      docs: {
        summary: 'Bring something back from the trash',
        example: {
          before: [
            ['write', { path: '/tenant:default/user:admin/workspace/examples/restored.txt', content: 'first' }],
            ['delete', { path: '/tenant:default/user:admin/workspace/examples/restored.txt' }],
            ['trash_list', { path: '/tenant:default/user:admin/workspace/examples/restored.txt' }],
          ],
          params: { trash_id: '<2.items.0.trash_id>' },
        },
      },
      params: z.strictObject({ trash_id: line, new_path: optional(path), context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const entry = await trash.restore(context, params.trash_id, params.new_path ?? null)
        return { restored: true, path: entry.path, is_directory: entry.kind === 'directory' }
      },
    }),
    defineMethod({
      name: 'trash_purge',
      docs: {
        summary: 'Delete something from the trash for good',
        example: {
          before: [
            ['write', { path: '/tenant:default/user:admin/workspace/examples/purged.txt', content: 'first' }],
            ['delete', { path: '/tenant:default/user:admin/workspace/examples/purged.txt' }],
            ['trash_list', { path: '/tenant:default/user:admin/workspace/examples/purged.txt' }],
          ],
          params: { trash_id: '<2.items.0.trash_id>' },
        },
      },
      params: z.strictObject({ trash_id: line, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await trash.purge(context, params.trash_id)
        return { purged: true }
      },
    }),
  ]
}

function present(row: TrashRow, retentionMs: number) {
  return {
    trash_id: row.trash_id,
    path: row.path,
    is_directory: row.kind === 'directory',
    size: row.size,
    deleted_at: isoTime(row.deleted_at),
    deleted_by: row.deleted_by,
    expires_at: isoTime(row.deleted_at + retentionMs),
  }
}

/** @throws NexusError INVALID_PARAMS */
function parseCursor(cursor: string): TrashPlace {
  const [, time, trashId] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(cursor) ?? []
  if (time === undefined || trashId === undefined)
    throw new NexusError('INVALID_PARAMS', "parameter 'cursor' must be the next_cursor of an earlier page")
  return { deletedAt: Number(time), trashId }
}
