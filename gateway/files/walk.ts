import { all, first, type Script } from '../../services/common/sql/script.ts'
import { pendingSeq } from '../outbox/scripts.ts'
import { type NodeRow, nodeColumns, ROOT_ID } from './nodes.ts'
import type { TreePath } from './paths.ts'
import type { Located } from './queries.ts'

// On SQLite a statement is a call of a microsecond or two, and a recursive query costs fifty: a path is walked, and a
// tree descended, step by step. All steps of a script see one state of the database.

const NODE = nodeColumns('n')
const STEP = `select ${NODE} from nodes n where n.tenant = $1 and n.parent_id = $2 and n.name = $3`
const CHILDREN = `select n.name, ${NODE} from nodes n where n.tenant = $1 and n.parent_id = $2 and n.name > $3
order by n.name limit $4`
/** As many children are read at once, at most: the event loop waits for each statement. */
const BATCH = 1_000
const ANY_ENTRY = 'select 1 as one from outbox where tenant = $1 and seq > $2 limit 1'

export interface WalkEnd {
  /** The lowest node on the way that exists; null for the root. */
  readonly node: NodeRow | null
  readonly depth: number
  readonly pending: number | null
}

/** Goes down to a path as far as there is something. */
export function* walk(at: TreePath, applied: number): Script<WalkEnd> {
  let depth = 0
  let node = null as NodeRow | null
  for (const name of at.components) {
    const next = yield* first<NodeRow>(STEP, at.tree, node?.node_id ?? ROOT_ID, name)
    if (next === undefined) break
    node = next
    depth++
  }
  const busy = (yield* first(ANY_ENTRY, at.tree, applied)) !== undefined
  return { node, depth, pending: busy ? yield* pendingSeq(at.tree, at.path, applied) : null }
}

/** A directory by its node and its path, which is '' for the root. */
export interface DirectoryAt {
  readonly nodeId: string
  readonly path: string
}

/** What lies in directories and, if `deep`, in those below them: all, or as much as `limit` says, in no order. */
export function* descend(
  tree: string,
  directories: readonly DirectoryAt[],
  { deep, limit }: { readonly deep: boolean; readonly limit: number },
): Script<readonly Located[]> {
  const found: Located[] = []
  const open = [...directories]
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (let more = true, last = ''; more; ) {
      const size = Math.min(limit - found.length, BATCH)
      if (size <= 0) return found
      const rows = yield* all<NodeRow & { readonly name: string }>(CHILDREN, tree, directory.nodeId, last, size)
      for (const node of rows) {
        const below = `${directory.path}/${node.name}`
        found.push({ path: below, node })
        if (deep && node.kind === 'directory') open.push({ nodeId: node.node_id, path: below })
      }
      more = rows.length === size
      last = rows.at(-1)?.name ?? last
    }
  }
  return found
}
