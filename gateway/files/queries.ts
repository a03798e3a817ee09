import { all, type Script, type Statement } from '../../services/common/sql/script.ts'
import { pendingExpression } from '../outbox/scripts.ts'
import { type NodeRow, nodeColumns, ROOT_ID } from './nodes.ts'
import type { TreePath } from './paths.ts'

/** What stands at a path, and what was found on the way to it. */
export interface Lookup {
  /** null if nothing stands at the path. */
  readonly node: NodeRow | null
  /** The lowest node on the way that exists; the node itself if it does. */
  readonly anchor: { readonly nodeId: string; readonly kind: 'file' | 'directory'; readonly depth: number }
  /** The last unapplied outbox entry that closes the path, or null. */
  readonly pendingSeq: number | null
}

/** A node with its path. */
export interface LocatedRow extends NodeRow {
  readonly path: string
}

export interface Listing {
  readonly rows: readonly LocatedRow[]
  readonly pendingSeq: number | null
}

// $1 tree, $2 components as a JSON array, $3 path ('' for the root), $4 entries through this one are applied
const PENDING = pendingExpression('$1', '$3', '$4')
const NODE_LIST = nodeColumns('n')

/** Descends one component a step, by the unique index (tenant, parent_id, name). */
const WALK = {
  sqlite: `walk (depth, node_id) as (
  select 0, ''
  union all
  select w.depth + 1, n.node_id from walk w
  join nodes n on n.tenant = $1 and n.parent_id = w.node_id and n.name = $2 ->> w.depth)`,
  postgres: `walk (depth, node_id) as (
  select 0, ''::text collate "C"
  union all
  select w.depth + 1, n.node_id from walk w
  join nodes n on n.tenant = $1 and n.parent_id = w.node_id and n.name = $2::jsonb ->> w.depth)`,
}

function statement(build: (walk: string, pending: string, jsonLength: string, path: string) => string): Statement['text'] {
  return {
    sqlite: build(WALK.sqlite, PENDING.sqlite, 'json_array_length($2)', '$3'),
    postgres: build(WALK.postgres, PENDING.postgres, 'jsonb_array_length($2::jsonb)', '$3::text collate "C"').replaceAll(
      /\$3(?!::)/g,
      '$3::text',
    ),
  }
}

const LOOKUP = statement(
  (walk, pending) => `with recursive ${walk}
select w.depth, ${NODE_LIST}, ${pending} as pending
from walk w left join nodes n on n.tenant = $1 and n.node_id = w.node_id
order by w.depth desc limit 1`,
)

const CHILDREN = statement(
  (walk, pending, jsonLength) => `with recursive ${walk}
select p.pending, $3 || '/' || n.name as path, ${NODE_LIST}
from (select ${pending} as pending) p
left join walk w on w.depth = ${jsonLength}
left join nodes n on n.tenant = $1 and n.parent_id = w.node_id`,
)

const TREE_COLUMNS =
  'node_id, path, kind, implicit, content_hash, size, mime_type, version, created_at, modified_at, created_by'

const DESCENDANTS = statement(
  (walk, pending, jsonLength, path) => `with recursive ${walk},
tree (${TREE_COLUMNS}) as (
  select n.node_id, ${path} || '/' || n.name, n.kind, n.implicit, n.content_hash, n.size, n.mime_type, n.version,
    n.created_at, n.modified_at, n.created_by
  from walk w join nodes n on n.tenant = $1 and n.parent_id = w.node_id
  where w.depth = ${jsonLength}
  union all
  select n.node_id, t.path || '/' || n.name, n.kind, n.implicit, n.content_hash, n.size, n.mime_type, n.version,
    n.created_at, n.modified_at, n.created_by
  from tree t join nodes n on n.tenant = $1 and n.parent_id = t.node_id
  where t.kind = 'directory')
select p.pending, t.* from (select ${pending} as pending) p left join tree t on true`,
)

const CHILDREN_OF: Statement['text'] = {
  sqlite: `select n.parent_id, n.node_id, n.name, n.kind from json_each($2) i
join nodes n on n.tenant = $1 and n.parent_id = i.value`,
  postgres: `select n.parent_id, n.node_id, n.name, n.kind from jsonb_array_elements_text($2::jsonb) as i(value)
join nodes n on n.tenant = $1 and n.parent_id = i.value`,
}

/** What stands at a path. `applied`: outbox entries through this one do not count as pending. */
export function* lookup(at: TreePath, applied: number): Script<Lookup> {
  const rows = yield* all<{ depth: number; pending: number | null } & Partial<NodeRow>>(LOOKUP, ...parameters(at, applied))
  const row = rows[0]
  const depth = row?.depth ?? 0
  // Depth 0 is the root, which has no row.
  const node = depth > 0 ? (row as NodeRow) : null
  return {
    node: depth === at.components.length ? node : null,
    anchor: { nodeId: node?.node_id ?? ROOT_ID, kind: node?.kind ?? 'directory', depth },
    pendingSeq: row?.pending ?? null,
  }
}

/** The direct children of a directory, in no order. */
export function children(at: TreePath, applied: number): Script<Listing> {
  return listing(CHILDREN, at, applied)
}

/** All that lies below a directory, implicit directories included, in no order. */
export function descendants(at: TreePath, applied: number): Script<Listing> {
  return listing(DESCENDANTS, at, applied)
}

/** A child as the search for something readable needs it. */
export interface ChildRow {
  readonly parent_id: string
  readonly node_id: string
  readonly name: string
  readonly kind: 'file' | 'directory'
}

/** The children of many directories. */
export function childrenOf(tree: string, nodeIds: readonly string[]): Script<readonly ChildRow[]> {
  return all<ChildRow>(CHILDREN_OF, tree, JSON.stringify(nodeIds))
}

function* listing(text: Statement['text'], at: TreePath, applied: number): Script<Listing> {
  const rows = yield* all<{ pending: number | null } & LocatedRow>(text, ...parameters(at, applied))
  const pendingSeq = rows[0]?.pending ?? null
  // The left join gives one row without a node where there is nothing.
  return { rows: rows.filter((row) => row.node_id !== null), pendingSeq }
}

function parameters(at: TreePath, applied: number): [string, string, string, number] {
  return [at.tree, JSON.stringify(at.components), at.path === '/' ? '' : at.path, applied]
}
