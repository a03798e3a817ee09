import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { afterWaiting } from './backing.ts'
import type { FileDownload, FileEntry } from './contract.ts'
import { checkTime, type FileDeps, whenOpen } from './deps.ts'
import { entryOf, type NodeRow, rootEntry } from './nodes.ts'
import { resolveFilePath, resolvePath, SERVER_TREE, type TreePath } from './paths.ts'
import { type Lookup, lookup } from './queries.ts'
import { readableBelow } from './visibility.ts'

/** A file that the caller may read. @throws NexusError ACCESS_DENIED, FILE_NOT_FOUND, INVALID_PATH (also for a directory) */
export async function readableFile(
  deps: FileDeps,
  caller: CallContext,
  path: string,
  use: { readonly whole: boolean } = { whole: false },
): Promise<{ readonly path: string; readonly tree: string; readonly node: FileNode }> {
  const at = resolveFilePath(path, caller.caller.tenant)
  let context = caller
  let before = await whenOpen(deps, context, at, lookup)
  for (;;) {
    const question = { path: at.path, access: 'read' } as const
    if (!(await deps.guard.allows(context, at.tree, 'read', question)))
      throw deps.guard.denial(context, 'read', question)
    const { mountId } = before
    if (mountId !== null) {
      await bringContent(deps, context, at, mountId, use.whole ? (size) => deps.contents.checkWhole(size) : undefined)
      context = afterWaiting(caller)
    }
    // The answer belongs to a moment between the two looks. Only what stood there at both is what it was about: a file
    // that was emptied of secrets and then shared must not show the old contents to a reader who was early.
    const certain = mountId === null && (at.tree === SERVER_TREE || deps.guard.bypasses(context, at.tree))
    const after = certain ? before : await whenOpen(deps, context, at, lookup)
    if (!isSettled(before.node, after.node)) {
      checkTime(caller)
      before = after
      continue
    }
    return { path: at.path, tree: at.tree, node: fileOf(at.path, after.node) }
  }
}

/** Whether two looks, before and after a question about a path, saw the same there, and if it is a file, know its content. */
export function isSettled(before: NodeRow | null, after: NodeRow | null): boolean {
  if (before?.node_id !== after?.node_id || before?.version !== after?.version) return false
  return after?.kind !== 'file' || after.content_hash !== null
}

/**
 * Looks up what a back end has at a path; if it is a file, its content is in the content store then. Whoever asks is
 * known to be allowed to read it.
 * @param checkSize throws if a file of so many bytes is not needed: nobody waits for it then
 * @throws NexusError MOUNT_UNAVAILABLE, TOO_LARGE
 */
export async function bringContent(
  deps: FileDeps,
  context: Pick<CallContext, 'scope'>,
  at: TreePath,
  mountId: string,
  checkSize?: (size: number) => void,
): Promise<void> {
  await deps.backing.refresh(context, at, mountId, 'entry')
  const later = afterWaiting(context)
  const { node } = await whenOpen(deps, later, at, lookup)
  if (node === null || node.kind === 'directory' || node.content_hash !== null) return
  checkSize?.(node.size)
  await deps.backing.fetch(later, at, mountId, node)
}

/** The whole of a file. `accept` gets its size before it is held in memory, and may throw. @throws NexusError as readableFile */
export async function read(
  deps: FileDeps,
  context: CallContext,
  path: string,
  accept?: (size: number) => void,
): Promise<{ readonly content: Uint8Array; readonly entry: FileEntry }> {
  const file = await readableFile(deps, context, path, { whole: true })
  accept?.(file.node.size)
  return {
    content: await deps.contents.get(file.node.content_hash, file.node.size),
    entry: entryOf(file.path, file.node),
  }
}

/** A file of any size, to be read piece by piece. @throws NexusError as readableFile */
export async function download(deps: FileDeps, context: CallContext, path: string): Promise<FileDownload> {
  const file = await readableFile(deps, context, path)
  const { content_hash: hash, size } = file.node
  return { entry: entryOf(file.path, file.node), bytes: (start, end) => deps.contents.stream(hash, size, start, end) }
}

/** Bytes `start` to before `end` of a file, as far as it has them. @throws NexusError as readableFile */
export async function readRange(
  deps: FileDeps,
  context: CallContext,
  path: string,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const { node } = await readableFile(deps, context, path)
  const first = Math.min(start, node.size)
  return await deps.contents.range(node.content_hash, node.size, first, Math.max(first, Math.min(end, node.size)))
}

/** What stands at a path if the caller can see it: by reading it or, for a directory, something below it. */
export async function stat(deps: FileDeps, context: CallContext, path: string): Promise<FileEntry | null> {
  const at = resolvePath(path, context.caller.tenant)
  if (at.path === '/') return rootEntry
  const found = await whenOpen(deps, context, at, lookup)
  if (found.node === null && found.mountId === null) return null
  const allowed = await deps.guard.allows(context, at.tree, 'stat', { path: at.path, access: 'read' })
  const { node } = allowed ? await refreshed(deps, context, at, found) : found
  if (node === null) return null
  if (allowed) return entryOf(at.path, node)
  if (node.kind === 'file') return null
  const below = await readableBelow(deps, context, at, [{ nodeId: node.node_id, path: at.path }])
  return below.size > 0 ? entryOf(at.path, node) : null
}

/** What stands at a path, as a back end has it now. The caller may see it. */
export async function refreshed(deps: FileDeps, context: CallContext, at: TreePath, found: Lookup): Promise<Lookup> {
  const { mountId } = found
  if (mountId === null) return found
  await deps.backing.refresh(context, at, mountId, 'entry')
  return await whenOpen(deps, afterWaiting(context), at, lookup)
}

/** As stat, but says why there is nothing. @throws NexusError ACCESS_DENIED, FILE_NOT_FOUND */
export async function describe(deps: FileDeps, context: CallContext, path: string): Promise<FileEntry> {
  const entry = await stat(deps, context, path)
  if (entry !== null) return entry
  const at = resolvePath(path, context.caller.tenant)
  const question = { path: at.path, access: 'read' } as const
  if (!(await deps.guard.allows(context, at.tree, 'stat', question))) throw deps.guard.denial(context, 'stat', question)
  throw new NexusError('FILE_NOT_FOUND', `File not found: ${at.path}`)
}

type FileNode = NodeRow & { readonly content_hash: string }

/** What stands at a path, if it is a file. @throws NexusError FILE_NOT_FOUND, INVALID_PATH */
export function fileOf(path: string, found: NodeRow | null): FileNode {
  const node = nodeAsFile(path, found)
  if (node.content_hash === null) throw new Error('a file without content')
  return { ...node, content_hash: node.content_hash }
}

/** As fileOf, where its content plays no part. @throws NexusError FILE_NOT_FOUND, INVALID_PATH */
export function nodeAsFile(path: string, node: NodeRow | null): NodeRow {
  if (node === null) throw new NexusError('FILE_NOT_FOUND', `File not found: ${path}`)
  if (node.kind === 'directory') {
    throw new NexusError('INVALID_PATH', `'${path}' is a directory, not a file; use list to see what is in it.`)
  }
  return node
}
