import { z } from 'zod'
import { getOrCreateSandbox } from '../../sandboxes/sandboxes.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, withDefault } from '../parameters.ts'

/** The methods of nexus-api.md 2.8. */
export function sandboxMethods(): Method[] {
  return [
    defineMethod({
      name: 'sandbox_get_or_create',
      docs: {
        summary: 'Get a sandbox of this name; this server has no provider of sandboxes',
        example: { params: { name: 'work' }, error: -32602 },
      },
      params: z.strictObject({
        name: line.min(1),
        ttl_minutes: withDefault(z.int().min(1), 10),
        provider: optional(line),
        template_id: optional(line),
        verify_status: withDefault(z.boolean(), true),
        context: ignored,
      }),
      cacheControl: CACHE.revalidate,
      handle: async (params) => getOrCreateSandbox(params),
    }),
    defineMethod({
      name: 'sandbox_list',
      params: z.strictObject({
        verify_status: withDefault(z.boolean(), false),
        status: optional(line),
        user_id: optional(line),
        tenant_id: optional(line),
        agent_id: optional(line),
        context: ignored,
      }),
      cacheControl: CACHE.revalidate,
      // Without a provider nobody can have made one.
      handle: async () => ({ sandboxes: [] }),
      docs: { summary: 'Lists sandboxes; without a provider there are none', example: { params: {} } },
    }),
  ]
}
