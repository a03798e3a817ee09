import { all, first, type Script } from '../../services/common/sql/script.ts'
import type { FileVersion } from './contract.ts'

interface VersionRow {
  readonly version: number
  readonly version_id: string
  readonly content_hash: string
  readonly size: number
  readonly mime_type: string | null
  readonly parent_version_id: string | null
  readonly source_type: FileVersion['sourceType']
  readonly change_reason: string | null
  readonly created_at: number
  readonly created_by: string
}

/** The versions of a file through one of them, the newest first. */
export function* versionsOf(tree: string, nodeId: string, through: number): Script<readonly FileVersion[]> {
  const rows = yield* all<VersionRow>(
    'select * from versions where tenant = $1 and node_id = $2 and version <= $3 order by version desc',
    tree,
    nodeId,
    through,
  )
  return rows.map(fromRow)
}

/** One version of a file, or null. */
export function* versionOf(tree: string, nodeId: string, version: number): Script<FileVersion | null> {
  const row = yield* first<VersionRow>(
    'select * from versions where tenant = $1 and node_id = $2 and version = $3',
    tree,
    nodeId,
    version,
  )
  return row === undefined ? null : fromRow(row)
}

function fromRow(row: VersionRow): FileVersion {
  return {
    version: row.version,
    versionId: row.version_id,
    etag: row.content_hash,
    size: row.size,
    mimeType: row.mime_type,
    parentVersionId: row.parent_version_id,
    sourceType: row.source_type,
    changeReason: row.change_reason,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
