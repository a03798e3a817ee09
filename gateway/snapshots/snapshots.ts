import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { change, mutation } from '../files/change.ts'
import type { FileDeps } from '../files/deps.ts'
import { resolveFilePath } from '../files/paths.ts'
import { decideWorkspace, readableWorkspace } from './access.ts'
import { diffSnapshots, type SnapshotDiff } from './diff-snapshots.ts'
import { restore } from './restore.ts'
import { filesOf, type Snapshot, snapshotOf, snapshotsOf } from './snapshot-rows.ts'

/**
 * States of registered workspaces that somebody kept. They belong to the directory: they follow it when it is renamed,
 * and a new one at its path has none of them.
 * Errors: ACCESS_DENIED, INVALID_PARAMS if no workspace is registered, FILE_NOT_FOUND, INVALID_PATH, UNAVAILABLE.
 */
export interface Snapshots {
  /** Needs write on the directory. */
  take(
    context: CallContext,
    path: string,
    facts: { readonly description: string | null; readonly tags: readonly string[] },
  ): Promise<Snapshot>
  /** The newest first. Needs read on the directory, as diff. */
  log(context: CallContext, path: string, limit: number): Promise<readonly Snapshot[]>
  diff(
    context: CallContext,
    path: string,
    numbers: readonly [number, number],
  ): Promise<SnapshotDiff & { readonly snapshots: readonly [Snapshot, Snapshot] }>
  /** All of it, or nothing. Needs write on the directory. */
  restore(
    context: CallContext,
    path: string,
    number: number,
  ): Promise<{ readonly restored: number; readonly deleted: number; readonly snapshot: Snapshot }>
}

/** Snapshots of the workspaces in a file system. */
export function createSnapshots(deps: FileDeps): Snapshots {
  return {
    take: (context, path, facts) => take(deps, context, path, facts),
    async log(context, path, limit) {
      const { at, nodeId } = await readableWorkspace(deps, context, path)
      return await deps.db.read(() => snapshotsOf(at.tree, nodeId, limit), { deadline: context.scope.deadline })
    },
    diff: (context, path, numbers) => diff(deps, context, path, numbers),
    restore: (context, path, number) => restore(deps, context, path, number),
  }
}

async function take(
  deps: FileDeps,
  context: CallContext,
  path: string,
  facts: Parameters<Snapshots['take']>[2],
): Promise<Snapshot> {
  const at = resolveFilePath(path, context.caller.tenant)
  const { deadline } = context.scope
  const result = await change(deps, context, at, async (found) => {
    const { bypass } = await decideWorkspace(deps, context, at, 'workspace_snapshot')
    const request = { ...mutation(deps, context, at, found, bypass), ...facts }
    return await deps.db.write(
      'takeSnapshot',
      { ...request, snapshotId: uuidv7(), createdBy: context.caller.subject.id },
      { group: at.tree, deadline },
    )
  })
  return result.snapshot
}

async function diff(
  deps: FileDeps,
  context: CallContext,
  path: string,
  [first, second]: readonly [number, number],
): Promise<SnapshotDiff & { readonly snapshots: readonly [Snapshot, Snapshot] }> {
  const { at, nodeId } = await readableWorkspace(deps, context, path)
  function* script() {
    const before = yield* snapshotOf(at, nodeId, first)
    const after = yield* snapshotOf(at, nodeId, second)
    const files = [yield* filesOf(at.tree, before.snapshotId), yield* filesOf(at.tree, after.snapshotId)] as const
    return { ...diffSnapshots(...files), snapshots: [before, after] as const }
  }
  return await deps.db.read(script, { long: true, deadline: context.scope.deadline })
}
