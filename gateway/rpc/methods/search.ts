import { z } from 'zod'
import type { Files } from '../../files/contract.ts'
import type { Grep, GrepMatch } from '../../grep/contract.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { shorten } from '../envelope.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import type { CallLimits } from '../limits.ts'
import { ignored, optional, path, text, withDefault } from '../parameters.ts'

const MAX_CONTEXT_LINES = 100
const MAX_EXPRESSION = 1_024
const pattern = text.min(1)
const expression = text
  .min(1)
  .max(MAX_EXPRESSION)
  .refine((value) => !/[\0\n\r]/.test(value), 'must be an expression for one line')
const contextLines = withDefault(z.int().min(0).max(MAX_CONTEXT_LINES), 0)

/** Methods that look for files. */
export function searchMethods(files: Files, grep: Grep, limits: CallLimits): Method[] {
  return [
    grepMethod(grep, limits),
    defineMethod({
      name: 'glob',
      docs: {
        summary: 'Find paths by a pattern',
        example: { params: { pattern: '**/*.md', path: '/tenant:default/user:admin' } },
      },
      params: z.strictObject({ pattern, path: withDefault(path, '/'), context: ignored }),
      cacheControl: CACHE.listing,
      async handle(params, context) {
        const [matches = []] = await files.find(context, params.path, [params.pattern])
        requireFew(matches, params.pattern, limits)
        return { matches }
      },
    }),
    defineMethod({
      name: 'glob_batch',
      docs: {
        summary: 'Find paths by several patterns',
        example: { params: { patterns: ['*.md', '**/*.yaml'], path: '/tenant:default/user:admin' } },
      },
      params: z.strictObject({
        patterns: z.array(pattern).max(limits.globPatterns),
        path: withDefault(path, '/'),
        context: ignored,
      }),
      cacheControl: CACHE.listing,
      async handle({ patterns, path: from }, context) {
        const found = await files.find(context, from, patterns)
        for (const [index, matches] of found.entries()) requireFew(matches, patterns[index] ?? '', limits)
        return Object.fromEntries(patterns.map((one, index) => [one, found[index]]))
      },
    }),
  ]
}

/** An answer is complete or none. @throws NexusError INVALID_PARAMS */
function requireFew(matches: readonly string[], pattern: string, { globResults }: CallLimits): void {
  if (matches.length <= globResults) return
  throw new NexusError(
    'INVALID_PARAMS',
    `the pattern '${shorten(pattern)}' finds ${matches.length} paths; at most ${globResults} are answered: look in a directory further down, or page through list`,
  )
}

function grepMethod(grep: Grep, limits: CallLimits): Method {
  return defineMethod({
    name: 'grep',
    docs: {
      summary: 'Find lines by a regular expression',
      example: {
        params: {
          pattern: 'workspace',
          path: '/tenant:default/user:admin/workspace/ws_my_workspace',
          ignore_case: true,
        },
      },
    },
    params: z.strictObject({
      pattern: expression,
      path: withDefault(path, '/'),
      file_pattern: optional(pattern),
      ignore_case: withDefault(z.boolean(), false),
      max_results: withDefault(z.int().min(1).max(limits.grepResults), Math.min(100, limits.grepResults)),
      // There are no parsed views yet: all search the content as it is.
      search_mode: withDefault(z.enum(['auto', 'parsed', 'raw']), 'auto'),
      before_context: contextLines,
      after_context: contextLines,
      context: ignored,
    }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const { before_context: before, after_context: after } = params
      const answer = await grep(context, params.path, {
        pattern: params.pattern,
        filePattern: params.file_pattern,
        ignoreCase: params.ignore_case,
        maxResults: params.max_results,
        before,
        after,
      })
      return {
        results: answer.matches.map((match) => presentMatch(match, before + after > 0)),
        truncated: answer.truncated,
        ...(answer.skipped.length > 0 ? { skipped: answer.skipped } : {}),
      }
    },
  })
}

function presentMatch({ path: file, line, content, match, before, after }: GrepMatch, withContext: boolean) {
  const around = withContext ? { before_context: before, after_context: after } : {}
  return { file, line, content, match, source: 'raw', ...around }
}
