import { first, run, type Script } from '../../../services/common/sql/script.ts'
import { begin, finish, type Mutation, type NotMade } from '../../files/commands/mutation.ts'
import { parentOf, pruneImplicit } from '../../files/commands/prune.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import { mountsAt } from '../mount-record.ts'
import { type ClearedDirectory, clearMount, discard, requireNoMountsBelow } from './clear-mount.ts'

export interface RemoveMountRequest extends Mutation {
  readonly cleared: ClearedDirectory
}

export type RemoveMountResult =
  | NotMade
  | {
      readonly outcome: 'done'
      readonly receipt: OutboxReceipt | null
      /** null: nothing is mounted there. */
      readonly mountId: string | null
      readonly directoryDeleted: boolean
    }

/**
 * Takes away the mount that serves a mount point, and the index of what it served; the back end keeps all. The next one
 * at that point, if there is one, serves it then.
 * @throws NexusError MOUNT_BUSY
 */
export function* removeMount(request: RemoveMountRequest): Script<RemoveMountResult> {
  const { at, cleared } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  const [serving, next] = yield* mountsAt(at.tree, at.path)
  if (serving === undefined || found.node === null)
    return { outcome: 'done', receipt: null, mountId: null, directoryDeleted: false }
  const nodeId = found.node.node_id
  const directoryDeleted = serving.madeDirectory && next === undefined
  const changes: OutboxChange[] = []
  if (directoryDeleted) {
    yield* requireNoMountsBelow(request)
    const parentId = yield* parentOf(at.tree, nodeId)
    yield* discard(request, nodeId, at.path, cleared.trashId)
    yield* pruneImplicit(at.tree, parentId)
    changes.push({ kind: 'forget', path: at.path, trashId: cleared.trashId })
  } else
    changes.push(
      ...(yield* clearMount(request, nodeId, next?.mountId ?? (yield* mountAbove(request, nodeId)), cleared)),
    )
  yield* run('delete from mounts where tenant = $1 and mount_id = $2', at.tree, serving.mountId)
  const receipt = yield* finish(request, 'remove_mount', [at.path], changes, { backend_type: serving.backendType })
  return { outcome: 'done', receipt, mountId: serving.mountId, directoryDeleted }
}

/** The mount that the directory belongs to when nothing is mounted at it. */
function* mountAbove({ at }: RemoveMountRequest, nodeId: string): Script<string | null> {
  const parentId = yield* parentOf(at.tree, nodeId)
  const row = yield* first<{ mount_id: string | null }>(
    'select mount_id from nodes where tenant = $1 and node_id = $2',
    at.tree,
    parentId,
  )
  return row?.mount_id ?? null
}
