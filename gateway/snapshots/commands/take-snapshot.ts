import { createHash } from 'node:crypto'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { all, first, run, type Script } from '../../../services/common/sql/script.ts'
import { requireUnmounted } from '../../files/commands/mount-points.ts'
import { begin, finish, type Mutation, type NotMade } from '../../files/commands/mutation.ts'
import type { NodeRow } from '../../files/nodes.ts'
import type { TreePath } from '../../files/paths.ts'
import { requireWorkspace, type Snapshot, type SnapshotFile } from '../snapshot-rows.ts'

export interface TakeSnapshotRequest extends Mutation {
  readonly snapshotId: string
  readonly description: string | null
  readonly tags: readonly string[]
  readonly createdBy: string
}

export type TakeSnapshotResult =
  | NotMade
  | { readonly outcome: 'done'; readonly receipt: null; readonly snapshot: Snapshot }

/** How many files of a manifest are hashed at a time. */
const PAGE = 10_000

/**
 * Keeps what stands in a workspace. The tree is locked and one statement reads all of it, so it is what stood there at
 * one moment.
 * @throws NexusError INVALID_PARAMS, FILE_NOT_FOUND, INVALID_PATH
 */
export function* takeSnapshot(request: TakeSnapshotRequest): Script<TakeSnapshotResult> {
  const { at, snapshotId, description, tags, createdBy, now } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  yield* requireWorkspace(at, now)
  yield* requireUnmounted(at, found, 'kept as a snapshot')
  const { node_id: nodeId, implicit } = directoryOf(at, found.node)
  // One that goes with its last file would take its snapshots along.
  if (implicit === 1) yield* run('update nodes set implicit = 0 where tenant = $1 and node_id = $2', at.tree, nodeId)
  yield* run(KEEP, at.tree, nodeId, snapshotId)
  const manifest = yield* readManifest(at.tree, snapshotId)
  const last = yield* first<{ number: number | null }>(
    'select max(snapshot_number) as number from snapshots where tenant = $1 and node_id = $2',
    at.tree,
    nodeId,
  )
  const number = (last?.number ?? 0) + 1
  const snapshot = { snapshotId, number, ...manifest, description, tags, createdAt: now, createdBy }
  yield* insert(at.tree, nodeId, snapshot)
  yield* finish(request, 'workspace_snapshot', [], [], { snapshot_number: number })
  return { outcome: 'done', receipt: null, snapshot }
}

/** What stands at a path, if it is a directory. @throws NexusError FILE_NOT_FOUND, INVALID_PATH */
export function directoryOf({ path }: TreePath, node: NodeRow | null): NodeRow {
  if (node === null) throw new NexusError('FILE_NOT_FOUND', `File not found: ${path}`)
  if (node.kind === 'directory') return node
  throw new NexusError('INVALID_PATH', `'${path}' is a file, not a directory; a workspace is a directory.`)
}

const KEEP = { sqlite: keepText('$2'), postgres: keepText('$2::text collate "C"') }

// SQLite joins in this order, and not all nodes of the tenant with each directory.
function keepText(start: string): string {
  return `with recursive tree (path, node_id, kind, implicit, content_hash, size, mime_type) as (
  select n.name, n.node_id, n.kind, n.implicit, n.content_hash, n.size, n.mime_type
  from nodes n where n.tenant = $1 and n.parent_id = ${start}
  union all
  select t.path || '/' || n.name, n.node_id, n.kind, n.implicit, n.content_hash, n.size, n.mime_type
  from tree t cross join nodes n where n.tenant = $1 and n.parent_id = t.node_id)
insert into snapshot_files (tenant, snapshot_id, path, content_hash, size, mime_type)
select $1, $3, t.path, t.content_hash, t.size, t.mime_type from tree t where t.kind = 'file' or t.implicit = 0`
}

function* readManifest(
  tree: string,
  snapshotId: string,
): Script<Pick<Snapshot, 'manifestHash' | 'fileCount' | 'totalSize'>> {
  const hash = createHash('sha256')
  let fileCount = 0
  let totalSize = 0
  for (let after = ''; ; ) {
    const page = yield* all<SnapshotFile>(
      `select path, content_hash, size, mime_type from snapshot_files
where tenant = $1 and snapshot_id = $2 and path > $3 order by path limit ${PAGE}`,
      tree,
      snapshotId,
      after,
    )
    for (const file of page) {
      hash.update(`${JSON.stringify([file.path, file.content_hash, file.mime_type])}\n`)
      if (file.content_hash === null) continue
      fileCount++
      totalSize += file.size
    }
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return { manifestHash: hash.digest('hex'), fileCount, totalSize }
    after = last.path
  }
}

function insert(tree: string, nodeId: string, snapshot: Snapshot): Script<void> {
  return run(
    `insert into snapshots (tenant, snapshot_id, node_id, snapshot_number, manifest_hash, file_count, total_size,
  description, tags, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    tree,
    snapshot.snapshotId,
    nodeId,
    snapshot.number,
    snapshot.manifestHash,
    snapshot.fileCount,
    snapshot.totalSize,
    snapshot.description,
    JSON.stringify(snapshot.tags),
    snapshot.createdAt,
    snapshot.createdBy,
  )
}
