import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { run, type Script } from '../../../services/common/sql/script.ts'
import { dropIndex } from '../../files/commands/drop-index.ts'
import { isEmpty, type Mutation } from '../../files/commands/mutation.ts'
import { mountPointsWithin } from '../../files/commands/mount-points.ts'
import { parentOf } from '../../files/commands/prune.ts'
import { TRASH_ID } from '../../files/nodes.ts'
import type { OutboxChange } from '../../outbox/entry.ts'

export interface ClearedDirectory {
  /** Id of the row by which what was there is deleted for good, and finds its relationships. */
  readonly trashId: string
  /** Id of the directory that takes its place. */
  readonly nodeId: string
}

/** Nothing is mounted further down. @throws NexusError MOUNT_BUSY */
export function* requireNoMountsBelow({ at }: Pick<Mutation, 'at'>): Script<void> {
  const points = yield* mountPointsWithin(at)
  const inner = points.find((point) => point !== at.path)
  if (inner === undefined) return
  throw new NexusError('MOUNT_BUSY', `Something is mounted at '${inner}', within '${at.path}'; remove that first.`)
}

/** Takes a node out of the tree, to be deleted for good step by step; its relationships are forgotten by the outbox. */
export function* discard(
  { at, now, actor }: Pick<Mutation, 'at' | 'now' | 'actor'>,
  nodeId: string,
  path: string,
  trashId: string,
): Script<void> {
  yield* dropIndex(at.tree, [nodeId])
  yield* run(
    'update nodes set parent_id = $3, name = $4 where tenant = $1 and node_id = $2',
    at.tree,
    nodeId,
    TRASH_ID,
    trashId,
  )
  yield* run(
    `insert into trash (tenant, trash_id, node_id, path, deleted_at, deleted_by, purging)
values ($1, $2, $3, $4, $5, $6, 1)`,
    at.tree,
    trashId,
    nodeId,
    path,
    now,
    actor,
  )
}

/**
 * Empties the index of a mount, at its mount point, in one step however much there is: another directory takes its place.
 * The relationships of the mount point itself stay.
 */
export function* clearMount(
  mutation: Mutation,
  nodeId: string,
  mountId: string | null,
  { trashId, nodeId: newId }: ClearedDirectory,
): Script<readonly OutboxChange[]> {
  const { at, now, actor } = mutation
  yield* requireNoMountsBelow(mutation)
  if (yield* isEmpty(at.tree, nodeId)) {
    yield* setMount(at.tree, nodeId, mountId)
    return []
  }
  const parentId = yield* parentOf(at.tree, nodeId)
  yield* discard(mutation, nodeId, at.path, trashId)
  yield* run(
    `insert into nodes (tenant, node_id, parent_id, name, kind, implicit, size, version, created_at, modified_at,
  created_by, mount_id)
values ($1, $2, $3, $4, 'directory', 0, 0, 0, $5, $5, $6, $7)`,
    at.tree,
    newId,
    parentId,
    at.components.at(-1) ?? '',
    now,
    actor,
    mountId,
  )
  return [{ kind: 'forget', path: at.path, trashId, below: true }]
}

/** Says whose mount point a directory is. */
export function setMount(tree: string, nodeId: string, mountId: string | null): Script<void> {
  return run('update nodes set mount_id = $3, implicit = 0 where tenant = $1 and node_id = $2', tree, nodeId, mountId)
}
