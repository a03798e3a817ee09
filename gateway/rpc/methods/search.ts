import { z } from 'zod'
import type { Files } from '../../files/contract.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, path, text, withDefault } from '../parameters.ts'

const MAX_PATTERNS = 100
const pattern = text.min(1)

/** Methods that look for files. */
export function searchMethods(files: Files): Method[] {
  return [
    defineMethod({
      name: 'glob',
      params: z.strictObject({ pattern, path: withDefault(path, '/'), context: ignored }),
      cacheControl: CACHE.listing,
      async handle(params, context) {
        const [matches = []] = await files.find(context, params.path, [params.pattern])
        return { matches }
      },
    }),
    defineMethod({
      name: 'glob_batch',
      params: z.strictObject({
        patterns: z.array(pattern).max(MAX_PATTERNS),
        path: withDefault(path, '/'),
        context: ignored,
      }),
      cacheControl: CACHE.listing,
      async handle({ patterns, path: from }, context) {
        const found = await files.find(context, from, patterns)
        return Object.fromEntries(patterns.map((one, index) => [one, found[index]]))
      },
    }),
  ]
}
