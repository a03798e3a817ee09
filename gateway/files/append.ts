import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { conflict } from './commands/write-file.ts'
import type { FileEntry, WriteOptions } from './contract.ts'
import { checkTime, type FileDeps } from './deps.ts'
import { resolveFilePath } from './paths.ts'
import { read } from './read.ts'
import { newContent, write } from './write.ts'

type AppendOptions = Pick<WriteOptions, 'force'> & { readonly ifMatch?: string | undefined }

/** Adds to the end of a file, or creates it. Needs read besides what write needs. None of those who append at once is lost. */
export async function append(
  deps: FileDeps,
  context: CallContext,
  path: string,
  bytes: Uint8Array,
  options: AppendOptions,
): Promise<FileEntry> {
  const at = resolveFilePath(path, context.caller.tenant)
  // Of many at once only one can win; within this process they need not lose first.
  return await deps.appends.take(`${at.tree} ${at.path}`, async () => {
    checkTime(context)
    return await appendNow(deps, context, at.path, bytes, options)
  })
}

async function appendNow(
  deps: FileDeps,
  context: CallContext,
  path: string,
  bytes: Uint8Array,
  { ifMatch, force }: AppendOptions,
): Promise<FileEntry> {
  let refused: NexusError | undefined
  for (;;) {
    const current = await readIfThere(deps, context, path)
    const etag = current?.entry.etag ?? null
    if (force !== true && ifMatch !== undefined && ifMatch !== etag) throw conflict(path, ifMatch, etag)
    // Something stands in the way, and not at the path itself.
    if (current === null && refused !== undefined) throw refused
    const joined = current === null ? bytes : Buffer.concat([current.content, bytes])
    const guard = etag === null ? { ifNoneMatch: true } : { ifMatch: etag }
    try {
      return await write(deps, context, path, newContent(deps, context, joined, 'append'), guard)
    } catch (error) {
      if (!(error instanceof NexusError)) throw error
      if (error.reason !== 'CONFLICT' && error.reason !== 'FILE_EXISTS') throw error
      refused = error.reason === 'FILE_EXISTS' ? error : undefined
      checkTime(context)
    }
  }
}

async function readIfThere(deps: FileDeps, context: CallContext, path: string) {
  try {
    return await read(deps, context, path)
  } catch (error) {
    if (error instanceof NexusError && error.reason === 'FILE_NOT_FOUND') return null
    throw error
  }
}
