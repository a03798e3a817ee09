import { first, type Script } from '../../../services/common/sql/script.ts'
import { ROOT_ID } from '../nodes.ts'
import { isEmpty } from './mutation.ts'

/** The id of the directory that a node is in. */
export function* parentOf(tree: string, nodeId: string): Script<string> {
  const row = yield* first<{ parent_id: string }>(
    'select parent_id from nodes where tenant = $1 and node_id = $2',
    tree,
    nodeId,
  )
  return row?.parent_id ?? ROOT_ID
}

/** Removes a directory that exists only because of what was in it, and those above it for which the same is true. */
export function* pruneImplicit(tree: string, from: string): Script<void> {
  let nodeId = from
  while (nodeId !== ROOT_ID && (yield* isEmpty(tree, nodeId))) {
    const parentId = yield* parentOf(tree, nodeId)
    const gone = yield* first(
      'delete from nodes where tenant = $1 and node_id = $2 and implicit = 1 returning node_id',
      tree,
      nodeId,
    )
    if (gone === undefined) return
    nodeId = parentId
  }
}
