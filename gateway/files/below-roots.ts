import { all, type Script } from '../../services/common/sql/script.ts'
import { NODE_COLUMNS, type NodeRow, nodeColumns } from './nodes.ts'
import { nodesAt } from './nodes-at.ts'
import { walkInOrder, type WalkOptions } from './ordered-walk.ts'
import { comparePaths, parentPath } from './paths.ts'
import { BELOW_EACH } from './postgres-queries.ts'
import type { Located } from './queries.ts'
import type { Root } from './readable-roots.ts'
import { descend, type DirectoryAt } from './walk.ts'

/** A place in the order of paths: something that is shown, or all that lies below a directory. */
interface Piece {
  /** Its path; that of a range ends in a slash. */
  readonly key: string
  readonly node: NodeRow
  readonly isRange: boolean
}

/**
 * What is seen below a directory by one who may read what lies at roots below it: that, and the directories above it, in
 * the order of paths, as far as is asked for. Costs what it finds, whatever else there is.
 */
export function* belowRoots(
  tree: string,
  start: DirectoryAt,
  roots: readonly Root[],
  { recursive, after, limit }: WalkOptions,
): Script<readonly Located[]> {
  const { ways, ranges } = yield* waysTo(tree, start, roots)
  const shown = [...ways]
    .filter(([path, node]) => (recursive ? node.implicit === 0 : parentPath(path) === (start.path || '/')))
    .map(([key, node]): Piece => ({ key, node, isRange: false }))
  if (recursive && limit === Infinity) return [...shown.map(located), ...(yield* allBelow(tree, ranges))]
  const deep = recursive ? ranges.map(({ path, node }): Piece => ({ key: `${path}/`, node, isRange: true })) : []
  const from = after === '' ? '' : `${start.path}/${after}`
  const found: Located[] = []
  for (const piece of [...shown, ...deep].sort((a, b) => comparePaths(a.key, b.key))) {
    const { key, node, isRange } = piece
    if (found.length >= limit) break
    const isBegun = isRange && from.startsWith(key)
    if (from !== '' && !isBegun && comparePaths(key, from) <= 0) continue
    if (!isRange) {
      found.push(located(piece))
      continue
    }
    const directory = { nodeId: node.node_id, path: key.slice(0, -1) }
    const rest = { recursive, after: isBegun ? from.slice(key.length) : '', limit: limit - found.length }
    found.push(...(yield* walkInOrder(tree, directory, rest)))
  }
  return found
}

/** The nodes at roots that are there and on the way to them, by path, and the directories below which all may be read. */
export function* waysTo(
  tree: string,
  start: DirectoryAt,
  roots: readonly Root[],
): Script<{ readonly ways: ReadonlyMap<string, NodeRow>; readonly ranges: readonly Located[] }> {
  const components = roots.map((root) => root.components)
  const nodes = yield* nodesAt(tree, start, components)
  const ways = new Map<string, NodeRow>()
  const ranges: Located[] = []
  for (const root of roots) {
    const path = `${start.path}/${root.components.join('/')}`
    const node = nodes.get(path)
    if (node === undefined) continue
    if (root.deep && node.kind === 'directory') ranges.push({ path, node })
    for (let at = path; at !== start.path && at !== '/' && !ways.has(at); at = parentPath(at)) {
      const way = nodes.get(at)
      if (way !== undefined) ways.set(at, way)
    }
  }
  return { ways, ranges }
}

function located({ key, node }: Piece): Located {
  return { path: key, node }
}

const NODE = nodeColumns('n')
const ALL_BELOW = `with recursive tree (path, ${NODE_COLUMNS.join(', ')}) as (
  select (i.value ->> 1) collate "C" || '/' || n.name, ${NODE}
  from jsonb_array_elements($2::jsonb) as i(value) join nodes n on n.tenant = $1 and n.parent_id = (i.value ->> 0) collate "C"
  union all
  select t.path || '/' || n.name, ${NODE} from tree t ${BELOW_EACH}
  where t.kind = 'directory')
select t.* from (select 1) p left join tree t on true`
/** Takes the same parameters. */
const NOTHING = 'select 1 as one where $1 is null and $2 is null'

/** Everything below directories that somebody made, in no order. */
function* allBelow(tree: string, directories: readonly Located[]): Script<readonly Located[]> {
  const starts = directories.map(({ path, node }) => ({ nodeId: node.node_id, path }))
  const asked = JSON.stringify(starts.map(({ nodeId, path }) => [nodeId, path]))
  const rows = yield* all<NodeRow & { readonly path: string }>({ sqlite: NOTHING, postgres: ALL_BELOW }, tree, asked)
  // PostgreSQL answers one row where there is nothing; SQLite none, and walks instead.
  const found =
    rows.length > 0
      ? rows.map((node) => ({ path: node.path, node }))
      : yield* descend(tree, starts, { deep: true, limit: Infinity })
  return found.filter(({ node }) => node.implicit === 0)
}
