import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { mountPointsWithin } from '../../files/commands/mount-points.ts'
import type { Extent } from '../../files/backing.ts'
import type { FileDeps } from '../../files/deps.ts'
import type { TreePath } from '../../files/paths.ts'
import { type Lookup, lookup } from '../../files/queries.ts'
import type { BackEnd } from '../back-ends.ts'
import type { CreatedNode } from '../commands/apply-listing.ts'
import type { BackendEntry } from '../connectors/contract.ts'
import { keyOfPath } from '../connectors/keys.ts'
import { applyDiff } from './apply-diff.ts'
import { collectEntries } from './collect-entries.ts'
import { diffListing } from './diff-listing.ts'
import { knownNodes } from './known-nodes.ts'

type Deps = Pick<FileDeps, 'db' | 'outbox' | 'quota'>

/**
 * Brings what is known of a path of a mount to what its back end has now. What another change than the owner's has for
 * itself stays as it is known. `owner`: the change that has the path for itself; '' for none.
 * @throws NexusError MOUNT_UNAVAILABLE
 */
export async function refresh(
  deps: Deps,
  backEnd: BackEnd,
  at: TreePath,
  extent: Extent,
  deadline: number,
  owner = '',
): Promise<void> {
  await refreshEntry(deps, backEnd, at, owner)
  if (extent === 'entry') return
  const found = await look(deps, at)
  // Meanwhile it may be another mount's, or none's.
  if (found.node?.kind !== 'directory' || found.mountId !== backEnd.mount.mountId) return
  const { mount } = backEnd
  const deep = extent === 'subtree'
  const directory = { path: at.path, nodeId: found.node.node_id }
  const { known, mountPoints } = await deps.db.read(() => knownDirectory(at, mount.mountId, directory.nodeId, deep), {
    long: true,
  })
  const onPage = (): void => {
    if (Date.now() < deadline) return
    throw new NexusError(
      'MOUNT_UNAVAILABLE',
      `There is more below '${at.path}' than the back end of its mount lists in the time of a request; take the directories in it one by one.`,
    )
  }
  const { entries } = await collectEntries(backEnd, at.path, { deep, onPage })
  const counts = (): boolean => true
  const now = Date.now()
  const diff = diffListing({ mountId: mount.mountId, directory, known, entries, mountPoints, counts, now })
  await applyDiff(deps, backEnd, diff, { owner })
}

/** What is known of a directory, at one moment. */
export function* knownDirectory(at: TreePath, mountId: string, directoryId: string, deep: boolean) {
  const known = yield* knownNodes(at.tree, mountId, directoryId, deep)
  const points = yield* mountPointsWithin(at)
  return { known, mountPoints: points.filter((point) => point !== at.path) }
}

function look({ db, outbox }: Deps, at: TreePath): Promise<Lookup> {
  return db.read(() => lookup(at, outbox.appliedThrough(at.tree)))
}

/** The one node of a path, and directories above it that are not known yet. */
async function refreshEntry(deps: Deps, backEnd: BackEnd, at: TreePath, owner: string): Promise<void> {
  const { mount, connector } = backEnd
  const key = keyOfPath(mount.mountPoint, at.path)
  if (key === '') return
  const found = await look(deps, at)
  if (found.mountId !== mount.mountId) return
  const entry = await connector.stat(key)
  const { node } = found
  if (node === null) return await createMissing(deps, backEnd, at, owner, found, entry)
  const mountPoints = await deps.db.read(() => mountPointsWithin(at))
  const above = { path: at.path.slice(0, at.path.lastIndexOf('/')), nodeId: await parentId(deps, at) }
  const name = at.components.at(-1) ?? ''
  const known = [{ ...node, path: name }]
  const diff = diffListing({
    mountId: mount.mountId,
    directory: above,
    known,
    entries: new Map(entry === null ? [] : [[name, { ...entry, implicit: entry.implicit && node.implicit === 1 }]]),
    mountPoints,
    counts: () => true,
    now: Date.now(),
  })
  await applyDiff(deps, backEnd, diff, { owner })
}

/** The id of the directory that a path lies in. */
async function parentId(deps: Deps, at: TreePath): Promise<string> {
  const components = at.components.slice(0, -1)
  const above = await look(deps, { ...at, path: `/${components.join('/')}`, components })
  return above.node?.node_id ?? ''
}

/** Goes down from what is known as far as the back end has something. */
async function createMissing(
  deps: Deps,
  backEnd: BackEnd,
  at: TreePath,
  owner: string,
  { anchor }: Lookup,
  entry: BackendEntry | null,
): Promise<void> {
  if (anchor.kind === 'file') return
  const { mount, connector } = backEnd
  const levels: CreatedNode[][] = []
  let parent = anchor.nodeId
  for (let depth = anchor.depth + 1; depth <= at.components.length; depth++) {
    const last = depth === at.components.length
    const path = `/${at.components.slice(0, depth).join('/')}`
    // What is above something that is there is a directory.
    const here =
      last || entry === null ? (last ? entry : await connector.stat(keyOfPath(mount.mountPoint, path))) : 'above'
    if (here === null) break
    const nodeId = uuidv7()
    const node = here === 'above' ? { kind: 'directory' as const, implicit: !connector.realDirectories } : here
    levels.push([
      {
        nodeId,
        parentId: parent,
        name: at.components[depth - 1] ?? '',
        path,
        kind: node.kind,
        implicit: node.implicit ? 1 : 0,
        token: here !== 'above' && here.kind === 'file' ? here.token : null,
        size: here === 'above' ? 0 : here.size,
        modifiedAt: Math.round((here === 'above' ? null : here.modifiedAt) ?? Date.now()),
      },
    ])
    if (node.kind === 'file') break
    parent = nodeId
  }
  await applyDiff(deps, backEnd, { gone: [], changed: [], directories: [], created: levels }, { owner })
}
