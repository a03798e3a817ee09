import { all, type Script } from '../../services/common/sql/script.ts'

/** What lies below a node, wherever that is. `path` begins below it, without a slash. */
export interface NodeBelow {
  readonly path: string
  readonly node_id: string
  readonly kind: 'file' | 'directory'
  readonly implicit: number
  readonly content_hash: string | null
  readonly size: number
  readonly version: number
}

const BELOW = { sqlite: belowText('$2'), postgres: belowText('$2::text collate "C"') }

// SQLite joins in this order, and not all nodes of the tenant with each directory.
function belowText(start: string): string {
  const node = 'n.node_id, n.kind, n.implicit, n.content_hash, n.size, n.version'
  return `with recursive tree (path, node_id, kind, implicit, content_hash, size, version) as (
  select n.name, ${node} from nodes n where n.tenant = $1 and n.parent_id = ${start}
  union all
  select t.path || '/' || n.name, ${node} from tree t cross join nodes n where n.tenant = $1 and n.parent_id = t.node_id)
select * from tree`
}

/** All that lies below a node, in no order; also in the trash. */
export function nodesBelow(tree: string, nodeId: string): Script<readonly NodeBelow[]> {
  return all<NodeBelow>(BELOW, tree, nodeId)
}
