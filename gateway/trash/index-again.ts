import type { CallContext } from '../context.ts'
import { nodesBelow } from '../files/below.ts'
import type { FileDeps } from '../files/deps.ts'
import type { TreePath } from '../files/paths.ts'
import { indexerOf } from '../files/write.ts'
import { inParallelBySize } from '../in-parallel.ts'
import type { RestoreTrashRequest } from './commands/restore-trash.ts'
import type { TrashRow } from './trash-rows.ts'

/** The rows of the index for what comes back from the trash. */
export async function indexAgain(
  deps: FileDeps,
  context: CallContext,
  to: TreePath,
  row: TrashRow,
): Promise<RestoreTrashRequest['indexed']> {
  const { deadline } = context.scope
  const files =
    row.kind === 'file'
      ? [{ ...row, path: to.path }]
      : (await deps.db.read(() => nodesBelow(to.tree, row.node_id), { long: true, deadline })).map((node) => ({
          ...node,
          path: `${to.path}/${node.path}`,
        }))
  const found = await inParallelBySize(
    files.flatMap(({ path, node_id: nodeId, content_hash: hash, size }) => {
      const indexer = indexerOf(deps, path)
      if (indexer === undefined || hash === null) return []
      const run = async () => ({ nodeId, path, row: indexer.index(path, await deps.contents.get(hash, size)) })
      return [{ bytes: size, run }]
    }),
  )
  return found.flatMap(({ row: indexRow, ...node }) => (indexRow === null ? [] : [{ ...node, row: indexRow }]))
}
