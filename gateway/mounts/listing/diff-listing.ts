import { v7 as uuidv7 } from 'uuid'
import { parentKey } from '../connectors/keys.ts'
import type { BackendEntry } from '../connectors/contract.ts'
import type { ApplyListingRequest, ChangedNode, CreatedNode, GoneNode } from '../commands/apply-listing.ts'
import type { KnownNode } from './known-nodes.ts'

export interface DiffInput {
  readonly mountId: string
  /** The directory that was listed. */
  readonly directory: { readonly path: string; readonly nodeId: string }
  /** What was known before the back end was asked. */
  readonly known: readonly KnownNode[]
  /** What it has, by paths as those of `known`. */
  readonly entries: ReadonlyMap<string, BackendEntry>
  /** Mount points within the directory, as whole paths: what the back end has there is hidden by them. */
  readonly mountPoints: readonly string[]
  /** Which files count, by their whole paths; others stay as they are. */
  readonly counts: (path: string) => boolean
  readonly now: number
}

export type ListingDiff = Pick<ApplyListingRequest, 'gone' | 'changed' | 'directories' | 'created'>

/** What has to be done to nodes so that they are what a back end has. */
export function diffListing(input: DiffInput): ListingDiff {
  const { directory, known, entries } = input
  const mine = known.filter(({ mount_id }) => mount_id === input.mountId)
  const byPath = new Map(known.map((node) => [node.path, node]))
  const gone: GoneNode[] = []
  const changed: ChangedNode[] = []
  const directories: { nodeId: string; path: string; implicit: 0 | 1 }[] = []
  const goneAbove = new Set<string>()
  for (const node of mine.toSorted(byDepth)) {
    if (goneAbove.has(parentKey(node.path))) {
      goneAbove.add(node.path)
      continue
    }
    const entry = entries.get(node.path)
    if (entry?.kind === node.kind) {
      if (entry.kind === 'directory') {
        const implicit = entry.implicit ? 1 : 0
        if (implicit !== node.implicit && !holdsMount(input, node.path))
          directories.push({ nodeId: node.node_id, path: `${directory.path}/${node.path}`, implicit })
      } else if (entry.token !== node.mount_token && countsAt(input, node.path))
        changed.push(changeOf(input, node, entry))
      continue
    }
    if (holdsMount(input, node.path) || (node.kind === 'file' && !countsAt(input, node.path))) continue
    goneAbove.add(node.path)
    const path = `${directory.path}/${node.path}`
    gone.push({ nodeId: node.node_id, kind: node.kind, before: node.mount_token, path, trashId: uuidv7() })
  }
  return { gone, changed, directories, created: createdOf(input, byPath, goneAbove) }
}

/** What is new, level by level. */
function createdOf(
  input: DiffInput,
  known: ReadonlyMap<string, KnownNode>,
  gone: ReadonlySet<string>,
): readonly (readonly CreatedNode[])[] {
  const ids = new Map([['', input.directory.nodeId]])
  const levels: CreatedNode[][] = []
  const wanted = [...input.entries].filter(([path]) => !isHidden(input, path))
  const needed = neededDirectories(input, wanted)
  for (const [path, entry] of wanted.toSorted(([a], [b]) => depthOf(a) - depthOf(b))) {
    const standing = gone.has(path) ? undefined : known.get(path)
    if (standing !== undefined) {
      if (standing.kind === 'directory') ids.set(path, standing.node_id)
      continue
    }
    const parentId = ids.get(parentKey(path))
    const counts = entry.kind === 'file' ? countsAt(input, path) : needed.has(path)
    // In what is a file here nothing can lie.
    if (parentId === undefined || !counts) continue
    const nodeId = uuidv7()
    if (entry.kind === 'directory') ids.set(path, nodeId)
    const level = (levels[depthOf(path)] ??= [])
    level.push({
      nodeId,
      parentId,
      name: path.slice(path.lastIndexOf('/') + 1),
      path: `${input.directory.path}/${path}`,
      kind: entry.kind,
      implicit: entry.implicit ? 1 : 0,
      token: entry.kind === 'file' ? entry.token : null,
      size: entry.size,
      modifiedAt: Math.round(entry.modifiedAt ?? input.now),
    })
  }
  return levels.filter((level) => level !== undefined)
}

/** Directories that exist by themselves, or that hold a file that counts. */
function neededDirectories(
  input: DiffInput,
  wanted: readonly (readonly [string, BackendEntry])[],
): ReadonlySet<string> {
  const needed = new Set<string>()
  for (const [path, entry] of wanted) {
    if (entry.kind === 'file' ? !countsAt(input, path) : entry.implicit) continue
    for (
      let above = entry.kind === 'file' ? parentKey(path) : path;
      above !== '' && !needed.has(above);
      above = parentKey(above)
    )
      needed.add(above)
  }
  // A listing that is not deep does not show what implied directories hold.
  const shallow = wanted.every(([path]) => !path.includes('/'))
  if (shallow) for (const [path, { kind }] of wanted) if (kind === 'directory') needed.add(path)
  return needed
}

function changeOf(input: DiffInput, node: KnownNode, entry: BackendEntry): ChangedNode {
  return {
    nodeId: node.node_id,
    path: `${input.directory.path}/${node.path}`,
    before: node.mount_token,
    token: entry.token,
    size: entry.size,
    modifiedAt: Math.round(entry.modifiedAt ?? input.now),
  }
}

/** Whether something is mounted at a path or below it. */
function holdsMount({ directory, mountPoints }: DiffInput, path: string): boolean {
  const whole = `${directory.path}/${path}`
  return mountPoints.some((point) => point === whole || point.startsWith(`${whole}/`))
}

/** Whether something is mounted at a path or above it. */
function isHidden({ directory, mountPoints }: DiffInput, path: string): boolean {
  if (mountPoints.length === 0) return false
  const whole = `${directory.path}/${path}`
  return mountPoints.some((point) => point === whole || whole.startsWith(`${point}/`))
}

function countsAt({ directory, counts }: DiffInput, path: string): boolean {
  return counts(`${directory.path}/${path}`)
}

function byDepth(one: KnownNode, other: KnownNode): number {
  return depthOf(one.path) - depthOf(other.path)
}

function depthOf(path: string): number {
  let depth = 0
  for (const character of path) if (character === '/') depth++
  return depth
}
