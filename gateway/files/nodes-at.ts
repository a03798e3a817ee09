import { all, type Script, type Statement } from '../../services/common/sql/script.ts'
import { type NodeRow, nodeColumns } from './nodes.ts'
import type { DirectoryAt } from './walk.ts'

/** So many names are looked up in one statement. */
const BATCH = 500

type Child = NodeRow & { readonly parent_id: string; readonly name: string }

const NODE = `n.parent_id, n.name, ${nodeColumns('n')}`
const NAMED: Statement['text'] = {
  // SQLite joins in this order.
  sqlite: `select ${NODE} from json_each($2) i cross join nodes n
where n.tenant = $1 and n.parent_id = i.value ->> 0 and n.name = i.value ->> 1`,
  postgres: `select ${NODE} from jsonb_array_elements($2::jsonb) as i(value) join nodes n
on n.tenant = $1 and n.parent_id = (i.value ->> 0) collate "C" and n.name = (i.value ->> 1) collate "C"`,
}

/** Names below a directory that are looked for, with those below them. */
type Names = Map<string, Names>

/**
 * The nodes at paths below a directory and on the way to them, by their paths; what is not there is missing. A few
 * statements for each level, however many paths there are.
 */
export function* nodesAt(
  tree: string,
  start: DirectoryAt,
  paths: readonly (readonly string[])[],
): Script<ReadonlyMap<string, NodeRow>> {
  const found = new Map<string, NodeRow>()
  for (let level = [{ ...start, names: namesOf(paths) }]; level.length > 0; ) {
    const above = new Map(level.map((directory) => [directory.nodeId, directory]))
    const pairs = level.flatMap(({ nodeId, names }) => [...names.keys()].map((name) => [nodeId, name]))
    const next: typeof level = []
    for (let from = 0; from < pairs.length; from += BATCH) {
      const asked = JSON.stringify(pairs.slice(from, from + BATCH))
      for (const node of yield* all<Child>(NAMED, tree, asked)) {
        const directory = above.get(node.parent_id)
        if (directory === undefined) throw new Error('a child of no directory that was asked for')
        const path = `${directory.path}/${node.name}`
        found.set(path, node)
        const names = directory.names.get(node.name)
        if (names !== undefined && names.size > 0) next.push({ nodeId: node.node_id, path, names })
      }
    }
    level = next
  }
  return found
}

function namesOf(paths: readonly (readonly string[])[]): Names {
  const top: Names = new Map()
  for (const path of paths) {
    let names = top
    for (const name of path) {
      let below = names.get(name)
      if (below === undefined) names.set(name, (below = new Map()))
      names = below
    }
  }
  return top
}
