import { all, first, run, type Script } from '../../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../../audit/commands.ts'
import { lockTenant } from '../../outbox/scripts.ts'

export interface PurgeTrashRequest {
  readonly tenant: string
  readonly trashId: string
  readonly now: number
  /** Written when the first step is done; the path is filled in. */
  readonly audit: Omit<AuditRow, 'path'>
}

/** How many rows one step deletes, about. */
const STEP = 1_000
const PAGE = 500

/**
 * Deletes a part of what is in the trash for good: nodes, their versions, snapshots and index. From the first step on it
 * cannot be restored. Answers whether that was all.
 */
export function* purgeTrash({ tenant, trashId, now, audit }: PurgeTrashRequest): Script<boolean> {
  yield* lockTenant(tenant, now)
  const row = yield* first<{ node_id: string; path: string; purging: number }>(
    'select node_id, path, purging from trash where tenant = $1 and trash_id = $2',
    tenant,
    trashId,
  )
  if (row === undefined) return true
  if (row.purging === 0) {
    yield* run('update trash set purging = 1 where tenant = $1 and trash_id = $2', tenant, trashId)
    yield* insertAudit({ ...audit, path: row.path })
  }
  if (!(yield* deleteSome(tenant, row.node_id))) return false
  yield* run('delete from trash where tenant = $1 and trash_id = $2', tenant, trashId)
  return true
}

/** Deletes from the bottom up; true when the node itself is gone. */
function* deleteSome(tree: string, root: string): Script<boolean> {
  const way = [root]
  for (let deleted = 0; deleted < STEP; ) {
    const nodeId = way.at(-1)
    if (nodeId === undefined) return true
    const children = yield* all<{ node_id: string; kind: string }>(
      `select node_id, kind from nodes where tenant = $1 and parent_id = $2 limit ${PAGE}`,
      tree,
      nodeId,
    )
    const files = children.filter(({ kind }) => kind === 'file').map(({ node_id }) => node_id)
    const [directory] = children
    if (files.length > 0) deleted += yield* deleteNodes(tree, files)
    else if (directory !== undefined) way.push(directory.node_id)
    else {
      const snapshotRows = yield* deleteSomeSnapshot(tree, nodeId)
      deleted += snapshotRows
      if (snapshotRows > 0) continue
      deleted += yield* deleteNodes(tree, [nodeId])
      way.pop()
    }
  }
  return way.length === 0
}

const IDS = {
  sqlite: '(select value from json_each($2))',
  postgres: '(select value from jsonb_array_elements_text($2::jsonb) as i(value))',
}

/** Tables whose rows belong to a node; its own is the last. */
const BY_NODE = [
  'versions',
  'skills',
  'skill_terms',
  'skill_lineage',
  'skill_uses',
  'skill_subscriptions',
  'skill_approvals',
  'search_names',
  'nodes',
]

function* deleteNodes(tree: string, nodeIds: readonly string[]): Script<number> {
  for (const table of BY_NODE) {
    const text = (ids: string) => `delete from ${table} where tenant = $1 and node_id in ${ids}`
    yield* run({ sqlite: text(IDS.sqlite), postgres: text(IDS.postgres) }, tree, JSON.stringify(nodeIds))
  }
  return nodeIds.length
}

/** Deletes a part of a snapshot of a directory; how many rows, 0 if the directory has none. */
function* deleteSomeSnapshot(tree: string, nodeId: string): Script<number> {
  const snapshot = yield* first<{ snapshot_id: string }>(
    'select snapshot_id from snapshots where tenant = $1 and node_id = $2 limit 1',
    tree,
    nodeId,
  )
  if (snapshot === undefined) return 0
  const page = yield* all<{ path: string }>(
    `select path from snapshot_files where tenant = $1 and snapshot_id = $2 order by path limit ${PAGE}`,
    tree,
    snapshot.snapshot_id,
  )
  const last = page.at(-1)
  if (last === undefined) {
    yield* run('delete from snapshots where tenant = $1 and snapshot_id = $2', tree, snapshot.snapshot_id)
    return 1
  }
  yield* run(
    'delete from snapshot_files where tenant = $1 and snapshot_id = $2 and path <= $3',
    tree,
    snapshot.snapshot_id,
    last.path,
  )
  return page.length
}
