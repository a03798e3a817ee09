import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { first, run, type Script } from '../../../services/common/sql/script.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import { indexNames } from '../../search/index-scripts.ts'
import type { IndexRow } from '../indexer.ts'
import type { NodeRow } from '../nodes.ts'
import { MAX_COMPONENT_BYTES, SERVER_TREE, type TreePath } from '../paths.ts'
import { indexedIn, type Lookup, lookup } from '../queries.ts'
import { makeDirectoriesAbove } from './make-nodes.ts'
import { moveIndex } from './move-index.ts'
import { moveRegistrations } from './move-registrations.ts'
import { requireNoMounts } from './mount-points.ts'
import { begin, finish, isAsSeen, type Mutation, type NotMade, type Seen } from './mutation.ts'
import { parentOf, pruneImplicit } from './prune.ts'
import { storeIndex } from './store-index.ts'

export interface RenameRequest extends Mutation {
  /** In the same tree as `at`, and not below it. */
  readonly to: TreePath
  readonly seenTo: Seen
  /** Directories that are missing above the new path are made as such, and stay when they are empty. */
  readonly realDirectories: boolean
  /** One id for each component of `to`. */
  readonly ids: readonly string[]
  /** How many bytes of UTF-8 a path below may then have. */
  readonly maxPathBytes: number
  /** Who becomes direct owner of what was moved; null if nobody has to. */
  readonly owner: PermissionSubject | null
  /** New rows of the index for files whose row depends on their name or on that of their directory. */
  readonly reindexed: readonly {
    readonly nodeId: string
    readonly version: number
    /** The new one. */
    readonly path: string
    readonly row: IndexRow | null
  }[]
}

export type RenameResult = NotMade | { readonly outcome: 'done'; readonly receipt: OutboxReceipt | null }

/**
 * Gives a file or a directory with all below it another path: one row moves, and versions hang on it. Relationships
 * follow by the outbox.
 * @throws NexusError FILE_NOT_FOUND, FILE_EXISTS, INVALID_PATH
 */
export function* rename(request: RenameRequest): Script<RenameResult> {
  const { at, to, seenTo, applied } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  const target = yield* lookup(to, applied)
  if (target.pendingSeq !== null) return { outcome: 'pending', seq: target.pendingSeq }
  if (!isAsSeen(target, seenTo)) return { outcome: 'changed' }
  const node = yield* renamable(request, found, target)
  if (!(yield* sameIndexed(request, node))) return { outcome: 'changed' }

  const oldParent = yield* parentOf(at.tree, node.node_id)
  const newParent = yield* makeDirectoriesAbove(
    request,
    to,
    target,
    request.ids,
    request.realDirectories ? 0 : to.components.length,
  )
  yield* run(
    'update nodes set parent_id = $3, name = $4 where tenant = $1 and node_id = $2',
    at.tree,
    node.node_id,
    newParent,
    to.components.at(-1) ?? '',
  )
  if (node.kind === 'file') yield* indexNames(at.tree, [{ nodeId: node.node_id, name: to.components.at(-1) ?? '' }])
  yield* moveIndex(at.tree, at.path, to.path)
  for (const { nodeId, path, row } of request.reindexed) yield* storeIndex({ tree: at.tree, nodeId, path }, row, false)
  yield* moveRegistrations(at.tree, at.path, to.path)
  yield* pruneImplicit(at.tree, oldParent)
  const receipt = yield* finish(request, 'rename', [at.path, to.path], changesOf(request), { to: to.path })
  return { outcome: 'done', receipt }
}

/** What is moved, if it may be. @throws NexusError FILE_NOT_FOUND, FILE_EXISTS, INVALID_PATH, MOUNT_BUSY */
export function* renamable(
  request: Pick<RenameRequest, 'at' | 'to' | 'maxPathBytes'>,
  { node }: Lookup,
  target: Lookup,
): Script<NodeRow> {
  const { at, to } = request
  if (node === null) throw new NexusError('FILE_NOT_FOUND', `File not found: ${at.path}`)
  if (target.node !== null) throw new NexusError('FILE_EXISTS', `File already exists: ${to.path}`)
  if (node.kind === 'directory') yield* requireNoMounts(at, 'renamed')
  yield* checkLengths(request, node)
  return node
}

function changesOf({ at, to, owner }: RenameRequest): readonly OutboxChange[] {
  // The server-wide tree is guarded by the gateway alone; no relationships speak of it.
  if (at.tree === SERVER_TREE) return []
  const move = { kind: 'move', from: at.path, to: to.path } as const
  return owner === null ? [move] : [move, { kind: 'own', path: to.path, subject: owner }]
}

/** Whether the rows of the index that came with the request are those of what stands there now. */
function* sameIndexed({ at, reindexed }: RenameRequest, node: NodeRow): Script<boolean> {
  if (node.kind === 'file') return reindexed.every(({ version }) => version === node.version)
  const indexed = yield* indexedIn(at.tree, node.node_id)
  if (indexed.length !== reindexed.length) return false
  const versions = new Map(indexed.map(({ node_id, version }) => [node_id, version]))
  return reindexed.every(({ nodeId, version }) => versions.get(nodeId) === version)
}

const LONGEST = {
  sqlite: longestText('length(cast(n.name as blob))', '$2', 'nodes n indexed by nodes_directories'),
  postgres: longestText('octet_length(n.name)', '$2::text collate "C"', 'nodes n'),
}

/** Files are looked at only in directories whose path is so long that the path of a file in it could be too long. */
function longestText(bytes: string, start: string, directories: string): string {
  return `with recursive below (node_id, bytes) as (
  select ${start}, 0
  union all
  select n.node_id, b.bytes + 1 + ${bytes} from below b cross join ${directories}
  where n.tenant = $1 and n.parent_id = b.node_id and n.kind = 'directory')
select max(case when b.bytes + 1 + ${MAX_COMPONENT_BYTES} <= $3 then b.bytes else
  coalesce((select b.bytes + 1 + max(${bytes}) from nodes n where n.tenant = $1 and n.parent_id = b.node_id), b.bytes)
end) as longest from below b`
}

/** Longer paths may become too long further down; what cannot be named could not be reached any more. */
export function* checkLengths(
  { at, to, maxPathBytes }: Pick<RenameRequest, 'at' | 'to' | 'maxPathBytes'>,
  node: Pick<NodeRow, 'node_id' | 'kind'>,
): Script<void> {
  const length = Buffer.byteLength(to.path)
  if (node.kind === 'file' || length <= Buffer.byteLength(at.path)) return
  const row = yield* first<{ longest: number }>(LONGEST, at.tree, node.node_id, maxPathBytes - length)
  const longest = length + (row?.longest ?? 0)
  if (longest <= maxPathBytes) return
  throw new NexusError(
    'INVALID_PATH',
    `'${at.path}' cannot be renamed: a path below it would have ${longest} bytes; at most ${maxPathBytes} are allowed.`,
  )
}
