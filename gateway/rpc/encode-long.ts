import { inSlices } from '../slices.ts'
import { AFTER_RESULT, beforeResult, type RequestId } from './envelope.ts'
import { LongList } from './method.ts'
import { encodeSpecialValues } from './special-values.ts'

/** Shorter lists are written in one go. */
const FEW = 1_000
/** About how much of an answer is in a piece, in UTF-16 units. */
const PIECE = 65_536

type Members = Readonly<Record<string, unknown>>

/** Whether a result is an object that has a long list. */
export function isLong(result: unknown): result is Members {
  if (typeof result !== 'object' || result === null || Object.getPrototypeOf(result) !== Object.prototype) return false
  return Object.values(result).some((member) => {
    const items = member instanceof LongList ? member.items : member
    return Array.isArray(items) && items.length > FEW
  })
}

/**
 * The envelope of such a result as JSON in pieces, made while others run in between.
 * @throws NexusError CANCELLED
 */
export async function encodeLong(id: RequestId, result: Members, gone?: AbortSignal): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = []
  let text = ''
  for await (const part of partsOf(id, result, gone)) {
    text += part
    if (text.length < PIECE) continue
    pieces.push(Buffer.from(text))
    text = ''
  }
  return [...pieces, Buffer.from(text)]
}

async function* partsOf(id: RequestId, result: Members, gone: AbortSignal | undefined): AsyncGenerator<string> {
  yield beforeResult(id)
  let separator = '{'
  for (const [name, member] of Object.entries(result)) {
    if (member === undefined) continue
    yield `${separator}${JSON.stringify(name)}:`
    separator = ','
    if (member instanceof LongList) yield* listParts(member, gone)
    else if (Array.isArray(member)) yield* listParts(new LongList<unknown>(member, (item) => item), gone)
    else yield JSON.stringify(encodeSpecialValues(member))
  }
  yield `}${AFTER_RESULT}`
}

async function* listParts<T>({ items, present }: LongList<T>, gone: AbortSignal | undefined): AsyncGenerator<string> {
  let separator = '['
  for await (const slice of inSlices(items, gone)) {
    yield separator + slice.map((item) => JSON.stringify(encodeSpecialValues(present(item)))).join(',')
    separator = ','
  }
  yield ']'
}
