import type { Script } from '../../services/common/sql/script.ts'
import { allBelow } from './all-below.ts'
import type { NodeRow } from './nodes.ts'
import { nodesAt } from './nodes-at.ts'
import { walkInOrder, type WalkOptions } from './ordered-walk.ts'
import { comparePaths, parentPath } from './paths.ts'
import type { Located } from './queries.ts'
import type { Root } from './readable-roots.ts'
import type { DirectoryAt } from './walk.ts'

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
  const shown = shownOf(ways, start, recursive)
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

/** The same in no order, from the beginning: all of it, or at least so much. For long reads. */
export function* allBelowRoots(
  tree: string,
  start: DirectoryAt,
  roots: readonly Root[],
  { recursive, limit }: Omit<WalkOptions, 'after'>,
): Script<readonly Located[]> {
  const { ways, ranges } = yield* waysTo(tree, start, roots)
  const shown = shownOf(ways, start, recursive).map(located)
  if (!recursive) return shown
  const starts = ranges.map(({ path, node }) => ({ nodeId: node.node_id, path }))
  return shown.concat(yield* allBelow(tree, starts, limit))
}

/** What is shown of the nodes on the ways to roots. */
function shownOf(ways: ReadonlyMap<string, NodeRow>, start: DirectoryAt, recursive: boolean): readonly Piece[] {
  return [...ways]
    .filter(([path, node]) => (recursive ? node.implicit === 0 : parentPath(path) === (start.path || '/')))
    .map(([key, node]) => ({ key, node, isRange: false }))
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
