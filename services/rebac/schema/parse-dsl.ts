import fga from '@openfga/syntax-transformer'
import type { ModelDraft } from './draft.ts'
import { readOpenFgaModel } from './read-openfga.ts'
import type { Position, Problems } from './problems.ts'
import { TextPositions } from './text-positions.ts'

/** The parser's time grows with the cube of this: a thousand are seconds. */
const MAX_NESTING = 50

/** Reads OpenFGA's modelling language; null if its grammar is violated, which is then among the problems. */
export function parseDsl(text: string, problems: Problems): ModelDraft | null {
  const normal = text.replaceAll('\r\n', '\n').replaceAll('\t', '  ')
  const tooDeep = tooDeepAt(normal)
  if (tooDeep !== null) {
    problems.add(`parentheses are nested more than ${MAX_NESTING} deep`, tooDeep)
    return null
  }
  let model: unknown
  try {
    model = fga.transformer.transformDSLToJSONObject(normal)
  } catch (error) {
    if (!(error instanceof fga.errors.DSLSyntaxError)) {
      problems.add('the text cannot be parsed; it may be nested too deeply')
      return null
    }
    for (const { msg, line, column } of error.errors) {
      problems.add(msg, line === undefined ? null : { line: line.start + 1, column: (column?.start ?? 0) + 1 })
    }
    return null
  }
  return readOpenFgaModel(model, new TextPositions(normal), problems)
}

/** Where parentheses are nested too deeply. Each definition, and each comment, is counted for itself. */
function tooDeepAt(text: string): Position | null {
  let depth = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(define|type|condition|extend|#)/.test(line)) depth = 0
    if (/^\s*#/.test(line)) continue
    for (let at = 0; at < line.length; at += 1) {
      if (line[at] === '(') depth += 1
      else if (line[at] === ')') depth -= 1
      if (depth > MAX_NESTING) return { line: index + 1, column: at + 1 }
    }
  }
  return null
}
