import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { first, run, type Script } from '../../../services/common/sql/script.ts'
import { holdContent } from '../../content/commands.ts'
import type { OutboxReceipt } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import type { MountedFact } from '../backing.ts'
import type { FileVersion } from '../contract.ts'
import { indexTexts } from '../../search/index-scripts.ts'
import type { IndexRow } from '../indexer.ts'
import { type NodeRow, nodeColumns } from '../nodes.ts'
import type { TreePath } from '../paths.ts'
import { type Lookup, lookup } from '../queries.ts'
import { noteFinished } from './finished-uploads.ts'
import { requireOutsideMount } from './mount-points.ts'
import { makeNodes } from './make-nodes.ts'
import { begin, finish, type Mutation, type NotMade } from './mutation.ts'
import { checkQuota, type Quota } from './quota.ts'
import { storeIndex } from './store-index.ts'

/** A file that a content was taken from, as it was then. */
export interface ContentOrigin {
  readonly at: TreePath
  readonly nodeId: string
  readonly version: number
}

export interface WriteFileRequest extends Mutation {
  readonly content: { readonly hash: string; readonly size: number }
  /** Where the content comes from, if it must still be there: nothing is copied out of a tree that is gone. */
  readonly origin: ContentOrigin | null
  /** One id for each component, for nodes that are missing. */
  readonly ids: readonly string[]
  readonly versionId: string
  /** Etags, or '*', of which one must be that of the file; null: whatever it is. */
  readonly ifMatch: readonly string[] | null
  /** Etags, or '*', of which none may be that of the file. */
  readonly ifNoneMatch: readonly string[]
  readonly force: boolean
  /** Who becomes direct owner if the file is new; null if nobody has to. */
  readonly owner: PermissionSubject | null
  readonly index: IndexRow | null
  /** What the content is to be found by; null if it is known already, as every content that was written before. */
  readonly words: string | null
  /** For the audit trail. */
  readonly action: 'write' | 'append' | 'copy' | 'rollback'
  /** What the new version says of itself. */
  readonly source: { readonly type: FileVersion['sourceType']; readonly reason: string | null }
  /** What the back end said that has it already; null in the content store. */
  readonly mounted: MountedFact | null
  readonly quota: Quota
  /** The upload that it finishes, which it does only once; null if it finishes none. */
  readonly uploadId: string | null
  /** How many versions a file keeps; older ones go. */
  readonly keptVersions: number
}

/** A file as it stands after it was written. */
export interface Written {
  readonly node: NodeRow
  readonly receipt: OutboxReceipt | null
}

export type WriteFileResult = NotMade | ({ readonly outcome: 'done' } & Written)

/** Creates or replaces a file. @throws NexusError CONFLICT, FILE_EXISTS, INVALID_PATH */
export function* writeFile(request: WriteFileRequest): Script<WriteFileResult> {
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  if (request.origin !== null && !(yield* isStillThere(request.origin))) return { outcome: 'outdated' }
  checkPreconditions(request, found.node)
  if (!(yield* holdContent(request.content.hash))) return { outcome: 'uncollected' }
  return { outcome: 'done', ...(yield* put(request, found)) }
}

/** Whether a file is as it was when its content was taken. Who asks again waits for what is being done to it. */
export function* isStillThere({ at, nodeId, version }: ContentOrigin): Script<boolean> {
  const { node } = yield* lookup(at, Number.MAX_SAFE_INTEGER)
  return node?.node_id === nodeId && node.version === version
}

export type WriteFilesResult = NotMade | { readonly outcome: 'done'; readonly written: readonly Written[] }

/** Creates or replaces files of one tree, all or none. @throws NexusError as writeFile */
export function* writeFiles(requests: readonly WriteFileRequest[]): Script<WriteFilesResult> {
  for (const request of requests) {
    const { notMade } = yield* begin(request)
    if (notMade !== null) return notMade
    if (!(yield* holdContent(request.content.hash))) return { outcome: 'uncollected' }
  }
  const written: Written[] = []
  for (const request of requests) {
    // What was made for those before, such as a directory, is there now.
    const found = yield* lookup(request.at, request.applied)
    checkPreconditions(request, found.node)
    written.push(yield* put(request, found))
  }
  return { outcome: 'done', written }
}

function* put(request: WriteFileRequest, found: Lookup): Script<Written> {
  const { at, owner, mounted } = request
  if (mounted === null) requireOutsideMount(at, found, 'written by this')
  const created = found.node === null
  let nodeId: string
  if (found.node === null) {
    const node = { kind: 'file', implicit: false, content: request.content } as const
    const explicitFrom = mounted?.realDirectories === true ? 0 : at.components.length
    nodeId = yield* makeNodes(request, found, request.ids, node, explicitFrom)
  } else {
    nodeId = found.node.node_id
    yield* replaceContent(request, nodeId)
  }
  if (mounted !== null) yield* setToken(at.tree, nodeId, mounted.token)
  const node = yield* currentNode(at.tree, nodeId)
  yield* addVersion(request, node)
  if (request.uploadId !== null) {
    yield* noteFinished(request.uploadId, { tree: at.tree, version: node.version, at: request.now })
  }
  if (request.words !== null) yield* indexTexts(new Map([[request.content.hash, request.words]]))
  yield* storeIndex({ tree: at.tree, nodeId, path: at.path }, request.index, created)
  // What a back end has taken is told, whatever it is; there was room for it when it was asked.
  const grew = created || node.size > (found.node?.size ?? 0)
  yield* checkQuota(at.tree, request.quota, mounted === null && grew)
  const changes = created && owner !== null ? [{ kind: 'own', path: at.path, subject: owner } as const] : []
  return { node, receipt: yield* finish(request, request.action, [at.path], changes) }
}

/**
 * Whether a file may be written over what stands there.
 * @throws NexusError CONFLICT, FILE_EXISTS
 */
export function checkPreconditions(
  request: Pick<WriteFileRequest, 'at' | 'ifMatch' | 'ifNoneMatch' | 'force'>,
  node: NodeRow | null,
): void {
  const { at, ifMatch, ifNoneMatch, force } = request
  if (node?.kind === 'directory') {
    throw new NexusError('FILE_EXISTS', `'${at.path}' is a directory; a file cannot be written in its place.`)
  }
  if (force) return
  const etag = node?.content_hash ?? null
  if (ifNoneMatch.includes('*') && node !== null) {
    throw new NexusError('FILE_EXISTS', `File already exists: ${at.path}`)
  }
  if (etag !== null && ifNoneMatch.includes(etag)) {
    throw new NexusError('CONFLICT', `The file has the content that it must not have to be written: ${at.path}`)
  }
  if (ifMatch === null || (etag !== null && (ifMatch.includes(etag) || ifMatch.includes('*')))) return
  throw conflict(at.path, ifMatch.length === 0 ? '(a weak one, which never matches)' : ifMatch.join(', '), etag)
}

/** Another content than the caller expected; `current` is null if there is no file. */
export function conflict(path: string, expected: string, etag: string | null): NexusError {
  const current = etag ?? '(file does not exist)'
  return new NexusError(
    'CONFLICT',
    'Conflict detected - file was modified by another agent. ' +
      `Expected etag '${shortened(expected)}', but current etag is '${shortened(current)}': ${path}`,
    { data: { path, expected_etag: expected, current_etag: current } },
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

function setToken(tree: string, nodeId: string, token: string): Script<void> {
  return run('update nodes set mount_token = $3 where tenant = $1 and node_id = $2', tree, nodeId, token)
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

function* addVersion(request: WriteFileRequest, node: NodeRow): Script<void> {
  const { at, content, now, actor, versionId, source, keptVersions } = request
  yield* run(
    `insert into versions (tenant, node_id, version, version_id, content_hash, size, mime_type, parent_version_id,
  source_type, change_reason, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7,
  (select v.version_id from versions v where v.tenant = $1 and v.node_id = $2 and v.version = $8),
  $9, $10, $11, $12)`,
    at.tree,
    node.node_id,
    node.version,
    versionId,
    content.hash,
    content.size,
    node.mime_type,
    node.version - 1,
    source.type,
    source.reason,
    now,
    actor,
  )
  if (node.version <= keptVersions) return
  yield* run(
    'delete from versions where tenant = $1 and node_id = $2 and version <= $3',
    at.tree,
    node.node_id,
    node.version - keptVersions,
  )
}
