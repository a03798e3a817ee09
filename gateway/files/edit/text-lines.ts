import type { Turn } from '../../slices.ts'
import type { Place } from './edited-text.ts'

const NEWLINE = 0x0a
const RETURN = 0x0d
/** So many units are looked at between two looks at the clock. */
const STEP = 4_096

/** The lines of a text, which may be millions. */
export class TextLines {
  /** Where each line begins; the last one is where another line would. */
  readonly #starts: Int32Array
  readonly #units: Uint16Array
  readonly #numbers: ReadonlyMap<string, number>
  /** For each line a number; lines that differ in white space only have the same. */
  readonly kinds: Int32Array

  private constructor(starts: Int32Array, units: Uint16Array, kinds: Int32Array, numbers: ReadonlyMap<string, number>) {
    this.#starts = starts
    this.#units = units
    this.kinds = kinds
    this.#numbers = numbers
  }

  static async of(text: string, units: Uint16Array, turn: Turn): Promise<TextLines> {
    const starts = await startsOf(units, turn)
    const kinds = new Int32Array(starts.length - 1)
    const numbers = new Map<string, number>([['', 0]])
    for (let line = 0; line < kinds.length; line++) {
      const [start, next] = [starts[line] ?? 0, starts[line + 1] ?? 0]
      // An empty line needs no look.
      if (next - start > 1) {
        const normal = normalized(text.slice(start, next - 1))
        const known = numbers.get(normal)
        kinds[line] = known ?? numbers.size
        if (known === undefined) numbers.set(normal, numbers.size)
      }
      if (turn.enough(20 + next - start)) await turn.pause()
    }
    return new TextLines(starts, units, kinds, numbers)
  }

  get count(): number {
    return this.kinds.length
  }

  /** The number that lines like this one have; -1 if there is none. */
  kindOf(line: string): number {
    return this.#numbers.get(normalized(line)) ?? -1
  }

  /** Whole lines, without the last end of line: it stays, whether or not what is looked for has one. */
  place(first: number, count: number): Place {
    const start = this.#starts[first] ?? 0
    const end = (this.#starts[first + count] ?? 0) - 1
    const last = this.#starts[first + count - 1] ?? 0
    const isReturn = end > last && this.#units[end - 1] === RETURN
    return { start, end: isReturn ? end - 1 : end }
  }
}

async function startsOf(units: Uint16Array, turn: Turn): Promise<Int32Array> {
  let count = 1
  for (let at = 0; at < units.length; at++) {
    if (units[at] === NEWLINE) count++
    if (at % STEP === 0 && turn.enough(STEP)) await turn.pause()
  }
  const starts = new Int32Array(count + 1)
  let line = 1
  for (let at = 0; at < units.length; at++) {
    if (units[at] === NEWLINE) starts[line++] = at + 1
    if (at % STEP === 0 && turn.enough(STEP)) await turn.pause()
  }
  starts[count] = units.length + 1
  return starts
}

function normalized(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ')
}
