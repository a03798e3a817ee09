import { z } from 'zod'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, text, withDefault } from '../parameters.ts'

/**
 * Lists of things that this server cannot make yet, so that they are empty. Clients ask for them when a page is opened,
 * and would show an error otherwise.
 */
export function placeholderMethods(): Method[] {
  return [
    defineMethod({
      name: 'query_memories',
      params: z.strictObject({
        query: optional(text),
        memory_type: optional(line),
        scope: optional(line),
        state: optional(line),
        limit: withDefault(z.int().min(1), 50),
        search_mode: optional(line),
        embedding_provider: optional(line),
        context: ignored,
      }),
      cacheControl: CACHE.revalidate,
      handle: async () => ({ memories: [] }),
      docs: { summary: 'Lists memory records; this server keeps none yet', example: { params: { limit: 100 } } },
    }),
    defineMethod({
      name: 'oauth_list_providers',
      params: z.strictObject({ context: ignored }),
      cacheControl: CACHE.revalidate,
      handle: async () => [],
      docs: { summary: 'Lists the OAuth providers of connectors; none is set up', example: { params: {} } },
    }),
    defineMethod({
      name: 'oauth_list_credentials',
      params: z.strictObject({
        provider: optional(line),
        include_revoked: withDefault(z.boolean(), false),
        context: ignored,
      }),
      cacheControl: CACHE.revalidate,
      handle: async () => [],
      docs: { summary: 'Lists stored OAuth credentials; there are none', example: { params: {} } },
    }),
  ]
}
