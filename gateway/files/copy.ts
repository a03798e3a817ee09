import type { CallContext } from '../context.ts'
import type { FileEntry } from './contract.ts'
import type { FileDeps } from './deps.ts'
import { resolveFilePath } from './paths.ts'
import { readableFile } from './read.ts'
import { indexerOf, write } from './write.ts'

/**
 * Makes a file with the content of another one, without moving bytes. Needs read on the one, and what write needs for
 * the other, at which nothing may stand. Relationships and versions are not copied. What is copied stands there at the
 * moment of the copy: of a file that is changed, renamed or deleted meanwhile the new state counts.
 */
export async function copy(deps: FileDeps, context: CallContext, from: string, to: string): Promise<FileEntry> {
  const at = resolveFilePath(from, context.caller.tenant)
  // Asked before anything is said of the other path.
  let source = await readableFile(deps, context, from)
  let known = true
  return await write(
    deps,
    context,
    to,
    {
      action: 'copy',
      store: async () => {
        if (!known) source = await readableFile(deps, context, from)
        known = false
        return { hash: source.node.content_hash, size: source.node.size }
      },
      origin: () => ({ at, nodeId: source.node.node_id, version: source.node.version }),
      index: async (path) =>
        indexerOf(deps, path)?.index(path, await deps.contents.get(source.node.content_hash, source.node.size)) ?? null,
    },
    { ifNoneMatch: true },
  )
}
