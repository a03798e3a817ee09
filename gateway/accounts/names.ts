import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** A path component `user:ID` has at most 255 bytes. */
const MAX_USER_BYTES = 200
const MAX_AGENT_NAME_BYTES = 200
const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/

/** @throws NexusError INVALID_PARAMS */
export function checkTenant(tenant: string): string {
  if (TENANT.test(tenant)) return tenant
  throw invalid('tenant_id must be 1 to 63 of a-z, 0-9, "_", "-", and begin with a letter or digit')
}

/**
 * The one spelling of a user's id. It stands in paths (`user:ID`), in agents' ids (`ID,NAME`) and in relationships.
 * @throws NexusError INVALID_PARAMS
 */
export function checkUserId(userId: string): string {
  const id = userId.normalize('NFC')
  const problem = nameProblem(id, MAX_USER_BYTES)
  if (problem === null) return id
  throw invalid(`user_id ${problem}`)
}

/** An agent's id in its parts. */
export interface AgentId {
  readonly agentId: string
  readonly userId: string
  readonly name: string
}

/** Reads `user,name`. @throws NexusError INVALID_PARAMS */
export function parseAgentId(text: string): AgentId {
  const agentId = text.normalize('NFC')
  const comma = agentId.indexOf(',')
  if (comma === -1) throw invalid("agent_id must be its owner's id, a comma and a name, such as alice,helper")
  const userId = checkUserId(agentId.slice(0, comma))
  const name = agentId.slice(comma + 1)
  const problem = nameProblem(name, MAX_AGENT_NAME_BYTES)
  if (problem !== null) throw invalid(`the name in agent_id ${problem}`)
  return { agentId, userId, name }
}

/** Where everything of a user is. */
export function homeOf(tenant: string, userId: string): string {
  return `/tenant:${tenant}/user:${userId}`
}

function nameProblem(name: string, maxBytes: number): string | null {
  if (name === '') return 'must not be empty'
  if (Buffer.byteLength(name) > maxBytes) return `must have at most ${maxBytes} bytes`
  if (/[,:/\p{Cc}]/u.test(name)) return 'must not contain "," ":" "/" or control characters'
  if (name === '*' || name === '.' || name === '..') return `must not be "${name}"`
  if (name.trim() !== name) return 'must not begin or end with a space'
  return name.isWellFormed() ? null : 'must be well-formed Unicode'
}

function invalid(message: string): NexusError {
  return new NexusError('INVALID_PARAMS', message)
}
