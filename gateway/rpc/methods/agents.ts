import { z } from 'zod'
import type { Agents } from '../../agents/agents.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { isoTime } from '../special-values.ts'

/** The methods of nexus-api.md 2.5. */
export function agentMethods(agents: Agents): Method[] {
  return [
    defineMethod({
      name: 'list_agents',
      docs: { summary: "The caller's agents; an administrator sees those of the tenant", example: { params: {} } },
      params: z.strictObject({}),
      cacheControl: CACHE.revalidate,
      async handle(_params, context) {
        const listed = await agents.list(context)
        return listed.map((agent) => ({
          agent_id: agent.agentId,
          user_id: agent.userId,
          name: agent.name,
          created_at: isoTime(agent.createdAt),
          ...(agent.description === null ? {} : { description: agent.description }),
          has_api_key: agent.hasKey,
          inherit_permissions: agent.inheritPermissions,
        }))
      },
    }),
  ]
}
