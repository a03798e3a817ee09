import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { first, run, type Script } from '../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'
import type { NotMade } from '../files/commands/mutation.ts'
import { remove, type RemoveRequest } from '../files/commands/remove.ts'
import { writeFile, type WriteFileRequest } from '../files/commands/write-file.ts'
import { createKey } from '../keys/commands.ts'
import type { KeyRecord } from '../keys/key-record.ts'
import type { OutboxReceipt } from '../outbox/entry.ts'
import { appendOutbox, lockTenant } from '../outbox/scripts.ts'
import type { SharedAbroad } from '../sharing/shared-abroad.ts'
import { type AgentRecord, findAgent, stateOf } from './agent-record.ts'
import { forgottenAgent, inheritance, registration } from './relationships.ts'

/** What became of a change of an agent; 'unknown' if there is none. */
export type AgentChange = NotMade | { readonly outcome: 'unknown' } | AgentChanged

interface AgentChanged {
  readonly outcome: 'done'
  readonly receipts: readonly OutboxReceipt[]
}

interface Change {
  readonly agent: AgentRecord
  readonly audit: AuditRow
  /** Id of the outbox entry. */
  readonly entryId: string
  readonly leaseOwner: string | null
}

export interface RegisterAgentRequest extends Change {
  /** Writes its config.yaml. */
  readonly config: WriteFileRequest
  readonly key: KeyRecord | null
}

export interface UpdateAgentRequest extends Change {
  /** The state that `agent` was computed from. */
  readonly seen: string
  readonly config: WriteFileRequest
}

export interface DeleteAgentRequest extends Change {
  /** Removes its directory; null if there is none. */
  readonly directory: RemoveRequest | null
  readonly shares: readonly SharedAbroad[]
}

/** The transactions of agents. Each is one unit: rows, files, and the permissions that follow from the outbox. */
export const agentCommands = { putAgent, registerAgent, updateAgent, deleteAgent }

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

/** @throws NexusError ALREADY_EXISTS */
function* registerAgent(request: RegisterAgentRequest): Script<AgentChange> {
  const { agent, config, key } = request
  yield* lockTenant(agent.tenant, agent.createdAt)
  if (yield* exists(agent)) throw new NexusError('ALREADY_EXISTS', `Agent already exists: ${agent.agentId}`)
  const file = yield* writeFile(config)
  if (file.outcome !== 'done') return file
  yield* putAgent(agent)
  if (key !== null) yield* createKey(key)
  return yield* changed(request, registration(agent), [file.receipt])
}

/** Writes the whole record: 'changed' if it is not the one any more that the new one was made from. */
function* updateAgent(request: UpdateAgentRequest): Script<AgentChange> {
  const { agent, seen, config, audit } = request
  yield* lockTenant(agent.tenant, agent.createdAt)
  const before = yield* findAgent(agent.tenant, agent.agentId, audit.at)
  if (before === null) return { outcome: 'unknown' }
  if (stateOf(before) !== seen) return { outcome: 'changed' }
  const file = yield* writeFile(config)
  if (file.outcome !== 'done') return file
  yield* putAgent(agent)
  yield* run(
    `update api_keys set inherit_permissions = $3 where tenant = $1 and subject_type = 'agent' and subject_id = $2`,
    agent.tenant,
    agent.agentId,
    agent.inheritPermissions ? 1 : 0,
  )
  return yield* changed(request, [inheritance(agent)], [file.receipt])
}

/** Its keys open nothing any more, its directory goes to the trash, and no relationship names it. */
function* deleteAgent(request: DeleteAgentRequest): Script<AgentChange> {
  const { agent, directory, shares, audit } = request
  yield* lockTenant(agent.tenant, audit.at)
  if (!(yield* exists(agent))) return { outcome: 'unknown' }
  const removed = directory === null ? null : yield* remove(directory)
  if (removed !== null && removed.outcome !== 'done') return removed
  yield* forgetAgent(agent, audit.at)
  return yield* changed(request, forgottenAgent(agent.agentId, shares), [removed?.receipt ?? null])
}

/** The rows of an agent, without its directory and its relationships. */
function* forgetAgent({ tenant, agentId }: AgentRecord, now: number): Script<void> {
  yield* run(
    `update api_keys set revoked_at = $3
     where tenant = $1 and subject_type = 'agent' and subject_id = $2 and revoked_at is null`,
    tenant,
    agentId,
    now,
  )
  yield* run('delete from agents where tenant = $1 and agent_id = $2', tenant, agentId)
}

function* changed(
  { agent, audit, entryId, leaseOwner }: Change,
  changes: Parameters<typeof appendOutbox>[0]['changes'],
  earlier: readonly (OutboxReceipt | null)[],
): Script<AgentChanged> {
  yield* insertAudit(audit)
  const paths = [agent.configPath]
  const receipt = yield* appendOutbox({ tenant: agent.tenant, entryId, paths, changes, now: audit.at, leaseOwner })
  return { outcome: 'done', receipts: [...earlier, receipt].filter((one) => one !== null) }
}

function* exists({ tenant, agentId }: AgentRecord): Script<boolean> {
  return (
    (yield* first('select agent_id from agents where tenant = $1 and agent_id = $2', tenant, agentId)) !== undefined
  )
}
