import { all, first, run, type Script, type Statement } from '../../../services/common/sql/script.ts'
import { TRASH_ID } from '../../files/nodes.ts'
import { checkMountedQuota, type Quota } from '../../files/commands/quota.ts'
import { dropIndex } from '../../files/commands/drop-index.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import { indexNames } from '../../search/index-scripts.ts'
import { appendOutbox, deleteApplied, lockTenant } from '../../outbox/scripts.ts'

/** A file that is another one than was known. */
export interface ChangedNode {
  readonly nodeId: string
  /** What was known of the back end's state. */
  readonly before: string | null
  readonly token: string
  readonly size: number
  readonly modifiedAt: number
}

export interface CreatedNode {
  readonly nodeId: string
  readonly parentId: string
  readonly name: string
  readonly kind: 'file' | 'directory'
  readonly implicit: 0 | 1
  readonly token: string | null
  readonly size: number
  readonly modifiedAt: number
}

export interface GoneNode {
  readonly nodeId: string
  readonly before: string | null
  readonly path: string
  readonly trashId: string
}

export interface ApplyListingRequest {
  readonly tenant: string
  readonly mountId: string
  /** For people. */
  readonly mountPoint: string
  readonly quota: Quota
  readonly gone: readonly GoneNode[]
  readonly changed: readonly ChangedNode[]
  /** Directories that exist by themselves, or do not any more. */
  readonly directories: readonly { readonly nodeId: string; readonly implicit: 0 | 1 }[]
  /** In levels: what is in a directory comes after the directory. */
  readonly created: readonly (readonly CreatedNode[])[]
  /** For the outbox, as in Mutation. */
  readonly entryId: string
  readonly applied: number
  readonly leaseOwner: string | null
  readonly now: number
}

export interface AppliedListing {
  readonly receipt: OutboxReceipt | null
  readonly created: number
  readonly changed: number
  readonly gone: number
}

function aboutEach(text: (each: string) => string): Statement['text'] {
  return { sqlite: text('json_each($3) r'), postgres: text('jsonb_array_elements($3::jsonb) as r(value)') }
}

/** What is not as it was known is left alone: somebody who looked later, or who wrote, knows better. */
const SAME = `n.tenant = $1 and n.mount_id = $2 and n.node_id = r.value ->> 'nodeId'
  and coalesce(n.mount_token, '') = coalesce(r.value ->> 'before', '') and n.parent_id <> '${TRASH_ID}'`

const CHANGE = aboutEach(
  (each) => `update nodes set content_hash = null, mount_token = r.value ->> 'token',
  size = cast(r.value ->> 'size' as bigint), modified_at = cast(r.value ->> 'modifiedAt' as bigint)
from ${each} where ${SAME.replaceAll('n.', 'nodes.')} returning nodes.node_id`,
)

const SET_IMPLICIT = aboutEach(
  (each) => `update nodes set implicit = cast(r.value ->> 'implicit' as bigint)
from ${each} where nodes.tenant = $1 and nodes.mount_id = $2 and nodes.node_id = r.value ->> 'nodeId'`,
)

// Only into directories of the same mount; $4 is the time.
const CREATE = aboutEach(
  (each) => `insert into nodes (tenant, node_id, parent_id, name, kind, implicit, size, version, created_at,
  modified_at, created_by, mount_id, mount_token)
select p.tenant, r.value ->> 'nodeId', p.node_id, r.value ->> 'name', r.value ->> 'kind',
  cast(r.value ->> 'implicit' as bigint), cast(r.value ->> 'size' as bigint), 0, cast($4 as bigint),
  cast(r.value ->> 'modifiedAt' as bigint), 'system:mount', p.mount_id, r.value ->> 'token'
from ${each} join nodes p on p.tenant = $1 and p.node_id = r.value ->> 'parentId' and p.mount_id = $2
  and p.kind = 'directory' and p.parent_id <> '${TRASH_ID}' where true
on conflict do nothing returning node_id`,
)

const GONE = `update nodes set parent_id = '${TRASH_ID}', name = $5
where tenant = $1 and mount_id = $2 and node_id = $3 and coalesce(mount_token, '') = $4 and parent_id <> '${TRASH_ID}'
  and not exists (select 1 from mounts m where m.tenant = $1 and m.mount_id = $2 and m.mount_point = $6)
returning node_id`

/**
 * Brings nodes of one mount to what its back end has. Nothing else is touched, whatever the request says: each statement
 * names the mount.
 * @throws NexusError STORAGE_FULL if the tenant's quota has no room for what is new
 */
export function* applyListing(request: ApplyListingRequest): Script<AppliedListing> {
  const { tenant, mountId, changed, directories, created, now } = request
  yield* lockTenant(tenant, now)
  const gone = yield* discardGone(request)
  const updated = changed.length === 0 ? [] : yield* all(CHANGE, tenant, mountId, JSON.stringify(changed))
  if (directories.length > 0) yield* run(SET_IMPLICIT, tenant, mountId, JSON.stringify(directories))
  let made = 0
  let files = 0
  for (const level of created) {
    const rows = yield* all<{ node_id: string }>(CREATE, tenant, mountId, JSON.stringify(level), now)
    const ids = new Set(rows.map((row) => row.node_id))
    const added = level.filter(({ nodeId, kind }) => kind === 'file' && ids.has(nodeId))
    if (added.length > 0) yield* indexNames(tenant, added)
    files += added.length
    made += rows.length
  }
  if (files > 0) yield* checkMountedQuota(tenant, request.quota, request.mountPoint)
  return { ...gone, changed: updated.length, created: made }
}

/** Moves what the back end has lost out of the tree; what was known about it is forgotten. */
function* discardGone(request: ApplyListingRequest): Script<Pick<AppliedListing, 'gone' | 'receipt'>> {
  const { tenant, mountId, gone, applied, entryId, now, leaseOwner } = request
  const changes: OutboxChange[] = []
  for (const { nodeId, before, path, trashId } of gone) {
    const row = yield* first(GONE, tenant, mountId, nodeId, before ?? '', trashId, path)
    if (row === undefined) continue
    yield* dropIndex(tenant, [nodeId])
    yield* run(
      `insert into trash (tenant, trash_id, node_id, path, deleted_at, deleted_by, purging)
values ($1, $2, $3, $4, $5, 'system:mount', 1)`,
      tenant,
      trashId,
      nodeId,
      path,
      now,
    )
    changes.push({ kind: 'forget', path, trashId })
  }
  if (changes.length === 0) return { gone: 0, receipt: null }
  if (applied > 0) yield* deleteApplied(tenant, applied)
  const paths = changes.flatMap((change) => ('path' in change ? change.path : []))
  const receipt = yield* appendOutbox({ tenant, entryId, paths, changes, now, leaseOwner })
  return { gone: changes.length, receipt }
}
