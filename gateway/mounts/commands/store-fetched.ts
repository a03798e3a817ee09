import { first, run, type Script } from '../../../services/common/sql/script.ts'
import { holdContent } from '../../content/commands.ts'
import { currentPath, storeIndex } from '../../files/commands/store-index.ts'
import type { IndexRow } from '../../files/indexer.ts'
import { indexTexts } from '../../search/index-scripts.ts'
import { lockTenant } from '../../outbox/scripts.ts'

export interface StoreFetchedRequest {
  readonly tenant: string
  readonly nodeId: string
  /** Where its content was looked up. */
  readonly path: string
  readonly mountId: string
  /** What was known of the back end's state before. */
  readonly before: string | null
  /** The state that the content belongs to. */
  readonly token: string
  readonly modifiedAt: number
  readonly content: { readonly hash: string; readonly size: number }
  readonly versionId: string
  readonly index: IndexRow | null
  /** For search. */
  readonly words: string
  readonly keptVersions: number
  readonly now: number
}

interface Version {
  readonly version_id: string
  readonly content_hash: string
}

/**
 * Notes the content that a file of a mount has. A content other than the last that was seen is a new version.
 * 'changed': the node is not as it was, or stands elsewhere, so that somebody knows more already.
 */
export function* storeFetched(request: StoreFetchedRequest): Script<'done' | 'changed' | 'uncollected'> {
  const { tenant, nodeId, mountId, before, token, modifiedAt, content, now } = request
  yield* lockTenant(tenant, now)
  if (!(yield* holdContent(content.hash))) return 'uncollected'
  const node = yield* first<{ version: number; mount_token: string | null }>(
    `select version, mount_token from nodes
where tenant = $1 and node_id = $2 and mount_id = $3 and content_hash is null and kind = 'file'`,
    tenant,
    nodeId,
    mountId,
  )
  if (node === undefined || node.mount_token !== before) return 'changed'
  if ((yield* currentPath(tenant, nodeId)) !== request.path) return 'changed'
  const last = yield* first<Version>(
    'select version_id, content_hash from versions where tenant = $1 and node_id = $2 and version = $3',
    tenant,
    nodeId,
    node.version,
  )
  const isNew = last?.content_hash !== content.hash
  yield* run(
    `update nodes set content_hash = $3, size = $4, mount_token = $5, modified_at = $6, version = version + $7
where tenant = $1 and node_id = $2`,
    tenant,
    nodeId,
    content.hash,
    content.size,
    token,
    modifiedAt,
    isNew ? 1 : 0,
  )
  if (isNew) yield* addVersion(request, node.version + 1, last?.version_id ?? null)
  if (request.index !== null) {
    yield* storeIndex({ tree: tenant, nodeId, path: request.path }, request.index, false)
  }
  yield* indexTexts(new Map([[content.hash, request.words]]))
  return 'done'
}

function* addVersion(request: StoreFetchedRequest, version: number, parent: string | null): Script<void> {
  const { tenant, nodeId, content, versionId, keptVersions, now } = request
  yield* run(
    `insert into versions (tenant, node_id, version, version_id, content_hash, size, parent_version_id, source_type,
  change_reason, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, 'original', $8, $9, 'system:mount')`,
    tenant,
    nodeId,
    version,
    versionId,
    content.hash,
    content.size,
    parent,
    'Found in the back end of the mount',
    now,
  )
  yield* run(
    'delete from versions where tenant = $1 and node_id = $2 and version <= $3',
    tenant,
    nodeId,
    version - keptVersions,
  )
}
