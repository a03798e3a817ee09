import type { Script } from '../../../services/common/sql/script.ts'
import { dropIndex } from '../../files/commands/drop-index.ts'
import { requireUnmounted } from '../../files/commands/mount-points.ts'
import { begin, finish, type Mutation, type NotMade } from '../../files/commands/mutation.ts'
import { checkQuota, type Quota } from '../../files/commands/quota.ts'
import { storeIndex } from '../../files/commands/store-index.ts'
import { nodesBelow } from '../../files/below.ts'
import type { IndexRow } from '../../files/indexer.ts'
import type { OutboxReceipt } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import { requireWorkspace, snapshotOf } from '../snapshot-rows.ts'
import { changesOfPlan } from './changes-of-plan.ts'
import { addVersions, changeFiles, createNodes, makeExplicit, moveToTrash } from './many-nodes.ts'
import { planRestore, type WantedNode } from './plan-restore.ts'
import { directoryOf } from './take-snapshot.ts'

export interface RestoreSnapshotRequest extends Mutation {
  readonly number: number
  /** What the snapshot holds, and the directories above it; a snapshot never changes. */
  readonly wanted: readonly WantedNode[]
  /** Rows of the index by path, for files that may have one. */
  readonly indexed: readonly { readonly path: string; readonly row: IndexRow | null }[]
  /** Who becomes direct owner of what is made; null if nobody has to. */
  readonly owner: PermissionSubject | null
  readonly keptVersions: number
  readonly quota: Quota
}

export interface Restored {
  readonly outcome: 'done'
  readonly receipt: OutboxReceipt | null
  readonly restored: number
  readonly deleted: number
}

/**
 * Brings a workspace to the state of a snapshot: files that differ get a version with the old content, missing ones are
 * made, all others go to the trash.
 * @throws NexusError INVALID_PARAMS, FILE_NOT_FOUND, INVALID_PATH
 */
export function* restoreSnapshot(request: RestoreSnapshotRequest): Script<NotMade | Restored> {
  const { at, number, wanted, keptVersions } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  yield* requireWorkspace(at, request.now)
  yield* requireUnmounted(at, found, 'brought to a snapshot')
  const { node_id: workspaceId } = directoryOf(at, found.node)
  // It goes when its directory is purged.
  yield* snapshotOf(at, workspaceId, number)
  const standing = yield* nodesBelow(at.tree, workspaceId)
  const plan = planRestore(workspaceId, standing, wanted)

  const removedIds = plan.removed.map(({ node_id }) => node_id)
  yield* dropIndex(at.tree, removedIds)
  yield* moveToTrash(request, plan.removed)
  yield* makeExplicit(at.tree, plan.explicit)
  yield* createNodes(request, plan.created)
  yield* changeFiles(request, plan.changed)
  const written = [
    ...plan.changed,
    ...plan.created.filter((one) => one.wanted.kind === 'file').map((one) => ({ ...one, nodeId: one.wanted.nodeId })),
  ]
  yield* checkQuota(at.tree, request.quota, written.length > 0)
  yield* addVersions(request, written, {
    source: 'rollback',
    reason: `Restore of snapshot ${number}`,
    keptVersions,
  })
  const nodes = new Map(written.map(({ nodeId, wanted: { path } }) => [path, nodeId]))
  for (const { path, row } of request.indexed) {
    const nodeId = nodes.get(path)
    if (nodeId !== undefined) yield* storeIndex({ tree: at.tree, nodeId, path: `${at.path}/${path}` }, row, false)
  }
  const counts = { restored: written.length, deleted: plan.removedFiles }
  const detail = { snapshot_number: number, ...counts }
  const receipt = yield* finish(request, 'workspace_restore', [at.path], changesOfPlan(request, plan), detail)
  return { outcome: 'done', receipt, ...counts }
}
