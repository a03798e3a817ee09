import type { JsonObject } from '../../services/common/json.ts'

const NEWLINE = 0x0a

/** Reads a stream of JSON objects, one a line; null stands for a line of more than `maxBytes`, which is passed over. */
export async function* jsonLines(source: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<JsonObject | null> {
  let pieces: Buffer[] = []
  let size = 0
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      size += end - start
      pieces.push(chunk.subarray(start, end))
      yield size > maxBytes ? null : (JSON.parse(Buffer.concat(pieces).toString('utf8')) as JsonObject)
      pieces = []
      size = 0
      start = end + 1
    }
    size += chunk.length - start
    // What is too long is counted and not kept.
    if (size > maxBytes) pieces = []
    else pieces.push(chunk.subarray(start))
  }
}
