import { pendingExpression } from '../outbox/scripts.ts'
import { NODE_COLUMNS, nodeColumns } from './nodes.ts'

// On PostgreSQL each question about a path is one round trip: a recursive query that descends one component a step, by
// the unique index (tenant, parent_id, name).
// $1 tree, $2 components as a JSON array, $3 path ('' for the root), $4 entries through this one are applied, $5 rows at most

const PATH = '$3::text collate "C"'
const PENDING = pendingExpression('$1', PATH, '$4').postgres
const NODE = nodeColumns('n')
const WALK = `walk (depth, node_id) as (
  select 0, ''::text collate "C"
  union all
  select w.depth + 1, n.node_id from walk w
  join nodes n on n.tenant = $1 and n.parent_id = w.node_id and n.name = $2::jsonb ->> w.depth)`

/** The mount of the lowest node on the way. */
const MOUNT = `(select n.mount_id from walk w join nodes n on n.tenant = $1 and n.node_id = w.node_id
  order by w.depth desc limit 1)`

/** The lowest node on the way to a path, its depth, and the last entry that closes the path. Always one row. */
export const LOOKUP = `with recursive ${WALK}
select w.depth, ${NODE}, ${PENDING} as pending
from walk w left join nodes n on n.tenant = $1 and n.node_id = w.node_id
order by w.depth desc limit 1`

/** The children of a directory; one row without a node if there are none. */
export const CHILDREN = `with recursive ${WALK}
select p.pending, p.directory_mount, ${PATH} || '/' || n.name as path, ${NODE}
from (select ${PENDING} as pending, ${MOUNT} as directory_mount) p
left join walk w on w.depth = jsonb_array_length($2::jsonb)
left join nodes n on n.tenant = $1 and n.parent_id = w.node_id
limit $5`

/**
 * Joins the nodes `n` below those of a step `t` of a descent, each by the index: the planner knows nothing of how few there
 * are in a step, and would read the nodes of all tenants.
 */
export const BELOW_EACH = `cross join lateral
  (select * from nodes c where c.tenant = $1 and c.parent_id = t.node_id offset 0) n`

/** All below a directory; one row without a node if there is nothing. */
export const DESCENDANTS = `with recursive ${WALK},
tree (path, ${NODE_COLUMNS.join(', ')}) as (
  select ${PATH} || '/' || n.name, ${NODE}
  from walk w join nodes n on n.tenant = $1 and n.parent_id = w.node_id
  where w.depth = jsonb_array_length($2::jsonb)
  union all
  select t.path || '/' || n.name, ${NODE}
  from tree t ${BELOW_EACH}
  where t.kind = 'directory')
select p.pending, p.directory_mount, t.* from (select ${PENDING} as pending, ${MOUNT} as directory_mount) p
left join tree t on true
limit $5`
