import type { Turn } from '../../slices.ts'
import { EditedText, type Place } from './edited-text.ts'
import { findText, type FoundText, type MatchType, SearchBudget, SearchTooLong } from './find-text.ts'

/** Up to this size a text is edited, and an edit may make it, in bytes. */
export const MAX_BYTES = 4 * 1_048_576
/** How a refusal names it. */
export const MAX_BYTES_TEXT = `${MAX_BYTES / 1_048_576} MiB`

/** How many of the lines where a text was found an error names. */
const MAX_LINES_TOLD = 10

/** Replace a text by another one. */
export interface TextEdit {
  /** Not empty. */
  readonly oldText: string
  readonly newText: string
  /** Of several places the one nearest to this line, which is 1 at the start. */
  readonly hintLine: number | undefined
  /** Replace all places. */
  readonly allowMultiple: boolean
}

/** What an edit replaced; lines are those of the text as the edits before it left it. */
export interface EditMatch {
  /** From 0. */
  readonly editIndex: number
  readonly type: MatchType
  readonly similarity: number
  readonly lineStart: number
  readonly lineEnd: number
  readonly originalText: string
  readonly strategy: 'only' | 'hint' | 'all'
  /** How many places there were. */
  readonly count: number
}

export interface AppliedEdits {
  readonly text: string
  readonly matches: readonly EditMatch[]
  /** A sentence for each edit that could not be made; the text is then not to be used. */
  readonly errors: readonly string[]
}

/**
 * Makes edits one after the other, each in what those before it left. They share what looking for similar text may cost.
 * @throws NexusError CANCELLED, DEADLINE_EXCEEDED
 */
export async function applyEdits(
  original: string,
  edits: readonly TextEdit[],
  threshold: number,
  turn: Turn,
): Promise<AppliedEdits> {
  let edited = EditedText.of(original)
  const budget = new SearchBudget()
  const matches: EditMatch[] = []
  const errors: string[] = []
  for (const [index, edit] of edits.entries()) {
    await turn.pause()
    const made = await applyEdit(edited, edit, index, (text) => findText(edited, text, threshold, budget, turn), turn)
    if (typeof made === 'string') {
      errors.push(`Edit ${index}: ${made}`)
    } else {
      edited = made.edited
      matches.push(made.match)
    }
  }
  return { text: edited.text, matches, errors }
}

async function applyEdit(
  edited: EditedText,
  edit: TextEdit,
  editIndex: number,
  find: (text: string) => Promise<FoundText | null>,
  turn: Turn,
): Promise<string | { readonly edited: EditedText; readonly match: EditMatch }> {
  let found: FoundText | null
  try {
    found = await find(edit.oldText)
  } catch (error) {
    if (!(error instanceof SearchTooLong)) throw error
    return 'old_str is not in the file as it stands, and similar text was not looked for to the end: the edits of a call may take only so long together; give old_str as it stands, or make fewer edits at once.'
  }
  if (found === null) return 'old_str was not found in the file.'
  const { type, similarity, count } = found
  const chosen = await choose(edited, found, edit, turn)
  if (chosen === null) {
    const lines = await edited.linesAt(startsOf(found, Math.min(count, MAX_LINES_TOLD)), turn)
    return `old_str was found ${count} times, at lines ${lines.join(', ')}: make it longer, or give hint_line or allow_multiple.`
  }
  const first = found.place(chosen.from)
  const made = await replace(edited, found, chosen, type === 'exact' ? edit.newText : withoutEnd(edit), turn)
  if (made === null) return `the text would have more than ${MAX_BYTES_TEXT}, which are not edited.`
  const [lineStart = 1, lineEnd = 1] = await edited.linesAt([first.start, Math.max(first.start, first.end - 1)], turn)
  return {
    edited: made,
    match: {
      editIndex,
      type,
      similarity,
      lineStart,
      lineEnd,
      originalText: edited.text.slice(first.start, first.end),
      strategy: count === 1 ? 'only' : edit.allowMultiple ? 'all' : 'hint',
      count,
    },
  }
}

/** Some of the places that were found: from the first one on, up to before the last one. */
interface Chosen {
  readonly from: number
  readonly to: number
}

/** null if it is not said which. */
async function choose(
  edited: EditedText,
  found: FoundText,
  { hintLine, allowMultiple }: TextEdit,
  turn: Turn,
): Promise<Chosen | null> {
  if (found.count === 1 || allowMultiple) return { from: 0, to: found.count }
  if (hintLine === undefined) return null
  const lines = await edited.linesAt(startsOf(found, found.count), turn)
  let nearest = 0
  for (const [index, line] of lines.entries()) {
    if (Math.abs(line - hintLine) < Math.abs((lines[nearest] ?? 0) - hintLine)) nearest = index
  }
  return { from: nearest, to: nearest + 1 }
}

function* startsOf({ place }: FoundText, count: number): Generator<number> {
  for (let index = 0; index < count; index++) yield place(index).start
}

/** null if the result would be too large; before it is made. */
async function replace(
  edited: EditedText,
  { place }: FoundText,
  { from, to }: Chosen,
  newText: string,
  turn: Turn,
): Promise<EditedText | null> {
  let length = edited.units.length + (to - from) * newText.length
  for (let index = from; index < to; index++) {
    const { start, end } = place(index)
    length -= end - start
    if (turn.enough(10)) await turn.pause()
  }
  // A text has at least as many bytes as units.
  if (length > MAX_BYTES) return null
  const places = function* (): Generator<Place> {
    for (let index = from; index < to; index++) yield place(index)
  }
  const made = await edited.replaced(places(), newText, length, turn)
  return Buffer.byteLength(made.text) > MAX_BYTES ? null : made
}

/** Where lines are replaced their last end of line stays. */
function withoutEnd({ oldText, newText }: TextEdit): string {
  return oldText.endsWith('\n') ? newText.replace(/\r?\n$/, '') : newText
}
