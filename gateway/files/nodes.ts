import type { FileEntry } from './contract.ts'

/** Columns of a node as queries give them. */
export interface NodeRow {
  readonly node_id: string
  readonly kind: 'file' | 'directory'
  readonly implicit: number
  readonly content_hash: string | null
  readonly size: number
  readonly mime_type: string | null
  readonly version: number
  readonly created_at: number
  readonly modified_at: number
  readonly created_by: string
  /** The mount that it belongs to, or whose mount point it is; null for what the content store holds. */
  readonly mount_id: string | null
  /** What the mount's back end said of its state when that was last looked at; null where nobody has yet. */
  readonly mount_token: string | null
}

/** Above the top level of a tree; not a row. */
export const ROOT_ID = ''
/** Above what was deleted; not a row. */
export const TRASH_ID = 'trash'

export const NODE_COLUMNS = [
  'node_id',
  'kind',
  'implicit',
  'content_hash',
  'size',
  'mime_type',
  'version',
  'created_at',
  'modified_at',
  'created_by',
  'mount_id',
  'mount_token',
] as const

/** The columns of a table alias, for a select list. */
export function nodeColumns(alias: string): string {
  return NODE_COLUMNS.map((column) => `${alias}.${column}`).join(', ')
}

export function entryOf(path: string, row: NodeRow): FileEntry {
  const file = row.kind === 'file'
  return {
    path,
    kind: row.kind,
    implicit: row.implicit === 1,
    size: row.size,
    etag: file ? row.content_hash : null,
    mimeType: row.mime_type,
    version: row.version,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    createdBy: row.created_by,
  }
}

/** '/' as a directory. */
export const rootEntry: FileEntry = {
  path: '/',
  kind: 'directory',
  implicit: true,
  size: 0,
  etag: null,
  mimeType: null,
  version: 0,
  createdAt: 0,
  modifiedAt: 0,
  createdBy: 'system',
}
