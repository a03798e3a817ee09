import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** Contents up to this size are compared, in bytes. */
const MAX_BYTES = 4 * 1_048_576
/** Texts of more lines are not compared: to take them apart alone would hold up everybody else for seconds. */
const MAX_LINES = 500_000
/** The comparison holds up everybody else; it ends after this many milliseconds, or this many differing lines. */
const MAX_MS = 100
const MAX_EDITS = 4_000
const NEWLINE = 0x0a

/** One side of a comparison. */
export interface DiffSide {
  /** How the diff names it. */
  readonly name: string
  readonly content: Uint8Array
}

/** A unified diff of two texts, `Binary files ... differ` for what is none. @throws NexusError INVALID_PARAMS if it is too much */
export function unifiedDiff(before: DiffSide, after: DiffSide): string {
  if (before.content.byteLength > MAX_BYTES || after.content.byteLength > MAX_BYTES) {
    throw new NexusError('INVALID_PARAMS', `contents of more than ${MAX_BYTES / 1_048_576} MiB are not compared`)
  }
  const [old, text] = [textOf(before.content), textOf(after.content)]
  if (old === null || text === null) return `Binary files ${before.name} and ${after.name} differ`
  if (hasManyLines(before.content) || hasManyLines(after.content)) {
    throw new NexusError('INVALID_PARAMS', `texts of more than ${MAX_LINES} lines are not compared; read both instead`)
  }
  const options = { timeout: MAX_MS, maxEditLength: MAX_EDITS, headerOptions: FILE_HEADERS_ONLY }
  const patch = createTwoFilesPatch(before.name, after.name, old, text, undefined, undefined, options)
  if (patch !== undefined) return patch
  throw new NexusError('INVALID_PARAMS', 'the contents differ in too many lines to be compared; read both instead')
}

function hasManyLines(content: Uint8Array): boolean {
  let lines = 0
  for (const byte of content) if (byte === NEWLINE && ++lines > MAX_LINES) return true
  return false
}

/** null for what is not UTF-8 text. */
export function textOf(content: Uint8Array): string | null {
  if (content.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return null
  }
}
