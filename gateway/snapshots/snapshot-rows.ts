import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { all, first, type Script } from '../../services/common/sql/script.ts'
import type { TreePath } from '../files/paths.ts'
import { findRegistered } from '../workspaces/workspace-record.ts'

/** What is known of a snapshot without its files. Times are milliseconds since 1970, sizes bytes. */
export interface Snapshot {
  readonly snapshotId: string
  /** 1, 2, 3 ... for each workspace. */
  readonly number: number
  /** SHA-256 in hex over the paths and contents: equal if and only if these are. */
  readonly manifestHash: string
  readonly fileCount: number
  readonly totalSize: number
  readonly description: string | null
  readonly tags: readonly string[]
  readonly createdAt: number
  readonly createdBy: string
}

/** A file, or a directory that somebody made, as a snapshot holds it. */
export interface SnapshotFile {
  /** Begins below the workspace, without a slash. */
  readonly path: string
  /** null for a directory. */
  readonly content_hash: string | null
  readonly size: number
  readonly mime_type: string | null
}

interface SnapshotRow {
  readonly snapshot_id: string
  readonly snapshot_number: number
  readonly manifest_hash: string
  readonly file_count: number
  readonly total_size: number
  readonly description: string | null
  readonly tags: string
  readonly created_at: number
  readonly created_by: string
}

/** @throws NexusError INVALID_PARAMS if no workspace is registered at a path */
export function* requireWorkspace({ tree, path }: TreePath, now: number): Script<void> {
  if ((yield* findRegistered('workspace', tree, path, now)) !== null) return
  throw new NexusError('INVALID_PARAMS', `Workspace not registered: ${path}`)
}

/** The snapshots of a directory, the newest first. */
export function* snapshotsOf(tree: string, nodeId: string, limit: number): Script<readonly Snapshot[]> {
  const rows = yield* all<SnapshotRow>(
    'select * from snapshots where tenant = $1 and node_id = $2 order by snapshot_number desc limit $3',
    tree,
    nodeId,
    limit,
  )
  return rows.map(fromRow)
}

/** One of the snapshots of a directory. @throws NexusError FILE_NOT_FOUND */
export function* snapshotOf(at: TreePath, nodeId: string, number: number): Script<Snapshot> {
  const row = yield* first<SnapshotRow>(
    'select * from snapshots where tenant = $1 and node_id = $2 and snapshot_number = $3',
    at.tree,
    nodeId,
    number,
  )
  if (row !== undefined) return fromRow(row)
  throw new NexusError('FILE_NOT_FOUND', `Snapshot ${number} of '${at.path}' does not exist.`)
}

/** What a snapshot holds, by the bytes of the paths. */
export function filesOf(tree: string, snapshotId: string): Script<readonly SnapshotFile[]> {
  return all<SnapshotFile>(
    `select path, content_hash, size, mime_type from snapshot_files
where tenant = $1 and snapshot_id = $2 order by path`,
    tree,
    snapshotId,
  )
}

function fromRow(row: SnapshotRow): Snapshot {
  return {
    snapshotId: row.snapshot_id,
    number: row.snapshot_number,
    manifestHash: row.manifest_hash,
    fileCount: row.file_count,
    totalSize: row.total_size,
    description: row.description,
    tags: JSON.parse(row.tags) as readonly string[],
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
