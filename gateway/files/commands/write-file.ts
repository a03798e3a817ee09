import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { first, run, type Script } from '../../../services/common/sql/script.ts'
import { holdContent } from '../../content/commands.ts'
import type { OutboxReceipt } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import type { IndexRow } from '../indexer.ts'
import { type NodeRow, nodeColumns } from '../nodes.ts'
import { makeNodes } from './make-nodes.ts'
import { begin, finish, type Mutation, type NotMade } from './mutation.ts'

export interface WriteFileRequest extends Mutation {
  readonly content: { readonly hash: string; readonly size: number }
  /** One id for each component, for nodes that are missing. */
  readonly ids: readonly string[]
  readonly versionId: string
  readonly ifMatch: string | null
  readonly ifNoneMatch: boolean
  readonly force: boolean
  /** Who becomes direct owner if the file is new; null if nobody has to. */
  readonly owner: PermissionSubject | null
  readonly index: IndexRow | null
}

export type WriteFileResult =
  | NotMade
  | { readonly outcome: 'done'; readonly node: NodeRow; readonly receipt: OutboxReceipt | null }

/** Creates or replaces a file. @throws NexusError CONFLICT, FILE_EXISTS, INVALID_PATH */
export function* writeFile(request: WriteFileRequest): Script<WriteFileResult> {
  const { at, owner } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  checkPreconditions(request, found.node)
  if (!(yield* holdContent(request.content.hash))) return { outcome: 'uncollected' }
  const created = found.node === null
  let nodeId: string
  if (found.node === null) {
    const node = { kind: 'file', implicit: false, content: request.content } as const
    nodeId = yield* makeNodes(request, found, request.ids, node, at.components.length)
  } else {
    nodeId = found.node.node_id
    yield* replaceContent(request, nodeId)
  }
  const node = yield* currentNode(at.tree, nodeId)
  yield* addVersion(request, node)
  yield* storeIndex(at.tree, nodeId, request.index, created)
  const changes = created && owner !== null ? [{ kind: 'own', path: at.path, subject: owner } as const] : []
  const receipt = yield* finish(request, 'write', at.path, changes)
  return { outcome: 'done', node, receipt }
}

function checkPreconditions(request: WriteFileRequest, node: NodeRow | null): void {
  const { at, ifMatch, ifNoneMatch, force } = request
  if (node?.kind === 'directory') {
    throw new NexusError('FILE_EXISTS', `'${at.path}' is a directory; a file cannot be written in its place.`)
  }
  if (force) return
  if (ifNoneMatch && node !== null) throw new NexusError('FILE_EXISTS', `File already exists: ${at.path}`)
  if (ifMatch === null || ifMatch === node?.content_hash) return
  const current = node?.content_hash ?? '(file does not exist)'
  throw new NexusError(
    'CONFLICT',
    'Conflict detected - file was modified by another agent. ' +
      `Expected etag '${shortened(ifMatch)}', but current etag is '${shortened(current)}': ${at.path}`,
    { data: { path: at.path, expected_etag: ifMatch, current_etag: current } },
  )
}

function shortened(etag: string): string {
  return etag.length > 24 ? `${etag.slice(0, 16)}...` : etag
}

function replaceContent(request: WriteFileRequest, nodeId: string): Script<void> {
  const { at, content, now } = request
  return run(
    `update nodes set content_hash = $3, size = $4, version = version + 1, modified_at = $5
where tenant = $1 and node_id = $2`,
    at.tree,
    nodeId,
    content.hash,
    content.size,
    now,
  )
}

function* currentNode(tree: string, nodeId: string): Script<NodeRow> {
  const node = yield* first<NodeRow>(
    `select ${nodeColumns('n')} from nodes n where n.tenant = $1 and n.node_id = $2`,
    tree,
    nodeId,
  )
  if (node === undefined) throw new Error('the node of this transaction is gone')
  return node
}

function addVersion(request: WriteFileRequest, node: NodeRow): Script<void> {
  const { at, content, now, actor, versionId } = request
  return run(
    `insert into versions (tenant, node_id, version, version_id, content_hash, size, mime_type, parent_version_id,
  source_type, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7,
  (select v.version_id from versions v where v.tenant = $1 and v.node_id = $2 and v.version = $8),
  'original', $9, $10)`,
    at.tree,
    node.node_id,
    node.version,
    versionId,
    content.hash,
    content.size,
    node.mime_type,
    node.version - 1,
    now,
    actor,
  )
}

function* storeIndex(tree: string, nodeId: string, row: IndexRow | null, created: boolean): Script<void> {
  if (row === null) {
    if (!created) yield* run('delete from skills where tenant = $1 and node_id = $2', tree, nodeId)
    return
  }
  yield* run(
    `insert into skills (tenant, node_id, name, description, version, author, requires, metadata,
  skill_created_at, skill_modified_at, warnings, error)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (tenant, node_id) do update set name = excluded.name, description = excluded.description,
  version = excluded.version, author = excluded.author, requires = excluded.requires, metadata = excluded.metadata,
  skill_created_at = excluded.skill_created_at, skill_modified_at = excluded.skill_modified_at,
  warnings = excluded.warnings, error = excluded.error`,
    tree,
    nodeId,
    row.name,
    row.description,
    row.version,
    row.author,
    row.requires,
    row.metadata,
    row.skillCreatedAt,
    row.skillModifiedAt,
    row.warnings,
    row.error,
  )
}
