import { z } from 'zod'
import type { JsonObject } from '../../../services/common/json.ts'
import type { WorkspaceRecord } from '../../workspaces/workspace-record.ts'
import type { Workspaces } from '../../workspaces/workspaces.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { duration, ignored, line, optional, path, text, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const metadata = optional(z.record(z.string(), z.json()))
const onePath = z.strictObject({ path, context: ignored })
const MAX_TAGS = 100
const registration = {
  path,
  name: optional(text),
  description: optional(text),
  metadata,
  tags: withDefault(z.array(text).max(MAX_TAGS), []),
  session_id: optional(line),
  ttl: optional(duration),
  // Who calls is known from the key.
  created_by: ignored,
  context: ignored,
}

/** The methods of nexus-api.md 2.4 about directories that are registered. */
export function workspaceMethods(workspaces: Workspaces, memories: Workspaces): Method[] {
  return [
    ...registryMethods(workspaces, {
      what: 'workspace',
      list: 'list_workspaces',
      get: 'get_workspace_info',
      register: 'register_workspace',
      unregister: 'unregister_workspace',
    }),
    ...registryMethods(memories, {
      what: 'memory',
      list: 'list_registered_memories',
      get: 'get_memory_info',
      register: 'register_memory',
      unregister: 'unregister_memory',
    }),
    updateMethod(workspaces),
  ]
}

interface RegistryNames {
  readonly what: 'workspace' | 'memory'
  readonly list: string
  readonly get: string
  readonly register: string
  readonly unregister: string
}

function registryMethods(registry: Workspaces, names: RegistryNames): Method[] {
  const { what } = names
  const example = (name: string) => ({ path: `/tenant:default/user:admin/workspace/examples/${what}-${name}` })
  return [
    defineMethod({
      name: names.list,
      docs: {
        summary: `The directories that are registered as ${what} and that the caller may read`,
        example: { params: {} },
      },
      params: z.strictObject({ context: ignored }),
      cacheControl: CACHE.revalidate,
      handle: async (_params, context) => (await registry.list(context)).map(present),
    }),
    defineMethod({
      name: names.get,
      docs: {
        summary: `What is known of a directory that is registered as ${what}, or null`,
        example: { before: [[names.register, example('known')]], params: example('known') },
      },
      params: onePath,
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const found = await registry.find(context, params.path)
        return found === null ? null : present(found)
      },
    }),
    defineMethod({
      name: names.register,
      docs: {
        summary: `Register a directory as ${what}, and make it where it is missing`,
        example: { params: { ...example('new'), name: 'new' } },
      },
      params: z.strictObject(registration),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const { name = null, description = null, metadata: facts = {} } = params
        const { tags, session_id: sessionId, ttl: ttlMs } = params
        const given = { name, description, metadata: facts as JsonObject, tags, sessionId, ttlMs }
        return present(await registry.register(context, params.path, given))
      },
    }),
    defineMethod({
      name: names.unregister,
      docs: {
        summary: `Forget that a directory is registered as ${what}; its files stay`,
        example: { before: [[names.register, example('old')]], params: example('old') },
      },
      params: onePath,
      cacheControl: CACHE.none,
      handle: (params, context) => registry.unregister(context, params.path),
    }),
  ]
}

function updateMethod(workspaces: Workspaces): Method {
  return defineMethod({
    name: 'update_workspace',
    docs: {
      summary: 'Change the name, the description or the metadata of a workspace',
      example: {
        params: {
          path: '/tenant:default/user:admin/workspace/ws_my_workspace',
          description: 'A workspace to try things in',
        },
      },
    },
    params: z.strictObject({
      path,
      name: optional(text),
      description: optional(text),
      metadata,
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle({ path: at, name, description, metadata: facts }, context) {
      const changes = {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(facts === undefined ? {} : { metadata: facts as JsonObject }),
      }
      return present(await workspaces.update(context, at, changes))
    },
  })
}

function present(workspace: WorkspaceRecord) {
  return {
    path: workspace.path,
    name: workspace.name,
    description: workspace.description,
    created_at: isoTime(workspace.createdAt),
    created_by: workspace.createdBy,
    metadata: workspace.metadata,
    // Only where they were given: clients know the others.
    ...(workspace.tags.length > 0 ? { tags: workspace.tags } : {}),
    ...(workspace.sessionId === null ? {} : { session_id: workspace.sessionId }),
    ...(workspace.expiresAt === null ? {} : { expires_at: isoTime(workspace.expiresAt) }),
  }
}
