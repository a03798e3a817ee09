import { findText, type MatchType, type Place, SearchTooLong } from './find-text.ts'

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

export interface EditedText {
  readonly text: string
  readonly matches: readonly EditMatch[]
  /** A sentence for each edit that could not be made; the text is then not to be used. */
  readonly errors: readonly string[]
}

/** Makes edits one after the other, each in what those before it left. */
export function applyEdits(original: string, edits: readonly TextEdit[], threshold: number): EditedText {
  let text = original
  const matches: EditMatch[] = []
  const errors: string[] = []
  for (const [index, edit] of edits.entries()) {
    const made = applyEdit(text, edit, index, threshold)
    if (typeof made === 'string') {
      errors.push(`Edit ${index}: ${made}`)
    } else {
      text = made.text
      matches.push(made.match)
    }
  }
  return { text, matches, errors }
}

function applyEdit(
  text: string,
  edit: TextEdit,
  editIndex: number,
  threshold: number,
): string | { readonly text: string; readonly match: EditMatch } {
  let found: ReturnType<typeof findText>
  try {
    found = findText(text, edit.oldText, threshold)
  } catch (error) {
    if (error instanceof SearchTooLong) return 'old_str is not in the file, and the file is too large for similar text.'
    throw error
  }
  if (found === null) return 'old_str was not found in the file.'
  const { type, places } = found
  const chosen = choose(text, places, edit)
  const [first] = chosen
  if (first === undefined) {
    const lines = linesOf(text, places.slice(0, MAX_LINES_TOLD))
    return `old_str was found ${places.length} times, at lines ${lines.join(', ')}: make it longer, or give hint_line or allow_multiple.`
  }
  return {
    text: replaced(text, chosen, type === 'exact' ? edit.newText : withoutEnd(edit)),
    match: {
      editIndex,
      type,
      similarity: first.similarity,
      lineStart: lineAt(text, first.start),
      lineEnd: lineAt(text, Math.max(first.start, first.end - 1)),
      originalText: text.slice(first.start, first.end),
      strategy: places.length === 1 ? 'only' : edit.allowMultiple ? 'all' : 'hint',
      count: places.length,
    },
  }
}

/** Nothing if it is not said which. */
function choose(text: string, places: readonly Place[], { hintLine, allowMultiple }: TextEdit): readonly Place[] {
  if (places.length === 1 || allowMultiple) return places
  if (hintLine === undefined) return []
  const distances = linesOf(text, places).map((line) => Math.abs(line - hintLine))
  const nearest = distances.reduce((least, distance) => Math.min(least, distance), Number.POSITIVE_INFINITY)
  return places.slice(distances.indexOf(nearest)).slice(0, 1)
}

function replaced(text: string, places: readonly Place[], newText: string): string {
  let result = ''
  let at = 0
  for (const { start, end } of places) {
    result += text.slice(at, start) + newText
    at = end
  }
  return result + text.slice(at)
}

/** Where lines are replaced their last end of line stays. */
function withoutEnd({ oldText, newText }: TextEdit): string {
  return oldText.endsWith('\n') ? newText.replace(/\r?\n$/, '') : newText
}

function lineAt(text: string, position: number): number {
  return linesOf(text, [{ start: position }])[0] ?? 1
}

/** The line of each place, in one walk through the text: there may be very many. */
function linesOf(text: string, places: readonly Pick<Place, 'start'>[]): number[] {
  let line = 1
  let newline = text.indexOf('\n')
  return places.map(({ start }) => {
    for (; newline !== -1 && newline < start; newline = text.indexOf('\n', newline + 1)) line++
    return line
  })
}
