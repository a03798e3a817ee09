import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { inParallel } from '../in-parallel.ts'
import type { FileEntry, NewFile } from './contract.ts'
import { checkTime, type FileDeps, whenOpen } from './deps.ts'
import { entryOf } from './nodes.ts'
import { resolveFilePath, type TreePath } from './paths.ts'
import { lookup } from './queries.ts'
import { decideWrite, newContent, PreparedContent, writeRequest } from './write.ts'

/** Creates or replaces files of one tree: all, or none. Each needs what write needs for it. */
export async function writeBatch(
  deps: FileDeps,
  context: CallContext,
  files: readonly NewFile[],
): Promise<readonly FileEntry[]> {
  const items = files.map(({ path, content }) => {
    const at = resolveFilePath(path, context.caller.tenant)
    return { at, prepared: new PreparedContent(newContent(deps, context, content), at.path) }
  })
  const tree = treeOf(items.map(({ at }) => at))
  if (tree === null) return []
  const { deadline } = context.scope
  for (;;) {
    const decided = await inParallel(
      items.map((item) => async () => {
        const found = await whenOpen(deps, context, item.at, lookup)
        return { ...item, found, decision: await decideWrite(deps, context, item.at, found), options: {} }
      }),
    )
    const requests = await inParallel(decided.map((item) => () => writeRequest(deps, context, item)))
    const made = await deps.db.write('writeFiles', requests, { group: tree, deadline })
    if (made.outcome === 'done') {
      const receipts = made.written.flatMap(({ receipt }) => (receipt === null ? [] : [receipt]))
      await Promise.all(receipts.map((receipt) => deps.outbox.committed(receipt, deadline)))
      return made.written.map(({ node }, index) => entryOf(items[index]?.at.path ?? '', node))
    }
    if (made.outcome === 'pending') await deps.outbox.passed(tree, made.seq, deadline)
    if (made.outcome === 'uncollected') for (const { prepared } of items) prepared.forget()
    checkTime(context)
  }
}

/** The one tree of all paths; null if there are none. */
function treeOf(paths: readonly TreePath[]): string | null {
  const [first] = paths
  if (first === undefined) return null
  if (new Set(paths.map(({ path }) => path)).size < paths.length) {
    throw new NexusError('INVALID_PARAMS', 'a path stands twice in the batch')
  }
  if (paths.some(({ tree }) => tree !== first.tree)) {
    throw new NexusError('INVALID_PARAMS', 'the paths of a batch must belong to one tenant')
  }
  return first.tree
}
