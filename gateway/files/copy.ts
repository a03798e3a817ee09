import type { CallContext } from '../context.ts'
import type { FileEntry } from './contract.ts'
import type { FileDeps } from './deps.ts'
import { readableFile } from './read.ts'
import { indexerOf, write } from './write.ts'

/**
 * Makes a file with the content of another one, without moving bytes. Needs read on the one, and what write needs for
 * the other, at which nothing may stand. Relationships and versions are not copied.
 */
export async function copy(deps: FileDeps, context: CallContext, from: string, to: string): Promise<FileEntry> {
  let source: Awaited<ReturnType<typeof readableFile>> | undefined = await readableFile(deps, context, from)
  let content = { hash: source.node.content_hash, size: source.node.size }
  return await write(
    deps,
    context,
    to,
    {
      action: 'copy',
      store: async () => {
        // Asked a second time, the content was collected: the source is gone, or another one.
        source ??= await readableFile(deps, context, from)
        content = { hash: source.node.content_hash, size: source.node.size }
        source = undefined
        return content
      },
      index: async (path) =>
        indexerOf(deps, path)?.index(path, await deps.contents.get(content.hash, content.size)) ?? null,
    },
    { ifNoneMatch: true },
  )
}
