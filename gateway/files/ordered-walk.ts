import { all, type Script, type Statement } from '../../services/common/sql/script.ts'
import { type NodeRow, nodeColumns } from './nodes.ts'
import { comparePaths } from './paths.ts'
import type { Located } from './queries.ts'

/** As many children are read at once, at most. */
const BATCH = 1_000

export interface WalkOptions {
  /** What lies further down as well, without directories that nobody made. */
  readonly recursive: boolean
  /** Only what comes after this, a path below the start without its slash; '' from the beginning. */
  readonly after: string
  /** So many, at most. */
  readonly limit: number
}

type Child = NodeRow & { readonly name: string }

const CHILD = `select n.name, ${nodeColumns('n')} from nodes n where n.tenant = $1 and n.parent_id = $2`
const CHILDREN_AFTER = `${CHILD} and n.name > $3 order by n.name limit $4`
const DIRECTORIES: Statement['text'] = {
  sqlite: `${CHILD} and n.kind = 'directory' and n.name in (select value from json_each($3))`,
  postgres: `${CHILD} and n.kind = 'directory' and n.name in (select value collate "C" from jsonb_array_elements_text($3::jsonb) as i(value))`,
}

/**
 * What lies below a directory in the order of its paths, as far as is asked for: costs what it finds, however much there
 * is before and after. In the order of paths what lies in 'a' comes after 'a-b', for '-' comes before '/': a directory
 * is gone into when the next of its siblings comes later than what is in it.
 */
export function* walkInOrder(
  tree: string,
  start: { readonly nodeId: string; readonly path: string },
  options: WalkOptions,
): Script<readonly Located[]> {
  const found: Located[] = []
  yield* walkDirectory(new OrderedWalk(tree, options, found), start.nodeId, start.path, options.after)
  return found
}

class OrderedWalk {
  readonly tree: string
  readonly recursive: boolean
  readonly #limit: number
  readonly #found: Located[]

  constructor(tree: string, { recursive, limit }: WalkOptions, found: Located[]) {
    this.tree = tree
    this.recursive = recursive
    this.#limit = limit
    this.#found = found
  }

  get missing(): number {
    return this.#limit - this.#found.length
  }

  see(path: string, node: NodeRow): void {
    if (!this.recursive || node.implicit === 0) this.#found.push({ path, node })
  }
}

function* walkDirectory(walk: OrderedWalk, nodeId: string, path: string, after: string): Script<void> {
  const open = walk.recursive && after !== '' ? yield* openBefore(walk.tree, nodeId, after) : []
  let last = after
  for (let more = true; more && walk.missing > 0; ) {
    const size = Math.min(walk.missing, BATCH)
    const children = yield* all<Child>(CHILDREN_AFTER, walk.tree, nodeId, last, size)
    for (const child of children) {
      yield* enter(walk, open, path, after, child.name)
      if (walk.missing <= 0) return
      walk.see(`${path}/${child.name}`, child)
      if (walk.recursive && child.kind === 'directory') open.push(child)
    }
    more = children.length === size
    last = children.at(-1)?.name ?? last
  }
  yield* enter(walk, open, path, after, null)
}

/** Goes into those directories whose contents come before a name; null: into all. */
function* enter(walk: OrderedWalk, open: Child[], path: string, after: string, before: string | null): Script<void> {
  if (open.length > 1) open.sort((a, b) => comparePaths(`${a.name}/`, `${b.name}/`))
  while (walk.missing > 0) {
    const [next] = open
    if (next === undefined || (before !== null && comparePaths(`${next.name}/`, before) > 0)) return
    open.shift()
    const inside = `${next.name}/`
    yield* walkDirectory(
      walk,
      next.node_id,
      `${path}/${next.name}`,
      after.startsWith(inside) ? after.slice(inside.length) : '',
    )
  }
}

/** Directories that come before a place, or at it, while what is in them comes after it. */
function* openBefore(tree: string, nodeId: string, after: string): Script<Child[]> {
  const [name = ''] = after.split('/', 1)
  const names = [name]
  for (let length = 1; length < name.length; length++) {
    const shorter = name.slice(0, length)
    if (shorter.isWellFormed() && comparePaths(`${shorter}/`, after) > 0) names.push(shorter)
  }
  return [...(yield* all<Child>(DIRECTORIES, tree, nodeId, JSON.stringify(names)))]
}
