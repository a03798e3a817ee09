import type { CallContext } from '../context.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { listAgents, type ListedAgent } from './agent-record.ts'

/** The agents of a tenant's users. */
export interface Agents {
  /** One's own; an administrator sees the tenant's, an agent only itself. */
  list(context: CallContext): Promise<readonly ListedAgent[]>
}

export function createAgents(db: GatewayDatabase): Agents {
  return {
    async list({ caller, now, scope }) {
      const user = caller.isAdmin ? null : caller.user
      const agents = await db.read(() => listAgents(caller.tenant, user, now), { deadline: scope.deadline })
      return caller.agentId === null ? agents : agents.filter((agent) => agent.agentId === caller.agentId)
    },
  }
}
