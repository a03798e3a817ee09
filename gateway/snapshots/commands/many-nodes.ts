import { run, type Script, type Statement } from '../../../services/common/sql/script.ts'
import type { Mutation } from '../../files/commands/mutation.ts'
import { indexNames } from '../../search/index-scripts.ts'
import type { FileVersion } from '../../files/contract.ts'
import type { NodeBelow } from '../../files/below.ts'
import { TRASH_ID } from '../../files/nodes.ts'
import type { RestorePlan } from './plan-restore.ts'

// Each of these is one statement, however many nodes it is about: they come as a JSON array, whose members are r.value.

function aboutEach(text: (each: string) => string): Statement['text'] {
  return { sqlite: text('json_each($2) r'), postgres: text('jsonb_array_elements($2::jsonb) as r(value)') }
}

const IDS = {
  sqlite: '(select value from json_each($2))',
  postgres: '(select value from jsonb_array_elements_text($2::jsonb) as i(value))',
}

const TRASH_NODES: Statement['text'] = {
  sqlite: `update nodes set parent_id = '${TRASH_ID}', name = node_id where tenant = $1 and node_id in ${IDS.sqlite}`,
  postgres: `update nodes set parent_id = '${TRASH_ID}', name = node_id where tenant = $1 and node_id in ${IDS.postgres}`,
}
const TRASH_ROWS = aboutEach(
  (each) => `insert into trash (tenant, trash_id, node_id, path, deleted_at, deleted_by)
select $1, r.value ->> 'id', r.value ->> 'id', r.value ->> 'path', cast($3 as bigint), $4 from ${each}`,
)

/** Moves nodes with all below them to the trash, where each has the id of its node. */
export function* moveToTrash({ at, now, actor }: Mutation, nodes: readonly NodeBelow[]): Script<void> {
  if (nodes.length === 0) return
  yield* run(TRASH_NODES, at.tree, JSON.stringify(nodes.map(({ node_id }) => node_id)))
  const rows = nodes.map(({ node_id, path }) => ({ id: node_id, path: `${at.path}/${path}` }))
  yield* run(TRASH_ROWS, at.tree, JSON.stringify(rows), now, actor)
}

const MAKE_EXPLICIT: Statement['text'] = {
  sqlite: `update nodes set implicit = 0 where tenant = $1 and node_id in ${IDS.sqlite}`,
  postgres: `update nodes set implicit = 0 where tenant = $1 and node_id in ${IDS.postgres}`,
}

/** Makes implicit directories explicit. */
export function* makeExplicit(tree: string, nodeIds: readonly string[]): Script<void> {
  if (nodeIds.length > 0) yield* run(MAKE_EXPLICIT, tree, JSON.stringify(nodeIds))
}

const CREATE = aboutEach(
  (
    each,
  ) => `insert into nodes (tenant, node_id, parent_id, name, kind, implicit, content_hash, size, mime_type, version,
  created_at, modified_at, created_by)
select $1, r.value ->> 'nodeId', r.value ->> 'parentId', r.value ->> 'name', r.value ->> 'kind',
  cast(r.value ->> 'implicit' as bigint), r.value ->> 'contentHash', cast(r.value ->> 'size' as bigint),
  r.value ->> 'mimeType', cast(r.value ->> 'version' as bigint), cast($3 as bigint), cast($3 as bigint), $4 from ${each}`,
)

/** Makes nodes, without versions. */
export function* createNodes({ at, now, actor }: Mutation, nodes: RestorePlan['created']): Script<void> {
  if (nodes.length === 0) return
  const rows = nodes.map(({ parentId, wanted }) => ({
    nodeId: wanted.nodeId,
    parentId,
    name: wanted.path.slice(wanted.path.lastIndexOf('/') + 1),
    kind: wanted.kind,
    implicit: wanted.implicit ? 1 : 0,
    contentHash: wanted.contentHash,
    size: wanted.size,
    mimeType: wanted.mimeType,
    version: wanted.kind === 'file' ? 1 : 0,
  }))
  yield* run(CREATE, at.tree, JSON.stringify(rows), now, actor)
  yield* indexNames(
    at.tree,
    rows.filter(({ kind }) => kind === 'file'),
  )
}

const CHANGE = aboutEach(
  (each) => `update nodes set content_hash = r.value ->> 'contentHash', size = cast(r.value ->> 'size' as bigint),
  mime_type = r.value ->> 'mimeType', version = version + 1, modified_at = cast($3 as bigint)
from ${each} where nodes.tenant = $1 and nodes.node_id = r.value ->> 'nodeId'`,
)

/** Gives files other contents, without versions. */
export function* changeFiles({ at, now }: Mutation, files: RestorePlan['changed']): Script<void> {
  if (files.length === 0) return
  const rows = files.map(({ nodeId, wanted: { contentHash, size, mimeType } }) => ({
    nodeId,
    contentHash,
    size,
    mimeType,
  }))
  yield* run(CHANGE, at.tree, JSON.stringify(rows), now)
}

const ADD_VERSIONS = aboutEach(
  (
    each,
  ) => `insert into versions (tenant, node_id, version, version_id, content_hash, size, mime_type, parent_version_id,
  source_type, change_reason, created_at, created_by)
select n.tenant, n.node_id, n.version, r.value ->> 'versionId', n.content_hash, n.size, n.mime_type,
  (select v.version_id from versions v where v.tenant = n.tenant and v.node_id = n.node_id and v.version = n.version - 1),
  $3, $4, cast($5 as bigint), $6
from ${each} join nodes n on n.tenant = $1 and n.node_id = r.value ->> 'nodeId'`,
)
const DROP_OLD = (ids: string) => `delete from versions where tenant = $1 and node_id in ${ids}
and version <= (select n.version from nodes n where n.tenant = versions.tenant and n.node_id = versions.node_id) - $3`
const DROP_OLD_VERSIONS: Statement['text'] = { sqlite: DROP_OLD(IDS.sqlite), postgres: DROP_OLD(IDS.postgres) }

/** Adds what files are now to their versions, and drops the versions that are too many. */
export function* addVersions(
  { at, now, actor }: Mutation,
  files: RestorePlan['changed'],
  {
    source,
    reason,
    keptVersions,
  }: {
    readonly source: FileVersion['sourceType']
    readonly reason: string | null
    readonly keptVersions: number
  },
): Script<void> {
  if (files.length === 0) return
  const rows = files.map(({ nodeId, wanted: { versionId } }) => ({ nodeId, versionId }))
  yield* run(ADD_VERSIONS, at.tree, JSON.stringify(rows), source, reason, now, actor)
  yield* run(DROP_OLD_VERSIONS, at.tree, JSON.stringify(files.map(({ nodeId }) => nodeId)), keptVersions)
}
