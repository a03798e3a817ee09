import { stringify } from 'yaml'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import { parseYaml } from '../yaml.ts'
import type { AgentRecord } from './agent-record.ts'

/** A larger config.yaml is not looked into. */
export const MAX_CONFIG_BYTES = 65_536
/** How often YAML may name the same value again; more is taken for an attack. */
const MAX_ALIASES = 16

/** What an agent's config.yaml says besides what is registered. */
export interface AgentSettings {
  readonly platform?: string
  readonly endpoint_url?: string
  /** The agent's id on its platform. */
  readonly config_agent_id?: string
  readonly system_prompt?: string
  readonly tools?: JsonValue
}

/**
 * The config.yaml of an agent. What else its owner wrote there stays, with its comments; a file that cannot be read as
 * YAML is replaced. It never holds a key.
 */
export function writeAgentConfig(agent: AgentRecord, existing: Uint8Array | null): Uint8Array {
  const members = {
    agent_id: agent.agentId,
    name: agent.name,
    user_id: agent.userId,
    description: agent.description,
    created_at: new Date(agent.createdAt).toISOString().replace('Z', '+00:00'),
    metadata: agent.metadata,
    inherit_permissions: agent.inheritPermissions,
  }
  const document = existing === null ? null : mapping(existing)
  if (document === null) return Buffer.from(stringify(members), 'utf8')
  for (const [name, value] of Object.entries(members)) document.set(name, value)
  document.delete('api_key')
  return Buffer.from(document.toString(), 'utf8')
}

/** What config.yaml says, and where it says nothing what was registered. */
export function readAgentSettings(agent: AgentRecord, config: Uint8Array | null): AgentSettings {
  const written = (config === null ? null : toObject(config)) ?? {}
  const inner = isObject(written['metadata']) ? written['metadata'] : {}
  const find = (name: string) => written[name] ?? inner[name] ?? agent.metadata[name]
  // `agent_id` on top is the agent's own; its platform's stands in the metadata.
  const elsewhere = inner['agent_id'] ?? agent.metadata['agent_id']
  const tools = find('tools')
  return {
    ...text('platform', find('platform')),
    ...text('endpoint_url', find('endpoint_url')),
    ...text('config_agent_id', elsewhere),
    ...text('system_prompt', find('system_prompt')),
    ...(tools === undefined || tools === null ? {} : { tools }),
  }
}

function text<N extends string>(name: N, value: JsonValue | undefined): { readonly [K in N]?: string } {
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as { readonly [K in N]?: string }
}

function mapping(content: Uint8Array) {
  if (toObject(content) === null) return null
  return parse(content)
}

function toObject(content: Uint8Array): JsonObject | null {
  try {
    const document = parse(content)
    if (document === null) return null
    const value: unknown = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES })))
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function parse(content: Uint8Array) {
  if (content.byteLength > MAX_CONFIG_BYTES) return null
  const parsed = parseYaml(Buffer.from(content).toString('utf8'))
  return parsed.ok ? parsed.document : null
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
