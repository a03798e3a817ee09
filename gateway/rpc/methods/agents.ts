import { z } from 'zod'
import type { JsonObject } from '../../../services/common/json.ts'
import type { ListedAgent } from '../../agents/agent-record.ts'
import type { Agents } from '../../agents/agents.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, text, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const agentId = line.min(1)
const metadata = optional(z.record(z.string(), z.json()))

/** The methods of nexus-api.md 2.5. */
export function agentMethods(agents: Agents): Method[] {
  return [listMethod(agents), getMethod(agents), registerMethod(agents), updateMethod(agents), deleteMethod(agents)]
}

function listMethod(agents: Agents): Method {
  return defineMethod({
    name: 'list_agents',
    params: z.strictObject({ context: ignored }),
    cacheControl: CACHE.revalidate,
    handle: async (_params, context) => (await agents.list(context)).map(present),
    docs: { summary: "Lists one's own agents; an administrator sees the tenant's", example: { params: {} } },
  })
}

function getMethod(agents: Agents): Method {
  return defineMethod({
    name: 'get_agent',
    params: z.strictObject({ agent_id: agentId, context: ignored }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const agent = await agents.find(context, params.agent_id)
      if (agent === null) return null
      return { ...present(agent), metadata: agent.metadata, config_path: agent.configPath, ...agent.settings }
    },
    docs: {
      summary: 'Describes an agent, with what its config.yaml says; null if it is unknown',
      example: { params: { agent_id: 'admin,UntrustedAgent' } },
    },
  })
}

function registerMethod(agents: Agents): Method {
  return defineMethod({
    name: 'register_agent',
    params: z.strictObject({
      agent_id: agentId,
      name: line.min(1),
      description: optional(text),
      generate_api_key: withDefault(z.boolean(), false),
      inherit_permissions: withDefault(z.boolean(), false),
      metadata,
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const { agent, key } = await agents.register(context, params.agent_id, {
        name: params.name,
        description: params.description,
        inheritPermissions: params.inherit_permissions,
        metadata: params.metadata as JsonObject | undefined,
        withKey: params.generate_api_key,
      })
      return {
        agent_id: agent.agentId,
        user_id: agent.userId,
        name: agent.name,
        tenant_id: agent.tenant,
        metadata: agent.metadata,
        created_at: isoTime(agent.createdAt),
        config_path: agent.configPath,
        has_api_key: key !== null,
        ...(key === null ? {} : { api_key: key }),
      }
    },
    docs: {
      summary: 'Registers an agent, with a directory and perhaps a key of its own, which is shown this once',
      example: { params: { agent_id: 'admin,helper', name: 'Helper', generate_api_key: true } },
    },
  })
}

function updateMethod(agents: Agents): Method {
  return defineMethod({
    name: 'update_agent',
    params: z.strictObject({
      agent_id: agentId,
      name: optional(line.min(1)),
      description: optional(text),
      inherit_permissions: optional(z.boolean()),
      metadata,
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const agent = await agents.update(context, params.agent_id, {
        name: params.name,
        description: params.description,
        inheritPermissions: params.inherit_permissions,
        metadata: params.metadata as JsonObject | undefined,
      })
      return { ...present(agent), metadata: agent.metadata, config_path: agent.configPath }
    },
    docs: {
      summary: "Changes what is said of an agent, and whether it has its owner's rights",
      example: {
        before: [['register_agent', { agent_id: 'admin,writer', name: 'Writer' }]],
        params: { agent_id: 'admin,writer', description: 'Writes reports' },
      },
    },
  })
}

function deleteMethod(agents: Agents): Method {
  return defineMethod({
    name: 'delete_agent',
    params: z.strictObject({ agent_id: agentId, context: ignored }),
    cacheControl: CACHE.none,
    handle: (params, context) => agents.delete(context, params.agent_id),
    docs: {
      summary: 'Deletes an agent with its keys, its relationships and its directory; false if there is none',
      example: {
        before: [['register_agent', { agent_id: 'admin,old', name: 'Old' }]],
        params: { agent_id: 'admin,old' },
      },
    },
  })
}

function present(agent: ListedAgent) {
  return {
    agent_id: agent.agentId,
    user_id: agent.userId,
    name: agent.name,
    created_at: isoTime(agent.createdAt),
    ...(agent.description === null ? {} : { description: agent.description }),
    has_api_key: agent.hasKey,
    inherit_permissions: agent.inheritPermissions,
  }
}
