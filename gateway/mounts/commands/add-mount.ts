import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { run, type Script } from '../../../services/common/sql/script.ts'
import { makeNodes } from '../../files/commands/make-nodes.ts'
import { begin, finish, isEmpty, type Mutation, type NotMade } from '../../files/commands/mutation.ts'
import type { NodeRow } from '../../files/nodes.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import { type MountRecord, mountsAt } from '../mount-record.ts'
import { type ClearedDirectory, clearMount, setMount } from './clear-mount.ts'

export interface AddMountRequest extends Mutation {
  readonly mount: Omit<MountRecord, 'tenant' | 'mountPoint' | 'madeDirectory'>
  /** One id for each component, for directories that are missing. */
  readonly ids: readonly string[]
  readonly cleared: ClearedDirectory
  /** Who becomes direct owner of the mount point; null if nobody can. */
  readonly owner: PermissionSubject | null
}

export type AddMountResult = NotMade | { readonly outcome: 'done'; readonly receipt: OutboxReceipt | null }

/**
 * Mounts a back end at a path with nothing below it, or beside another one.
 * @throws NexusError INVALID_PARAMS, FILE_EXISTS, DIRECTORY_NOT_EMPTY, MOUNT_BUSY
 */
export function* addMount(request: AddMountRequest): Script<AddMountResult> {
  const { at, mount, owner, now } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  const beside = yield* mountsAt(at.tree, at.path)
  if (beside.some(({ priority }) => priority === mount.priority)) {
    throw new NexusError(
      'INVALID_PARAMS',
      `Something is mounted at '${at.path}' with priority ${mount.priority} already; remove it first, or choose another priority`,
    )
  }
  const [serving] = beside
  const changes: OutboxChange[] = []
  const nodeId = found.node?.node_id ?? (yield* makeDirectory(request, found))
  if (found.node !== null && serving === undefined) yield* checkEmpty(request, found.node)
  if (serving === undefined) yield* setMount(at.tree, nodeId, mount.mountId)
  else if (mount.priority > serving.priority)
    changes.push(...(yield* clearMount(request, nodeId, mount.mountId, request.cleared)))
  yield* insert(request, serving === undefined ? found.node === null : serving.madeDirectory)
  if (owner !== null) changes.push({ kind: 'own', path: at.path, subject: owner })
  const detail = { backend_type: mount.backendType, priority: mount.priority, at: now }
  return { outcome: 'done', receipt: yield* finish(request, 'add_mount', [at.path], changes, detail) }
}

function* makeDirectory(request: AddMountRequest, found: Parameters<typeof makeNodes>[1]): Script<string> {
  const node = { kind: 'directory', implicit: false, content: null } as const
  return yield* makeNodes(request, found, request.ids, node, request.at.components.length)
}

/** What stands there would not be seen any more. */
function* checkEmpty({ at }: AddMountRequest, node: NodeRow): Script<void> {
  if (node.kind === 'file') {
    throw new NexusError('FILE_EXISTS', `'${at.path}' is a file; nothing can be mounted there.`)
  }
  if (yield* isEmpty(at.tree, node.node_id)) return
  throw new NexusError(
    'DIRECTORY_NOT_EMPTY',
    `Directory not empty: ${at.path}; mount where nothing is, or at a new path.`,
  )
}

function insert({ at, mount }: AddMountRequest, madeDirectory: boolean): Script<void> {
  return run(
    `insert into mounts (tenant, mount_id, mount_point, backend_type, backend_config, priority, readonly,
  made_directory, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    at.tree,
    mount.mountId,
    at.path,
    mount.backendType,
    JSON.stringify(mount.config),
    mount.priority,
    mount.readonly ? 1 : 0,
    madeDirectory ? 1 : 0,
    mount.createdAt,
    mount.createdBy,
  )
}
