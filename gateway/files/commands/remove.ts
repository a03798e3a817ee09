import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { run, type Script } from '../../../services/common/sql/script.ts'
import type { OutboxReceipt } from '../../outbox/entry.ts'
import { type NodeRow, TRASH_ID } from '../nodes.ts'
import { SERVER_TREE } from '../paths.ts'
import type { Lookup } from '../queries.ts'
import { dropIndex } from './drop-index.ts'
import { requireNoMounts, requireOutsideMount } from './mount-points.ts'
import { begin, finish, isEmpty, type Mutation, type NotMade } from './mutation.ts'
import { parentOf, pruneImplicit } from './prune.ts'

export interface RemoveRequest extends Mutation {
  readonly action: 'delete' | 'rmdir'
  readonly recursive: boolean
  readonly trashId: string
  /** It cannot be restored. @default false */
  readonly forever?: boolean
}

export type RemoveResult = NotMade | { readonly outcome: 'done'; readonly receipt: OutboxReceipt | null }

/**
 * Moves what stands at a path to the trash, with all below it: one row moves. The directories above that existed only
 * because of it go too.
 * @throws NexusError FILE_NOT_FOUND, DIRECTORY_NOT_EMPTY, INVALID_PATH
 */
export function* remove(request: RemoveRequest): Script<RemoveResult> {
  const { at, trashId, now, actor, forever = false } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  if (!forever) requireOutsideMount(at, found, 'removed')
  const node = yield* removable(request, found)
  const parentId = yield* parentOf(at.tree, node.node_id)
  yield* dropIndex(at.tree, [node.node_id])
  yield* run(
    'update nodes set parent_id = $3, name = $4 where tenant = $1 and node_id = $2',
    at.tree,
    node.node_id,
    TRASH_ID,
    trashId,
  )
  yield* run(
    `insert into trash (tenant, trash_id, node_id, path, deleted_at, deleted_by, purging)
values ($1, $2, $3, $4, $5, $6, $7)`,
    at.tree,
    trashId,
    node.node_id,
    at.path,
    now,
    actor,
    forever ? 1 : 0,
  )
  yield* pruneImplicit(at.tree, parentId)
  // The server-wide tree is guarded by the gateway alone; no relationships speak of it.
  const changes = at.tree === SERVER_TREE ? [] : [{ kind: 'forget', path: at.path, trashId } as const]
  return { outcome: 'done', receipt: yield* finish(request, request.action, [at.path], changes) }
}

/** What stands at a path, if it may be removed. @throws NexusError FILE_NOT_FOUND, DIRECTORY_NOT_EMPTY, INVALID_PATH, MOUNT_BUSY */
export function* removable(request: RemoveRequest, { node }: Lookup): Script<NodeRow> {
  const { at, action, recursive } = request
  if (node === null) throw new NexusError('FILE_NOT_FOUND', `File not found: ${at.path}`)
  if (node.kind === 'file') {
    if (action === 'delete') return node
    throw new NexusError('INVALID_PATH', `'${at.path}' is a file, not a directory; use delete to remove it.`)
  }
  yield* requireNoMounts(at, 'removed')
  if (recursive || (yield* isEmpty(at.tree, node.node_id))) return node
  const how = action === 'delete' ? 'use rmdir with recursive=true' : 'recursive=true removes it with its contents'
  throw new NexusError('DIRECTORY_NOT_EMPTY', `Directory not empty: ${at.path}; ${how}.`)
}
