import { v7 as uuidv7 } from 'uuid'
import type { StoredContent } from '../content/contents.ts'
import type { CallContext } from '../context.ts'
import { canOwn, change, mutation, newIds } from './change.ts'
import type { FileEntry, WriteOptions } from './contract.ts'
import type { FileDeps } from './deps.ts'
import type { AccessQuestion } from './guard.ts'
import type { IndexRow } from './indexer.ts'
import { entryOf } from './nodes.ts'
import { parentPath, resolveFilePath, type TreePath } from './paths.ts'

/** An existing file needs write on it; a new one, write on the directory that it comes to stand in. */
export async function write(
  deps: FileDeps,
  context: CallContext,
  path: string,
  bytes: Uint8Array,
  options: WriteOptions = {},
): Promise<FileEntry> {
  const at = resolveFilePath(path, context.caller.tenant)
  let content: StoredContent | undefined
  let index: IndexRow | null | undefined
  const result = await change(deps, context, at, async (found) => {
    const { bypass, owns } = await decide(deps, context, at, found.node !== null)
    // Not before the caller is known to be allowed to: nobody else can fill the disk.
    content ??= await deps.contents.put(bytes, context.scope.deadline)
    index = index === undefined ? indexRow(deps, at.path, bytes) : index
    const made = await deps.db.write(
      'writeFile',
      {
        ...mutation(deps, context, at, found, bypass),
        content,
        ids: newIds(at),
        versionId: uuidv7(),
        ifMatch: options.ifMatch ?? null,
        ifNoneMatch: options.ifNoneMatch ?? false,
        force: options.force ?? false,
        owner: owns ? null : context.caller.subject,
        index,
      },
      { group: at.tree, deadline: context.scope.deadline },
    )
    if (made.outcome === 'uncollected') content = undefined
    return made
  })
  return entryOf(at.path, result.node)
}

interface Decision {
  readonly bypass: boolean
  /** The caller is the owner already, through a directory above; or cannot be. */
  readonly owns: boolean
}

async function decide(deps: FileDeps, context: CallContext, at: TreePath, exists: boolean): Promise<Decision> {
  const bypass = deps.guard.bypasses(context, at.tree)
  const parent = parentPath(at.path)
  const mayOwn = !exists && canOwn(context, at.tree)
  const questions: AccessQuestion[] = [
    ...(bypass ? [] : [{ path: exists ? at.path : parent, access: 'write' } as const]),
    ...(mayOwn ? [{ path: parent, access: 'execute' } as const] : []),
  ]
  const answers = await deps.guard.ask(context, at.tree, questions)
  // Always about the path that was asked for, so that a denial does not tell whether something is there.
  if (!bypass && answers[0] !== true) throw deps.guard.denial(context, 'write', { path: at.path, access: 'write' })
  return { bypass, owns: !mayOwn || answers.at(-1) === true }
}

function indexRow(deps: FileDeps, path: string, bytes: Uint8Array): IndexRow | null {
  for (const indexer of deps.indexers) {
    const row = indexer.index(path, bytes)
    if (row !== null) return row
  }
  return null
}
