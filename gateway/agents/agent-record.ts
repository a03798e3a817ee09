import type { JsonObject } from '../../services/common/json.ts'
import { all, first, type Script } from '../../services/common/sql/script.ts'

/** An agent as the database keeps it. Times are milliseconds since 1970. */
export interface AgentRecord {
  readonly tenant: string
  /** The owner's id, a comma, a name. */
  readonly agentId: string
  readonly userId: string
  readonly name: string
  readonly description: string | null
  /** For display; what counts is the relationship in the permission service. */
  readonly inheritPermissions: boolean
  readonly metadata: JsonObject
  readonly configPath: string
  readonly createdAt: number
}

interface AgentRow {
  readonly tenant: string
  readonly agent_id: string
  readonly user_id: string
  readonly name: string
  readonly description: string | null
  readonly inherit_permissions: number
  readonly metadata: string
  readonly config_path: string
  readonly created_at: number
  readonly has_key: number
}

export interface ListedAgent extends AgentRecord {
  /** Whether a key of its own opens anything now. */
  readonly hasKey: boolean
}

const COLUMNS =
  'a.tenant, a.agent_id, a.user_id, a.name, a.description, a.inherit_permissions, a.metadata, a.config_path, a.created_at'

/** Agents named by pairs of tenant and id, in one query; unknown ones are left out. */
export function* readAgents(pairs: readonly (readonly [string, string])[]): Script<readonly AgentRecord[]> {
  const rows = yield* all<AgentRow>(
    {
      sqlite: `select ${COLUMNS}, 0 as has_key from json_each($1) as asked
        join agents as a on a.tenant = asked.value ->> 0 and a.agent_id = asked.value ->> 1`,
      postgres: `select ${COLUMNS}, 0 as has_key from jsonb_array_elements($1::jsonb) as asked
        join agents as a on a.tenant = asked ->> 0 and a.agent_id = asked ->> 1`,
    },
    JSON.stringify(pairs),
  )
  return rows.map(toRecord)
}

const HAS_KEY = `case when exists (
  select 1 from api_keys as k where k.tenant = a.tenant and k.user_id = a.user_id and k.subject_type = 'agent'
    and k.subject_id = a.agent_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > $3)
) then 1 else 0 end as has_key`

/** A tenant's agents, or those of one user, in the order of their ids. */
export function* listAgents(tenant: string, userId: string | null, now: number): Script<readonly ListedAgent[]> {
  const rows = yield* all<AgentRow>(
    `select ${COLUMNS}, ${HAS_KEY} from agents as a where a.tenant = $1 and ($2 = '' or a.user_id = $2) order by a.agent_id`,
    tenant,
    userId ?? '',
    now,
  )
  return rows.map(toRecord)
}

/** An agent, or null. */
export function* findAgent(tenant: string, agentId: string, now: number): Script<ListedAgent | null> {
  const row = yield* first<AgentRow>(
    `select ${COLUMNS}, ${HAS_KEY} from agents as a where a.tenant = $1 and a.agent_id = $2`,
    tenant,
    agentId,
    now,
  )
  return row === undefined ? null : toRecord(row)
}

/** What is known of an agent, as text that differs after every change of it. */
export function stateOf(agent: AgentRecord): string {
  const { tenant, agentId, userId, name, description, inheritPermissions, metadata, configPath, createdAt } = agent
  const facts = [tenant, agentId, userId, name, description, inheritPermissions, metadata, configPath, createdAt]
  return JSON.stringify(facts)
}

function toRecord(row: AgentRow): ListedAgent {
  return {
    tenant: row.tenant,
    agentId: row.agent_id,
    userId: row.user_id,
    name: row.name,
    description: row.description,
    inheritPermissions: row.inherit_permissions === 1,
    metadata: JSON.parse(row.metadata) as JsonObject,
    configPath: row.config_path,
    createdAt: row.created_at,
    hasKey: row.has_key === 1,
  }
}
