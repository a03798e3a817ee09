import { run, type Script } from '../../services/common/sql/script.ts'
import type { AgentRecord } from './agent-record.ts'

/** The transactions of agents. */
export const agentCommands = { putAgent }

/** Registers an agent, or replaces what is known of it. */
function* putAgent(agent: AgentRecord): Script<void> {
  yield* run(
    `insert into agents (tenant, agent_id, user_id, name, description, inherit_permissions, metadata, config_path, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (tenant, agent_id) do update set name = excluded.name, description = excluded.description,
       inherit_permissions = excluded.inherit_permissions, metadata = excluded.metadata, config_path = excluded.config_path`,
    agent.tenant,
    agent.agentId,
    agent.userId,
    agent.name,
    agent.description,
    agent.inheritPermissions ? 1 : 0,
    JSON.stringify(agent.metadata),
    agent.configPath,
    agent.createdAt,
  )
}
