import type { Turn } from '../../slices.ts'
import { type EditedText, unitsOf } from './edited-text.ts'
import { occurrences } from './occurrences.ts'

/** So much of a text is looked for by the engine, which may take the product of both lengths, in UTF-16 units. */
const HEAD = 32
/** So much is looked at in one go: at the worst with as many steps for each unit as HEAD says. */
const WINDOW = 65_536

/**
 * Where a text stands in another one, from the left and without overlaps. The engine looks for how it begins; where that
 * is found so often in vain that it would take the product of both lengths, all is looked at once instead.
 * @param wanted not empty
 */
export async function textStarts(edited: EditedText, wanted: string, turn: Turn): Promise<readonly number[]> {
  const { text } = edited
  const head = wanted.slice(0, HEAD)
  const found: number[] = []
  let inVain = 0
  let next = 0
  for (let from = 0; from < text.length; from += WINDOW) {
    const window = text.slice(from, from + WINDOW + head.length - 1)
    for (let at = window.indexOf(head, next - from); at !== -1; at = window.indexOf(head, next - from)) {
      const isHere = head.length === wanted.length || text.startsWith(wanted, from + at)
      if (isHere) found.push(from + at)
      else inVain += wanted.length
      next = from + at + (isHere ? wanted.length : 1)
      if (inVain > text.length) return found.concat(await startsFrom(edited, next, wanted, turn))
      if (turn.enough(isHere ? HEAD : wanted.length)) await turn.pause()
    }
    if (turn.enough(WINDOW)) await turn.pause()
  }
  return found
}

async function startsFrom(edited: EditedText, from: number, wanted: string, turn: Turn): Promise<number[]> {
  const starts = await occurrences(edited.units.subarray(from), unitsOf(wanted), turn)
  return starts.map((start) => from + start)
}
