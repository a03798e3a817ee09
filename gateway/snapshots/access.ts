import type { CallContext } from '../context.ts'
import { canOwn } from '../files/change.ts'
import { checkTime, type FileDeps, whenOpen } from '../files/deps.ts'
import { resolveFilePath, type TreePath } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { directoryOf } from './commands/take-snapshot.ts'
import { requireWorkspace } from './snapshot-rows.ts'

/** A workspace whose directory the caller may read. @throws NexusError ACCESS_DENIED, INVALID_PARAMS, FILE_NOT_FOUND */
export async function readableWorkspace(
  deps: FileDeps,
  context: CallContext,
  path: string,
): Promise<{ readonly at: TreePath; readonly nodeId: string }> {
  const at = resolveFilePath(path, context.caller.tenant)
  const question = { path: at.path, access: 'read' } as const
  for (let before = await whenOpen(deps, context, at, lookup); ; ) {
    if (!(await deps.guard.allows(context, at.tree, 'workspace_log', question)))
      throw deps.guard.denial(context, 'workspace_log', question)
    // As with a file: only a directory that stood there before and after is what the answer was about.
    const after = await whenOpen(deps, context, at, lookup)
    if (before.node?.node_id === after.node?.node_id) {
      await deps.db.read(() => requireWorkspace(at, context.now), { deadline: context.scope.deadline })
      return { at, nodeId: directoryOf(at, after.node).node_id }
    }
    checkTime(context)
    before = after
  }
}

export interface WorkspaceDecision {
  readonly bypass: boolean
  /** The caller owns the directory already, or cannot own anything there. */
  readonly owns: boolean
}

/** Whether the caller may write the directory of a workspace. @throws NexusError ACCESS_DENIED */
export async function decideWorkspace(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  action: string,
): Promise<WorkspaceDecision> {
  const bypass = deps.guard.bypasses(context, at.tree)
  const mayOwn = canOwn(context, at.tree)
  const question = { path: at.path, access: 'write' } as const
  const [writes, owns] = await deps.guard.askToChange(context, at.tree, [
    question,
    { path: at.path, access: 'execute' },
  ])
  if (!bypass && writes !== true) throw deps.guard.denial(context, action, question)
  return { bypass, owns: !mayOwn || owns === true }
}
