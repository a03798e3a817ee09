import { LineCounter, parseDocument } from 'yaml'
import type { ModelDraft } from './draft.ts'
import { readOpenFgaModel } from './read-openfga.ts'
import type { Problems } from './problems.ts'
import { TextPositions } from './text-positions.ts'

/** Reads an OpenFGA model in its JSON form. */
export function parseJsonModel(text: string, problems: Problems): ModelDraft | null {
  let model: unknown
  try {
    model = JSON.parse(text)
  } catch (error) {
    problems.add(`the model is not JSON: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
  return readOpenFgaModel(model, new TextPositions(''), problems)
}

/** Reads JSON or YAML into plain values; null if it is neither. */
export function parseYaml(text: string, problems: Problems): unknown {
  const lines = new LineCounter()
  // Aliases could make a small text expand without bound.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, schema: 'core' })
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0])
    problems.add(error.message, { line, column: col })
  }
  if (document.errors.length > 0) return null
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    problems.add('aliases are not supported')
    return null
  }
}
