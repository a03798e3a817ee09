import fga from '@openfga/syntax-transformer'
import type { ModelDraft } from './draft.ts'
import { readOpenFgaModel } from './read-openfga.ts'
import type { Problems } from './problems.ts'
import { TextPositions } from './text-positions.ts'

/** Reads OpenFGA's modelling language; null if its grammar is violated, which is then among the problems. */
export function parseDsl(text: string, problems: Problems): ModelDraft | null {
  const normal = text.replaceAll('\r\n', '\n').replaceAll('\t', '  ')
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
