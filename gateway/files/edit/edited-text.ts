import type { Turn } from '../../slices.ts'
import { TextLines } from './text-lines.ts'

const NEWLINE = 0x0a
/** So many units are looked at between two looks at the clock. */
const STEP = 4_096

/** A place in a text, in UTF-16 units. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** A text that is edited: in one of the states that the edits leave. What is asked again and again is computed once. */
export class EditedText {
  /** UTF-16 units. */
  readonly units: Uint16Array
  #text: string | undefined
  #lines: Promise<TextLines> | undefined

  private constructor(units: Uint16Array, text?: string) {
    this.units = units
    this.#text = text
  }

  static of(text: string): EditedText {
    return new EditedText(unitsOf(text), text)
  }

  get text(): string {
    this.#text ??= Buffer.from(this.units.buffer).toString('utf16le')
    return this.#text
  }

  /** Whether its lines were asked for before. */
  get hasLines(): boolean {
    return this.#lines !== undefined
  }

  /** Its lines. Only the first time it costs something. */
  lines(turn: Turn): Promise<TextLines> {
    this.#lines ??= TextLines.of(this.text, this.units, turn)
    return this.#lines
  }

  /**
   * The text with another one in some places.
   * @param places in order, without overlaps
   */
  async replaced(places: Iterable<Place>, newText: string, length: number, turn: Turn): Promise<EditedText> {
    const inserted = unitsOf(newText)
    const units = new Uint16Array(length)
    let [from, to] = [0, 0]
    const copy = (source: Uint16Array, start: number, end: number): void => {
      // A view costs more than a few units.
      if (end - start > 64) units.set(source.subarray(start, end), to)
      else for (let index = start; index < end; index++) units[to + index - start] = source[index] ?? 0
      to += end - start
    }
    for (const { start, end } of places) {
      copy(this.units, from, start)
      copy(inserted, 0, inserted.length)
      from = end
      if (turn.enough(inserted.length + 50)) await turn.pause()
    }
    copy(this.units, from, this.units.length)
    return new EditedText(units)
  }

  /** The line of each position, from 1; positions are in order. */
  async linesAt(positions: Iterable<number>, turn: Turn): Promise<number[]> {
    const lines: number[] = []
    let [line, at] = [1, 0]
    for (const position of positions) {
      for (; at < position; at++) {
        if (this.units[at] === NEWLINE) line++
        if (at % STEP === 0 && turn.enough(STEP)) await turn.pause()
      }
      lines.push(line)
      if (turn.enough(10)) await turn.pause()
    }
    return lines
  }
}

/** The UTF-16 units of a text. */
export function unitsOf(text: string): Uint16Array {
  const bytes = Buffer.from(text, 'utf16le')
  // Of a short text the bytes may begin anywhere in a pool.
  return new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
