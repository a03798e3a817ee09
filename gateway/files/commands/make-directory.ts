import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { run, type Script } from '../../../services/common/sql/script.ts'
import type { OutboxReceipt } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import { parentPath } from '../paths.ts'
import type { Lookup } from '../queries.ts'
import { makeNodes } from './make-nodes.ts'
import { begin, finish, type Mutation, type NotMade } from './mutation.ts'

export interface MakeDirectoryRequest extends Mutation {
  readonly parents: boolean
  readonly existOk: boolean
  readonly ids: readonly string[]
  /** Number of the first component that becomes an explicit directory; those above it that are missing are implicit. */
  readonly explicitFrom: number
  /** Who becomes direct owner of what is new, and at which path; null if nobody has to. */
  readonly owner: { readonly subject: PermissionSubject; readonly path: string } | null
}

export type MakeDirectoryResult = NotMade | { readonly outcome: 'done'; readonly receipt: OutboxReceipt | null }

/** Makes a directory, or makes an implicit one explicit. @throws NexusError FILE_EXISTS, FILE_NOT_FOUND */
export function* makeDirectory(request: MakeDirectoryRequest): Script<MakeDirectoryResult> {
  const { at, owner } = request
  const { found, notMade } = yield* begin(request)
  if (notMade !== null) return notMade
  if (checkDirectory(request, found) && found.node !== null) {
    if (found.node.implicit === 0) return { outcome: 'done', receipt: null }
    yield* run('update nodes set implicit = 0 where tenant = $1 and node_id = $2', at.tree, found.node.node_id)
    return { outcome: 'done', receipt: yield* finish(request, 'mkdir', [at.path], []) }
  }
  const node = { kind: 'directory', implicit: false, content: null } as const
  yield* makeNodes(request, found, request.ids, node, request.explicitFrom)
  const changes = owner === null ? [] : [{ kind: 'own', ...owner } as const]
  return { outcome: 'done', receipt: yield* finish(request, 'mkdir', [owner?.path ?? at.path], changes) }
}

/** Whether the directory that is asked for is there already. @throws NexusError FILE_EXISTS, FILE_NOT_FOUND */
export function checkDirectory(
  { at, parents, existOk }: Pick<MakeDirectoryRequest, 'at' | 'parents' | 'existOk'>,
  { node, anchor }: Lookup,
): boolean {
  if (node?.kind === 'file') {
    throw new NexusError('FILE_EXISTS', `'${at.path}' is a file; a directory cannot be made in its place.`)
  }
  if (node !== null) {
    if (!parents && !existOk) throw new NexusError('FILE_EXISTS', `Directory already exists: ${at.path}`)
    return true
  }
  if (!parents && anchor.depth < at.components.length - 1 && anchor.kind === 'directory') {
    throw new NexusError(
      'FILE_NOT_FOUND',
      `The parent directory '${parentPath(at.path)}' of '${at.path}' does not exist; parents=true makes it too.`,
    )
  }
  return false
}
