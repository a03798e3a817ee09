import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { run, type Script } from '../../../services/common/sql/script.ts'
import { indexNames } from '../../search/index-scripts.ts'
import type { TreePath } from '../paths.ts'
import type { Lookup } from '../queries.ts'
import type { Mutation } from './mutation.ts'

export interface NewNode {
  readonly nodeId: string
  readonly kind: 'file' | 'directory'
  readonly implicit: boolean
  readonly content: { readonly hash: string; readonly size: number } | null
  /** The mount that it belongs to. */
  readonly mountId: string | null
}

/**
 * Makes the node at a path that is missing, and the directories above it; `ids` has one id for each component.
 * Directories above component number `explicitFrom` are made implicit.
 * @throws NexusError FILE_EXISTS if a file stands where a directory would have to be
 */
export function* makeNodes(
  mutation: Mutation,
  found: Lookup,
  ids: readonly string[],
  node: Omit<NewNode, 'nodeId' | 'mountId'>,
  explicitFrom: number,
): Script<string> {
  const { at } = mutation
  const parentId = yield* makeDirectoriesAbove(mutation, at, found, ids, explicitFrom)
  const nodeId = ids[at.components.length - 1] ?? ''
  const name = at.components.at(-1) ?? ''
  yield* insertNode(mutation, parentId, name, { ...node, nodeId, mountId: found.mountId })
  if (node.kind === 'file') yield* indexNames(at.tree, [{ nodeId, name }])
  return nodeId
}

/**
 * Makes the missing directories above a path, and answers the id of the lowest.
 * @throws NexusError FILE_EXISTS if a file stands where one of them would have to be
 */
export function* makeDirectoriesAbove(
  mutation: Pick<Mutation, 'at' | 'now' | 'actor'>,
  { path, components }: TreePath,
  found: Lookup,
  ids: readonly string[],
  explicitFrom: number,
): Script<string> {
  const { anchor, mountId } = found
  checkPlace({ path, components }, found)
  let parentId = anchor.nodeId
  for (let depth = anchor.depth; depth < components.length - 1; depth++) {
    const nodeId = ids[depth] ?? ''
    const directory = { nodeId, kind: 'directory', implicit: depth < explicitFrom, content: null, mountId } as const
    yield* insertNode(mutation, parentId, components[depth] ?? '', directory)
    parentId = nodeId
  }
  return parentId
}

/** Whether something can be made at a path. @throws NexusError FILE_EXISTS if a file stands where a directory would have to be */
export function checkPlace({ path, components }: Pick<TreePath, 'path' | 'components'>, { anchor }: Lookup): void {
  if (anchor.kind === 'directory' || anchor.depth === components.length) return
  const file = `/${components.slice(0, anchor.depth).join('/')}`
  throw new NexusError('FILE_EXISTS', `'${path}' cannot be created: '${file}' is a file, not a directory.`)
}

function insertNode(
  mutation: Pick<Mutation, 'at' | 'now' | 'actor'>,
  parentId: string,
  name: string,
  node: NewNode,
): Script<void> {
  const { at, now, actor } = mutation
  return run(
    `insert into nodes (tenant, node_id, parent_id, name, kind, implicit, content_hash, size, version,
  created_at, modified_at, created_by, mount_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12)`,
    at.tree,
    node.nodeId,
    parentId,
    name,
    node.kind,
    node.implicit ? 1 : 0,
    node.content?.hash ?? null,
    node.content?.size ?? 0,
    node.kind === 'file' ? 1 : 0,
    now,
    actor,
    node.mountId,
  )
}
