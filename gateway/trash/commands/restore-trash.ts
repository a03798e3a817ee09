import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { first, run, type Script } from '../../../services/common/sql/script.ts'
import { makeDirectoriesAbove } from '../../files/commands/make-nodes.ts'
import { requireUnmounted } from '../../files/commands/mount-points.ts'
import { begin, finish, type Mutation, type NotMade } from '../../files/commands/mutation.ts'
import { checkLengths } from '../../files/commands/rename.ts'
import { storeIndex } from '../../files/commands/store-index.ts'
import type { IndexRow } from '../../files/indexer.ts'
import { type NodeRow, nodeColumns } from '../../files/nodes.ts'
import { resolvePath } from '../../files/paths.ts'
import { indexNames } from '../../search/index-scripts.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import { movedRelationship } from '../../outbox/path-relationships.ts'
import { pendingSeq } from '../../outbox/scripts.ts'
import type { RelationshipRow } from '../../permissions/contract.ts'
import { keptRelationships, trashed, type TrashRow } from '../trash-rows.ts'

export interface RestoreTrashRequest extends Mutation {
  /** What the permissions were decided on. `at` is where it comes to stand, in the same tree. */
  readonly from: TrashRow
  /** One id for each component of `at`. */
  readonly ids: readonly string[]
  /** How many bytes of UTF-8 a path below may then have. */
  readonly maxPathBytes: number
  /** Those of before that come back, as far as they have not expired. */
  readonly relationships: readonly RelationshipRow[]
  /** Rows of the index; what is in the trash does not change. */
  readonly indexed: readonly { readonly nodeId: string; readonly path: string; readonly row: IndexRow }[]
}

export type RestoreTrashResult =
  | NotMade
  | { readonly outcome: 'done'; readonly receipt: OutboxReceipt | null; readonly node: NodeRow }

/** How many relationships go in one call. */
const CHUNK = 1_000

/**
 * Brings something back from the trash, with its versions. One row moves.
 * @throws NexusError FILE_NOT_FOUND, FILE_EXISTS, INVALID_PATH
 */
export function* restoreTrash(request: RestoreTrashRequest): Script<RestoreTrashResult> {
  const { at, from, applied, maxPathBytes } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  const row = yield* trashed(from.trash_id)
  if (row === null) throw notInTrash(from.trash_id)
  if (row.path !== from.path || row.deleted_at !== from.deleted_at) return { outcome: 'changed' }
  if ((yield* keptRelationships(at.tree, from.trash_id)) === null) {
    const seq = yield* pendingSeq(at.tree, from.path, applied)
    if (seq !== null) return { outcome: 'pending', seq }
  }
  yield* requireUnmounted(at, found, 'restored')
  if (found.node !== null) throw new NexusError('FILE_EXISTS', `File already exists: ${at.path}`)
  yield* checkLengths({ at: resolvePath(from.path, at.tree), to: at, maxPathBytes }, row)

  const parentId = yield* makeDirectoriesAbove(request, at, found, request.ids, at.components.length)
  yield* run(
    'update nodes set parent_id = $3, name = $4 where tenant = $1 and node_id = $2',
    at.tree,
    row.node_id,
    parentId,
    at.components.at(-1) ?? '',
  )
  if (row.kind === 'file') yield* indexNames(at.tree, [{ nodeId: row.node_id, name: at.components.at(-1) ?? '' }])
  yield* run('delete from trash where tenant = $1 and trash_id = $2', at.tree, from.trash_id)
  for (const { nodeId, path, row: indexRow } of request.indexed)
    yield* storeIndex({ tree: at.tree, nodeId, path }, indexRow, false)
  const detail = { trash_id: from.trash_id, from: from.path }
  const receipt = yield* finish(request, 'trash_restore', [at.path], changesOf(request), detail)
  return { outcome: 'done', receipt, node: yield* nodeOf(at.tree, row.node_id) }
}

/** Of an id that is unknown, and of what the caller may not know of. */
export function notInTrash(trashId: string): NexusError {
  return new NexusError('FILE_NOT_FOUND', `The trash has nothing with the id '${trashId}'.`)
}

function changesOf({ at, from, now, relationships }: RestoreTrashRequest): readonly OutboxChange[] {
  const operations = relationships
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .map((row) => ({ kind: 'touch', relationship: movedRelationship(row, from.path, at.path) }) as const)
  const changes: OutboxChange[] = []
  for (let start = 0; start < operations.length; start += CHUNK)
    changes.push({ kind: 'write', operations: operations.slice(start, start + CHUNK) })
  return changes
}

function* nodeOf(tree: string, nodeId: string): Script<NodeRow> {
  const node = yield* first<NodeRow>(
    `select ${nodeColumns('n')} from nodes n where n.tenant = $1 and n.node_id = $2`,
    tree,
    nodeId,
  )
  if (node === undefined) throw new Error('the node of this transaction is gone')
  return node
}
