import { all, type Script } from '../../../services/common/sql/script.ts'

/** A node as it is compared with what a back end has. */
export interface KnownNode {
  /** Begins below the directory that is looked at, without a slash. */
  readonly path: string
  readonly node_id: string
  readonly kind: 'file' | 'directory'
  readonly implicit: number
  readonly mount_id: string | null
  readonly mount_token: string | null
}

const NODE = 'n.node_id, n.kind, n.implicit, n.mount_id, n.mount_token'

/** The children of a directory of a mount, in no order. */
function knownChildren(tree: string, directoryId: string): Script<readonly KnownNode[]> {
  return all<KnownNode>(
    `select n.name as path, ${NODE} from nodes n where n.tenant = $1 and n.parent_id = $2`,
    tree,
    directoryId,
  )
}

const BELOW = { sqlite: belowText('$2'), postgres: belowText('$2::text collate "C"') }

function belowText(start: string): string {
  return `with recursive tree (path, node_id, kind, implicit, mount_id, mount_token) as (
  select n.name, ${NODE} from nodes n where n.tenant = $1 and n.parent_id = ${start}
  union all
  select t.path || '/' || n.name, ${NODE} from tree t
  cross join nodes n where n.tenant = $1 and n.parent_id = t.node_id and t.kind = 'directory' and t.mount_id = $3)
select * from tree`
}

/** What is known of a directory of a mount: its children or, if `deep`, all below it, but not what lies in other mounts. */
export function knownNodes(
  tree: string,
  mountId: string,
  directoryId: string,
  deep: boolean,
): Script<readonly KnownNode[]> {
  return deep ? all<KnownNode>(BELOW, tree, directoryId, mountId) : knownChildren(tree, directoryId)
}
