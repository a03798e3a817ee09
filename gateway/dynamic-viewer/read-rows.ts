import { parse } from 'csv-parse'
import { NexusError } from '../../services/common/errors/nexus-error.ts'

export type Row = readonly string[]

/** So much of a text is parsed between two pauses, in bytes: some thousand rows at most. */
const PIECE = 8_192

/**
 * The rows of a CSV text (RFC 4180), those of a small part of it at a time; no more of them are held.
 * @param pause lets others run
 * @throws NexusError INVALID_PARAMS if the text is no table
 */
export async function* readRows(bytes: Uint8Array, pause: () => Promise<void>): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = []
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 1_048_576,
    // Not handed on one by one through a stream, which takes several times as long.
    on_record(row: Row) {
      rows.push(row)
      return null
    },
  })
  // Whoever feeds it is told.
  parser.on('error', () => undefined)
  for (let at = 0; at < bytes.length; at += PIECE) {
    await pause()
    await settled((done) => parser.write(bytes.subarray(at, at + PIECE), done))
    yield rows
    rows = []
  }
  await settled((done) => parser.end(done))
  yield rows
}

async function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      start((error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new NexusError('INVALID_PARAMS', `the text is not a CSV table: ${reason}`, { cause: error })
  }
}
