import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { change, mutation } from '../files/change.ts'
import type { FileDeps } from '../files/deps.ts'
import { resolveFilePath, type TreePath } from '../files/paths.ts'
import type { Lookup } from '../files/queries.ts'
import { indexerOf } from '../files/write.ts'
import { inParallelBySize } from '../in-parallel.ts'
import { decideWorkspace } from './access.ts'
import { type WantedNode, withDirectoriesAbove } from './commands/plan-restore.ts'
import type { RestoreSnapshotRequest } from './commands/restore-snapshot.ts'
import { directoryOf } from './commands/take-snapshot.ts'
import { filesOf, requireWorkspace, type Snapshot, type SnapshotFile, snapshotOf } from './snapshot-rows.ts'

/** Brings a workspace to the state of one of its snapshots. What the caller makes by that becomes the caller's. */
export async function restore(
  deps: FileDeps,
  context: CallContext,
  path: string,
  number: number,
): Promise<{ readonly restored: number; readonly deleted: number; readonly snapshot: Snapshot }> {
  const at = resolveFilePath(path, context.caller.tenant)
  const { deadline } = context.scope
  return await change(deps, context, at, async (found) => {
    const { bypass, owns } = await decideWorkspace(deps, context, at, 'workspace_restore')
    const { snapshot, files } = await deps.db.read(() => held(at, found, number, context.now), { long: true, deadline })
    const request = {
      ...mutation(deps, context, at, found, bypass),
      number,
      wanted: wantedOf(files),
      indexed: await indexedOf(deps, at, files),
      owner: owns ? null : context.caller.subject,
      keptVersions: deps.keptVersions,
      quota: deps.quota,
    }
    const made = await deps.db.write('restoreSnapshot', request, { group: at.tree, deadline })
    return made.outcome === 'done' ? { ...made, snapshot } : made
  })
}

function* held(at: TreePath, found: Lookup, number: number, now: number) {
  yield* requireWorkspace(at, now)
  const snapshot = yield* snapshotOf(at, directoryOf(at, found.node).node_id, number)
  return { snapshot, files: yield* filesOf(at.tree, snapshot.snapshotId) }
}

/** What shall stand there. */
function wantedOf(files: readonly SnapshotFile[]): readonly WantedNode[] {
  const nodes = files.map(({ path, content_hash: contentHash, size, mime_type: mimeType }): WantedNode => {
    const kind = contentHash === null ? 'directory' : 'file'
    return { path, kind, implicit: false, contentHash, size, mimeType, ...newIds() }
  })
  return withDirectoriesAbove(nodes, newIds)
}

function newIds(): Pick<WantedNode, 'nodeId' | 'versionId'> {
  return { nodeId: uuidv7(), versionId: uuidv7() }
}

function indexedOf(
  deps: FileDeps,
  at: TreePath,
  files: readonly SnapshotFile[],
): Promise<RestoreSnapshotRequest['indexed']> {
  return inParallelBySize(
    files.flatMap(({ path, content_hash, size }) => {
      const whole = `${at.path}/${path}`
      const indexer = content_hash === null ? undefined : indexerOf(deps, whole)
      if (indexer === undefined || content_hash === null) return []
      const run = async () => ({ path, row: indexer.index(whole, await deps.contents.get(content_hash, size)) })
      return [{ bytes: size, run }]
    }),
  )
}
