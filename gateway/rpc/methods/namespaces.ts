import { z } from 'zod'
import type { JsonObject } from '../../../services/common/json.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Namespace } from '../../namespaces/namespace.ts'
import type { Namespaces } from '../../namespaces/namespaces.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const objectType = line.min(1).max(64)
const config = z.strictObject({
  relations: z.record(z.string(), z.json()),
  permissions: z.record(z.string(), z.json()).optional(),
})
const NOTE = {
  relations: { owner: {}, reader: {} },
  permissions: { read: ['owner', 'reader'], write: ['owner'] },
}
const MADE = ['namespace_create', { object_type: 'note', config: NOTE }] as const

/** The methods about the namespaces of a tenant (nexus-api.md 2.7); some have two names. */
export function namespaceMethods(namespaces: Namespaces): Method[] {
  return [
    defineMethod({
      name: 'namespace_create',
      params: z.strictObject({ object_type: objectType, config, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await namespaces.put(context, params.object_type, params.config as JsonObject)
        return null
      },
      docs: { summary: 'Makes or replaces the namespace of a type of objects', example: { params: MADE[1] } },
    }),
    defineMethod({
      name: 'register_namespace',
      params: z.strictObject({
        namespace: optional(z.looseObject({ object_type: objectType, config })),
        object_type: optional(objectType),
        config: optional(config),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const type = params.namespace?.object_type ?? params.object_type
        const rules = params.namespace?.config ?? params.config
        if (type === undefined || rules === undefined) {
          throw new NexusError('INVALID_PARAMS', "parameter 'namespace' must be {object_type, config}")
        }
        await namespaces.put(context, type, rules as JsonObject)
        return null
      },
      docs: { summary: 'The same as namespace_create', example: { params: { namespace: MADE[1] } } },
    }),
    defineMethod({
      name: 'namespace_list',
      params: z.strictObject({ context: ignored }),
      cacheControl: CACHE.revalidate,
      handle: async (_params, context) => (await namespaces.list(context)).map(present),
      docs: { summary: "Lists the tenant's namespaces", example: { params: {} } },
    }),
    ...['namespace_get', 'get_namespace'].map((name) =>
      defineMethod({
        name,
        params: z.strictObject({ object_type: objectType, context: ignored }),
        cacheControl: CACHE.revalidate,
        async handle(params, context) {
          const found = await namespaces.find(context, params.object_type)
          return found === null ? null : present(found)
        },
        docs: {
          summary: name === 'namespace_get' ? 'Reads the namespace of a type, or null' : 'The same as namespace_get',
          example: { params: { object_type: 'file' } },
        },
      }),
    ),
    defineMethod({
      name: 'namespace_delete',
      params: z.strictObject({ object_type: objectType, context: ignored }),
      cacheControl: CACHE.none,
      handle: (params, context) => namespaces.delete(context, params.object_type),
      docs: {
        summary: 'Deletes the namespace of a type; false if there is none',
        example: { before: [MADE], params: { object_type: 'note' } },
      },
    }),
  ]
}

function present({ namespaceId, objectType: type, config: rules, createdAt, updatedAt }: Namespace) {
  return {
    namespace_id: namespaceId,
    object_type: type,
    config: rules,
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
  }
}
