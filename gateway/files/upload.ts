import type { StagedContent } from '../content/contract.ts'
import type { CallContext } from '../context.ts'
import { checkPreconditions } from './commands/write-file.ts'
import type { FileEntry, UploadOptions } from './contract.ts'
import { type FileDeps, whenOpen } from './deps.ts'
import { wordsOfContent } from '../search/text.ts'
import { resolveFilePath, type TreePath } from './paths.ts'
import { lookup } from './queries.ts'
import { decideWrite, indexerOf, type NewContent, preconditions, tooLarge, write } from './write.ts'

/** Creates or replaces a file with bytes as they come. Needs what write needs. */
export async function upload(
  deps: FileDeps,
  context: CallContext,
  path: string,
  source: AsyncIterable<Uint8Array>,
  { later, ...options }: UploadOptions,
): Promise<FileEntry> {
  const at = await checkUpload(deps, context, path, options)
  const staged = await deps.contents.stage(upToLimit(deps, source))
  try {
    const now = await later()
    return await write(deps, now, at.path, stagedContent(deps, now, staged), options)
  } finally {
    await staged.discard()
  }
}

/** Nobody fills the disk who may not, or sends for an hour what then is refused. */
export async function checkUpload(
  deps: FileDeps,
  context: CallContext,
  path: string,
  { announced = 0, ...options }: Omit<UploadOptions, 'later'>,
): Promise<TreePath> {
  const at = resolveFilePath(path, context.caller.tenant)
  const found = await whenOpen(deps, context, at, lookup)
  await decideWrite(deps, context, at, found)
  // What a back end has now is looked at when it is written.
  if (found.mountId === null) checkPreconditions({ at, ...preconditions(options) }, found.node)
  if (announced > deps.maxFileBytes) throw tooLarge(deps)
  return at
}

function stagedContent(deps: FileDeps, context: CallContext, staged: StagedContent): NewContent {
  return {
    action: 'write',
    store: () => deps.contents.putStaged(staged, context.scope.deadline),
    index: async (path) =>
      indexerOf(deps, path)?.index(path, await deps.contents.get(staged.hash, staged.size)) ?? null,
    words: async () => {
      const end = Math.min(staged.size, deps.searchTextBytes + 1)
      return wordsOfContent(await deps.contents.range(staged.hash, staged.size, 0, end), deps.searchTextBytes)
    },
  }
}

async function* upToLimit(deps: FileDeps, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of source) {
    size += piece.byteLength
    if (size > deps.maxFileBytes) throw tooLarge(deps)
    yield piece
  }
}
