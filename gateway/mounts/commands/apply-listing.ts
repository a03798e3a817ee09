import { all, first, run, type Script, type Statement } from '../../../services/common/sql/script.ts'
import { ROOT_ID, TRASH_ID } from '../../files/nodes.ts'
import { checkMountedQuota, type Quota } from '../../files/commands/quota.ts'
import { dropIndex } from '../../files/commands/drop-index.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import { indexNames } from '../../search/index-scripts.ts'
import { appendOutbox, deleteApplied, lockTenant } from '../../outbox/scripts.ts'
import { unlockedBy } from './lock-paths.ts'

/** A file that is another one than was known. */
export interface ChangedNode {
  readonly nodeId: string
  readonly path: string
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
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly implicit: 0 | 1
  readonly token: string | null
  readonly size: number
  readonly modifiedAt: number
}

export interface GoneNode {
  readonly nodeId: string
  readonly kind: 'file' | 'directory'
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
  /** The change of paths on whose behalf it was looked; '' for none. */
  readonly owner: string
  readonly gone: readonly GoneNode[]
  readonly changed: readonly ChangedNode[]
  /** Directories that exist by themselves, or do not any more. */
  readonly directories: readonly { readonly nodeId: string; readonly path: string; readonly implicit: 0 | 1 }[]
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
  /** Ids of the nodes that were created, changed or moved out of the tree. */
  readonly made: readonly string[]
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

const PATHS = aboutEach(
  (each) => `with recursive up (node_id, above, path) as (
  select n.node_id, n.parent_id, '/' || n.name from ${each.replace('$3', '$2')}
  join nodes n on n.tenant = $1 and n.node_id = r.value ->> 'nodeId'
  union all
  select u.node_id, n.parent_id, '/' || n.name || u.path from up u join nodes n on n.tenant = $1 and n.node_id = u.above)
select node_id, path from up where above = '${ROOT_ID}'`,
)

/**
 * Brings nodes of one mount to what its back end has. Nothing else is touched, whatever the request says: each statement
 * names the mount. What a change of paths is about to make is left to it, and so is what stands elsewhere than it was
 * looked up: the back end is ahead of the database there, or behind it.
 * @throws NexusError STORAGE_FULL if the tenant's quota has no room for what is new
 */
export function* applyListing(listed: ApplyListingRequest): Script<AppliedListing> {
  const { tenant, mountId, now } = listed
  yield* lockTenant(tenant, now)
  const request = yield* withoutUncertain(listed)
  const { changed, directories, created } = request
  const { receipt, made } = yield* discardGone(request)
  const updated =
    changed.length === 0 ? [] : yield* all<{ node_id: string }>(CHANGE, tenant, mountId, JSON.stringify(changed))
  if (directories.length > 0) yield* run(SET_IMPLICIT, tenant, mountId, JSON.stringify(directories))
  made.push(...updated.map((row) => row.node_id))
  let files = 0
  for (const level of created) {
    const rows = yield* all<{ node_id: string }>(CREATE, tenant, mountId, JSON.stringify(level), now)
    const ids = new Set(rows.map((row) => row.node_id))
    const added = level.filter(({ nodeId, kind }) => kind === 'file' && ids.has(nodeId))
    if (added.length > 0) yield* indexNames(tenant, added)
    files += added.length
    made.push(...ids)
  }
  if (files > 0) yield* checkMountedQuota(tenant, request.quota, request.mountPoint)
  return { receipt, made }
}

function* withoutUncertain(request: ApplyListingRequest): Script<ApplyListingRequest> {
  const { tenant, owner, now, gone, changed, directories } = request
  const isFree = yield* unlockedBy(tenant, owner, now)
  const created = request.created.map((level) => level.filter(({ path }) => isFree(path)))
  const makes = new Set(created.flat().map(({ nodeId }) => nodeId))
  const parents = new Set(created.flat().map(({ parentId }) => parentId))
  const named = [...gone, ...changed, ...directories, ...[...parents].map((nodeId) => ({ nodeId }))]
  const rows = yield* all<{ node_id: string; path: string }>(
    PATHS,
    tenant,
    JSON.stringify(named.map(({ nodeId }) => ({ nodeId }))),
  )
  const paths = new Map(rows.map((row) => [row.node_id, row.path]))
  const stands = ({ nodeId, path }: { readonly nodeId: string; readonly path: string }): boolean =>
    isFree(path) && paths.get(nodeId) === path
  const hasPlace = ({ parentId, path, name }: CreatedNode): boolean =>
    makes.has(parentId) || `${paths.get(parentId)}/${name}` === path
  return {
    ...request,
    gone: gone.filter(stands),
    changed: changed.filter(stands),
    directories: directories.filter(stands),
    created: created.map((level) => level.filter(hasPlace)).filter(({ length }) => length > 0),
  }
}

/** Moves what the back end has lost out of the tree; what was known about it is forgotten. */
function* discardGone(
  request: ApplyListingRequest,
): Script<{ readonly receipt: OutboxReceipt | null; readonly made: string[] }> {
  const { tenant, mountId, gone, applied, entryId, now, leaseOwner } = request
  const changes: OutboxChange[] = []
  const made: string[] = []
  for (const { nodeId, before, path, trashId } of gone) {
    const row = yield* first(GONE, tenant, mountId, nodeId, before ?? '', trashId, path)
    if (row === undefined) continue
    made.push(nodeId)
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
  if (changes.length === 0) return { made, receipt: null }
  if (applied > 0) yield* deleteApplied(tenant, applied)
  const paths = changes.flatMap((change) => ('path' in change ? change.path : []))
  const receipt = yield* appendOutbox({ tenant, entryId, paths, changes, now, leaseOwner })
  return { made, receipt }
}
