import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { afterWaiting } from './backing.ts'
import { backedChange, canOwn, mutation, newIds, noteChange } from './change.ts'
import { checkPlace } from './commands/make-nodes.ts'
import { seenOf } from './commands/mutation.ts'
import { renamable, type RenameRequest } from './commands/rename.ts'
import { type FileDeps, whenOpen } from './deps.ts'
import type { AccessQuestion } from './guard.ts'
import type { NodeRow } from './nodes.ts'
import { parentPath, resolveFilePath, type TreePath } from './paths.ts'
import { indexedIn, type Lookup, lookup } from './queries.ts'
import { indexerOf } from './write.ts'

/**
 * Needs write on what is moved and on the directory where it comes to stand. Relationships follow; one who owned it
 * through a directory above, and would not where it goes, becomes its direct owner.
 */
export async function rename(deps: FileDeps, context: CallContext, from: string, to: string): Promise<void> {
  const at = resolveFilePath(from, context.caller.tenant)
  const target = resolveFilePath(to, context.caller.tenant)
  checkEnds(at, target)
  await backedChange(deps, context, at, {
    others: [target],
    async decide(now, found) {
      const decision = await decide(deps, now, at, target)
      checkMounts(at, target, found, await whenOpen(deps, now, target, lookup))
      return decision
    },
    async commit(now, found, decision, mount) {
      const facts = {
        to: target,
        realDirectories: mount?.realDirectories ?? false,
        ids: newIds(deps, target),
        maxPathBytes: deps.maxPathBytes,
        owner: decision.owner,
      }
      const write = async (context: CallContext, seen: Lookup) => {
        const seenTo = seenOf(await whenOpen(deps, context, target, lookup))
        const reindexed = seen.node === null ? [] : await indexAgain(deps, context, at, target, seen.node)
        const request = { ...mutation(deps, context, at, seen, decision.bypass), ...facts, seenTo, reindexed }
        return await deps.db.write('rename', request, { group: at.tree, deadline: context.scope.deadline })
      }
      if (mount === null) return await write(now, found)
      const foundTo = await whenOpen(deps, now, target, lookup)
      const node = await deps.db.read(() => renamable({ at, ...facts }, found, foundTo), {
        deadline: afterWaiting(now).scope.deadline,
      })
      checkPlace(target, foundTo)
      await mount.rename(now, at, target, node.kind)
      return await noteChange(deps, now, at, found, write)
    },
  })
}

/** Bytes are not moved by a rename, so both ends must be kept by the same. */
function checkMounts(at: TreePath, to: TreePath, from: Lookup, there: Lookup): void {
  if (from.mountId === there.mountId) return
  throw new NexusError(
    'INVALID_PATH',
    `'${at.path}' cannot be renamed to '${to.path}': they lie in different mounts; copy it and delete the original.`,
  )
}

function checkEnds(at: TreePath, to: TreePath): void {
  if (to.tree !== at.tree) {
    throw new NexusError(
      'INVALID_PATH',
      `'${at.path}' cannot be renamed to '${to.path}': they belong to different tenants; copy it and delete the original.`,
    )
  }
  if (to.path.startsWith(`${at.path}/`)) {
    throw new NexusError('INVALID_PATH', `'${at.path}' cannot be renamed to '${to.path}', which lies in it.`)
  }
}

async function decide(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  to: TreePath,
): Promise<Pick<RenameRequest, 'bypass' | 'owner'>> {
  const bypass = deps.guard.bypasses(context, at.tree)
  const above = parentPath(to.path)
  const mayOwn = canOwn(context, at.tree)
  const questions: AccessQuestion[] = [
    { path: at.path, access: 'write' },
    { path: above, access: 'write' },
    { path: at.path, access: 'execute' },
    { path: above, access: 'execute' },
  ]
  const asked = bypass && !mayOwn ? [] : questions.slice(0, mayOwn ? 4 : 2)
  const [source, target, owned, owns] = await deps.guard.askToChange(context, at.tree, asked)
  if (!bypass && source !== true) throw deps.guard.denial(context, 'rename', { path: at.path, access: 'write' })
  if (!bypass && target !== true) throw deps.guard.denial(context, 'rename', { path: to.path, access: 'write' })
  return { bypass, owner: owned === true && owns !== true ? context.caller.subject : null }
}

/** The index rows of files for which the last two components of the path change. */
async function indexAgain(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  to: TreePath,
  node: NodeRow,
): Promise<RenameRequest['reindexed']> {
  const { deadline } = context.scope
  if (node.kind === 'file') {
    if (indexerOf(deps, at.path) === undefined && indexerOf(deps, to.path) === undefined) return []
    const row = await indexedAs(deps, to.path, node)
    return [{ nodeId: node.node_id, version: node.version, path: to.path, row }]
  }
  const files = await deps.db.read(() => indexedIn(at.tree, node.node_id), { deadline })
  return await Promise.all(
    files.map(async (file) => {
      const path = `${to.path}/${file.name}`
      return { nodeId: file.node_id, version: file.version, path, row: await indexedAs(deps, path, file) }
    }),
  )
}

async function indexedAs(
  deps: FileDeps,
  path: string,
  file: Pick<NodeRow, 'content_hash' | 'size'>,
): Promise<RenameRequest['reindexed'][number]['row']> {
  const indexer = indexerOf(deps, path)
  if (indexer === undefined || file.content_hash === null) return null
  return indexer.index(path, await deps.contents.get(file.content_hash, file.size))
}
