import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import { conflict } from '../commands/write-file.ts'
import type { EditOptions, FileEdit } from '../contract.ts'
import { checkTime, type FileDeps } from '../deps.ts'
import { resolveFilePath } from '../paths.ts'
import { Turn } from '../../slices.ts'
import { read } from '../read.ts'
import { textOf, unifiedDiff } from '../unified-diff.ts'
import { newContent, write } from '../write.ts'
import { applyEdits, MAX_BYTES, MAX_BYTES_TEXT, type TextEdit } from './apply-edits.ts'

/** All edits or none, on what the file contains when they are stored. Needs read besides what write needs. */
export async function edit(
  deps: FileDeps,
  context: CallContext,
  path: string,
  edits: readonly TextEdit[],
  options: EditOptions,
): Promise<FileEdit> {
  const at = resolveFilePath(path, context.caller.tenant)
  // Like those who append: of many at once only one could win.
  return await deps.appends.take(`${at.tree} ${at.path}`, async () => {
    checkTime(context)
    return await editNow(deps, context, at.path, edits, options)
  })
}

async function editNow(
  deps: FileDeps,
  context: CallContext,
  path: string,
  edits: readonly TextEdit[],
  { ifMatch, threshold, preview }: EditOptions,
): Promise<FileEdit> {
  const turn = new Turn(context.gone?.(), context.scope.deadline)
  for (;;) {
    const { content, entry } = await read(deps, context, path)
    if (ifMatch !== undefined && ifMatch !== entry.etag) throw conflict(path, ifMatch, entry.etag)
    const { text, matches, errors } = await applyEdits(requireText(path, content), edits, threshold, turn)
    if (errors.length > 0) return { outcome: 'failed', matches, errors }
    const bytes = Buffer.from(text)
    const diff = bytes.equals(content) ? '' : unifiedDiff({ name: path, content }, { name: path, content: bytes })
    if (preview) return { outcome: 'preview', matches, diff, text }
    try {
      const guard = { ifMatch: entry.etag ?? undefined }
      const written = await write(deps, context, path, newContent(deps, context, bytes), guard)
      return { outcome: 'written', matches, diff, entry: written }
    } catch (error) {
      // Somebody else wrote it meanwhile, by another gateway or another method.
      if (!(error instanceof NexusError) || error.reason !== 'CONFLICT' || ifMatch !== undefined) throw error
      checkTime(context)
    }
  }
}

function requireText(path: string, content: Uint8Array): string {
  if (content.byteLength > MAX_BYTES) {
    throw new NexusError('INVALID_PARAMS', `'${path}' has more than ${MAX_BYTES_TEXT}, which are not edited`)
  }
  const text = textOf(content)
  if (text === null) throw new NexusError('INVALID_PARAMS', `'${path}' is not text in UTF-8`)
  return text
}
