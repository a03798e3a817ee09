import { z } from 'zod'
import type { FileEdit, Files } from '../../files/contract.ts'
import type { EditMatch } from '../../files/edit/apply-edits.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, path, text, withDefault } from '../parameters.ts'
import { unquoted } from './file-answers.ts'

const MAX_EDITS = 100
const SIMILAR_ENOUGH = 0.85

const edit = z.strictObject({
  old_str: text.min(1),
  new_str: text,
  hint_line: optional(z.int().min(1)),
  allow_multiple: withDefault(z.boolean(), false),
})

/** edit: replaces pieces of a text without sending the whole. */
export function fileEditMethods(files: Files): Method[] {
  return [
    defineMethod({
      name: 'edit',
      docs: {
        summary: 'Replace pieces of a text without sending the whole',
        example: {
          before: [['write', { path: '/tenant:default/user:admin/workspace/examples/edited.txt', content: 'first' }]],
          params: {
            path: '/tenant:default/user:admin/workspace/examples/edited.txt',
            edits: [{ old_str: 'first', new_str: 'second' }],
          },
        },
      },
      params: z.strictObject({
        path,
        edits: z.array(edit).min(1).max(MAX_EDITS),
        if_match: optional(line).transform((etag) => (etag === undefined ? undefined : unquoted(etag))),
        fuzzy_threshold: withDefault(z.number().gt(0).max(1), SIMILAR_ENOUGH),
        preview: withDefault(z.boolean(), false),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const edits = params.edits.map((one) => ({
          oldText: one.old_str,
          newText: one.new_str,
          hintLine: one.hint_line,
          allowMultiple: one.allow_multiple,
        }))
        const options = { ifMatch: params.if_match, threshold: params.fuzzy_threshold, preview: params.preview }
        return present(await files.edit(context, params.path, edits, options))
      },
    }),
  ]
}

function present(made: FileEdit) {
  const matches = made.matches.map(presentMatch)
  switch (made.outcome) {
    case 'failed':
      return { success: false, diff: '', matches, applied_count: 0, errors: made.errors }
    case 'preview':
      return {
        success: true,
        diff: made.diff,
        matches,
        applied_count: matches.length,
        preview: true,
        new_content: made.text,
      }
    case 'written': {
      const { etag, version } = made.entry
      return { success: true, diff: made.diff, matches, applied_count: matches.length, etag, version }
    }
  }
}

function presentMatch(match: EditMatch) {
  return {
    edit_index: match.editIndex,
    match_type: match.type,
    similarity: match.similarity,
    line_start: match.lineStart,
    line_end: match.lineEnd,
    original_text: match.originalText,
    search_strategy: match.strategy,
    match_count: match.count,
  }
}
