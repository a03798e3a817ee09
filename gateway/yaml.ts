import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml'

/** A place in a text; both count from 1. */
export interface TextPosition {
  readonly line: number
  readonly column: number
}

/** YAML as it was parsed, or what is wrong with it. */
export type ParsedYaml =
  | {
      readonly ok: true
      readonly document: Document.Parsed
      /** Where a character stands, by its place in the text. */
      readonly positionOf: (offset: number) => TextPosition
    }
  | { readonly ok: false; readonly problem: string; readonly position: TextPosition }

interface Problem {
  readonly message: string
  readonly offset: number
}

const TOO_DEEP = 'the values are nested too deeply'

/**
 * Parses YAML that a stranger may have written. The time follows the length of the text: the parser itself compares every
 * key of a map with every other one, and describes every error of thousands.
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter()
  const positionOf = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  try {
    const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'silent' } as const
    const document = parseDocument(text, options)
    const [error] = document.errors
    // How deep the parser comes differs from call to call, and with it the column.
    if (error?.code === 'RESOURCE_EXHAUSTION')
      return { ok: false, problem: TOO_DEEP, position: { line: positionOf(error.pos[0]).line, column: 1 } }
    const problem = error === undefined ? repeatedKey(document) : { message: error.message, offset: error.pos[0] }
    if (problem === null) return { ok: true, document, positionOf }
    return { ok: false, problem: problem.message.split('\n')[0] ?? '', position: positionOf(problem.offset) }
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, problem: TOO_DEEP, position: { line: 1, column: 1 } }
    throw error
  }
}

/** The first key that stands in its map a second time. */
function repeatedKey(document: Document.Parsed): Problem | null {
  let found: Problem | null = null
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) {
          found = { message: `the key ${JSON.stringify(key.value)} stands there twice`, offset: key.range?.[0] ?? 0 }
          return visit.BREAK
        }
        seen.add(key.value)
      }
      return undefined
    },
  })
  return found
}
