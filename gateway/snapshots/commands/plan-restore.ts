import type { NodeBelow } from '../../files/below.ts'
import { parentPath } from '../../files/paths.ts'

/** What shall stand there; directories that only hold something are among them. */
export interface WantedNode {
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly implicit: boolean
  readonly contentHash: string | null
  readonly size: number
  readonly mimeType: string | null
  /** The node, if it has to be made. */
  readonly nodeId: string
  /** The version, if it gets one. */
  readonly versionId: string
}

/** The least that makes the one into the other. */
export interface RestorePlan {
  /** What goes, with all below it. */
  readonly removed: readonly NodeBelow[]
  readonly removedFiles: number
  /** Files that get another content. */
  readonly changed: readonly { readonly nodeId: string; readonly wanted: WantedNode }[]
  /** Parents before what is in them. */
  readonly created: readonly { readonly parentId: string; readonly wanted: WantedNode }[]
  /** Directories that only held something and were made by somebody once. */
  readonly explicit: readonly string[]
}

/** With the directories that only hold something. */
export function withDirectoriesAbove(
  nodes: readonly WantedNode[],
  newIds: () => Pick<WantedNode, 'nodeId' | 'versionId'>,
): readonly WantedNode[] {
  const wanted = new Map(nodes.map((node) => [node.path, node]))
  const holding = { kind: 'directory', implicit: true, contentHash: null, size: 0, mimeType: null } as const
  for (const { path } of nodes) {
    for (let place = above(path); place !== '' && !wanted.has(place); place = above(place)) {
      wanted.set(place, { path: place, ...holding, ...newIds() })
    }
  }
  return [...wanted.values()]
}

/** Compares. `workspaceId` is the node of the workspace's directory. */
export function planRestore(
  workspaceId: string,
  standing: readonly NodeBelow[],
  wanted: readonly WantedNode[],
): RestorePlan {
  const aims = new Map(wanted.map((one) => [one.path, one]))
  const removed: NodeBelow[] = []
  const changed: { nodeId: string; wanted: WantedNode }[] = []
  const explicit: string[] = []
  const kept = new Map([['', workspaceId]])
  let removedFiles = 0
  for (const node of parentsFirst(standing)) {
    const aim = aims.get(node.path)
    const stays = aim?.kind === node.kind && kept.has(above(node.path))
    if (!stays) {
      if (node.kind === 'file') removedFiles++
      // What lies in a directory that goes, goes with it.
      if (kept.has(above(node.path))) removed.push(node)
      continue
    }
    kept.set(node.path, node.node_id)
    if (node.kind === 'file' && node.content_hash !== aim.contentHash)
      changed.push({ nodeId: node.node_id, wanted: aim })
    if (node.kind === 'directory' && node.implicit === 1 && !aim.implicit) explicit.push(node.node_id)
  }
  const created: { parentId: string; wanted: WantedNode }[] = []
  for (const one of parentsFirst(wanted)) {
    if (kept.has(one.path)) continue
    created.push({ parentId: kept.get(above(one.path)) ?? workspaceId, wanted: one })
    kept.set(one.path, one.nodeId)
  }
  return { removed, removedFiles, changed, created, explicit }
}

/** The directory above a path that begins without a slash; '' at the top. */
function above(path: string): string {
  return parentPath(`/${path}`).slice(1)
}

function parentsFirst<T extends { readonly path: string }>(nodes: readonly T[]): readonly T[] {
  return nodes.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
