import { all, type Script, type Statement } from '../../services/common/sql/script.ts'
import { allBelow } from './all-below.ts'
import { type NodeRow, ROOT_ID } from './nodes.ts'
import { walkInOrder } from './ordered-walk.ts'
import type { TreePath } from './paths.ts'
import { CHILDREN, DESCENDANTS, LOOKUP } from './postgres-queries.ts'
import { descend, walk } from './walk.ts'

/** No limit, where a database wants to be told one. */
const ANY_NUMBER = 2 ** 40

/** What stands at a path, and what was found on the way to it. */
export interface Lookup {
  /** null if nothing stands at the path. */
  readonly node: NodeRow | null
  /** The lowest node on the way that exists; the node itself if it does. */
  readonly anchor: { readonly nodeId: string; readonly kind: 'file' | 'directory'; readonly depth: number }
  /** The mount that the path belongs to: that of the anchor. null: none, the content store holds it. */
  readonly mountId: string | null
  /** The last unapplied outbox entry that closes the path, or null. */
  readonly pendingSeq: number | null
}

/** A node with its path. */
export interface Located {
  readonly path: string
  readonly node: NodeRow
}

export interface Listing {
  readonly found: readonly Located[]
  /** The mount that the directory belongs to, whether or not it is known to exist; null: none. */
  readonly mountId: string | null
  readonly pendingSeq: number | null
}

/** What stands at a path. `applied`: outbox entries through this one do not count as pending. */
export function* lookup(at: TreePath, applied: number): Script<Lookup> {
  const [row] = yield* onPostgres<{ depth: number } & NodeRow>(LOOKUP, at, applied)
  // Depth 0 is the root, which has no row.
  const end = row === undefined ? yield* walk(at, applied) : { ...row, node: row.depth > 0 ? row : null }
  const { node, depth, pending } = end
  return {
    node: depth === at.components.length ? node : null,
    anchor: { nodeId: node?.node_id ?? ROOT_ID, kind: node?.kind ?? 'directory', depth },
    mountId: node?.mount_id ?? null,
    pendingSeq: pending,
  }
}

/** The directory at a path; null if there is none. */
export function* directoryAt(at: TreePath, applied: number) {
  const { anchor, mountId, pendingSeq } = yield* lookup(at, applied)
  const isThere = anchor.depth === at.components.length && anchor.kind === 'directory'
  return { start: isThere ? { nodeId: anchor.nodeId, path: keyOf(at) } : null, mountId, pendingSeq }
}

/**
 * What lies in a directory and, if `deep`, in those below it, directories that nobody made included: as much as
 * `limit` says, in no order.
 */
export function* listing(
  at: TreePath,
  applied: number,
  { deep, limit }: { readonly deep: boolean; readonly limit: number },
): Script<Listing> {
  const rows = yield* onPostgres<{ path: string; directory_mount: string | null } & NodeRow>(
    deep ? DESCENDANTS : CHILDREN,
    at,
    applied,
    Math.min(limit, ANY_NUMBER),
  )
  const [row] = rows
  if (row === undefined) {
    const { node, depth, pending } = yield* walk(at, applied)
    const there = depth === at.components.length && node?.kind !== 'file'
    const start = { nodeId: node?.node_id ?? ROOT_ID, path: keyOf(at) }
    const found = there ? yield* descend(at.tree, [start], { deep, limit }) : []
    return { found, mountId: node?.mount_id ?? null, pendingSeq: pending }
  }
  // Where there is nothing one row tells of pending entries alone.
  const nodes = rows.filter(({ node_id }) => node_id !== null)
  return {
    found: nodes.map((node) => ({ path: node.path, node })),
    mountId: row.directory_mount,
    pendingSeq: row.pending,
  }
}

/**
 * The same, page by page, for long reads; if `deep`, without directories that nobody made. Without a limit it comes in the
 * order of paths.
 */
export function* longListing(
  at: TreePath,
  applied: number,
  { deep, limit }: { readonly deep: boolean; readonly limit: number },
): Script<Listing> {
  const { start, mountId, pendingSeq } = yield* directoryAt(at, applied)
  if (start === null) return { found: [], mountId, pendingSeq }
  const found = deep
    ? yield* allBelow(at.tree, [start], limit)
    : yield* walkInOrder(at.tree, start, { recursive: false, after: '', limit })
  return { found, mountId, pendingSeq }
}

/** A child as the search for something readable needs it. */
export interface ChildRow {
  readonly parent_id: string
  readonly node_id: string
  readonly name: string
  readonly kind: 'file' | 'directory'
}

const CHILDREN_OF: Statement['text'] = {
  sqlite: `select n.parent_id, n.node_id, n.name, n.kind from json_each($2) i
join nodes n on n.tenant = $1 and n.parent_id = i.value limit $3`,
  postgres: `select n.parent_id, n.node_id, n.name, n.kind from jsonb_array_elements_text($2::jsonb) as i(value)
join nodes n on n.tenant = $1 and n.parent_id = i.value limit $3`,
}

/** The children of many directories, or so many of them. */
export function childrenOf(tree: string, nodeIds: readonly string[], limit: number): Script<readonly ChildRow[]> {
  return all<ChildRow>(CHILDREN_OF, tree, JSON.stringify(nodeIds), Math.min(limit, ANY_NUMBER))
}

/** A file of the index, as a change of its directory's name needs it. */
export interface IndexedFile {
  readonly node_id: string
  readonly name: string
  readonly version: number
  readonly content_hash: string
  readonly size: number
}

/** The files in a directory, not further down, that have a row of the index. */
export function indexedIn(tree: string, nodeId: string): Script<readonly IndexedFile[]> {
  return all<IndexedFile>(
    `select n.node_id, n.name, n.version, n.content_hash, n.size
from nodes n join skills s on s.tenant = n.tenant and s.node_id = n.node_id
where n.tenant = $1 and n.parent_id = $2`,
    tree,
    nodeId,
  )
}

/** Runs a query that has at least one row on PostgreSQL; on SQLite, which walks instead, it has none. */
function* onPostgres<R>(
  text: string,
  at: TreePath,
  applied: number,
  ...limit: readonly number[]
): Script<readonly (R & { pending: number | null })[]> {
  return yield* all<R & { pending: number | null }>(
    { sqlite: limit.length === 0 ? NOTHING : `${NOTHING} and $5 is null`, postgres: text },
    at.tree,
    JSON.stringify(at.components),
    keyOf(at),
    applied,
    ...limit,
  )
}

/** Takes the same parameters. */
const NOTHING = 'select 1 as one where $1 is null and $2 is null and $3 is null and $4 is null'

/** A path as a prefix of others: '' for the root. */
function keyOf({ path }: TreePath): string {
  return path === '/' ? '' : path
}
