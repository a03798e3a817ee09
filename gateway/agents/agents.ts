import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonObject } from '../../services/common/json.ts'
import { type AgentId, homeOf, parseAgentId } from '../accounts/names.ts'
import type { Auditor } from '../audit/auditor.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { CallContext } from '../context.ts'
import { change, mutation } from '../files/change.ts'
import type { WriteFileRequest } from '../files/commands/write-file.ts'
import type { FileDeps } from '../files/deps.ts'
import { parentPath, resolvePath } from '../files/paths.ts'
import { newKey } from '../keys/new-key.ts'
import { sharedAbroad } from '../sharing/shared-abroad.ts'
import { type AgentSettings, readAgentSettings } from './agent-config.ts'
import { type AgentRecord, findAgent, listAgents, type ListedAgent, stateOf } from './agent-record.ts'
import { applied, changeWithConfig, readConfig, settled } from './config-file.ts'

/** What may be said of an agent, and changed; what is undefined stays. */
export interface AgentFacts {
  readonly name?: string | undefined
  readonly description?: string | null | undefined
  readonly inheritPermissions?: boolean | undefined
  readonly metadata?: JsonObject | undefined
}

/**
 * The agents of a tenant's users. An agent's id says whose it is: to others than its owner and administrators it is
 * denied, whether or not it exists. An agent knows itself, and changes none.
 * Errors: INVALID_PARAMS, ACCESS_DENIED, UNAVAILABLE, and those that are named.
 */
export interface Agents {
  /** One's own; an administrator sees the tenant's, an agent only itself. */
  list(context: CallContext): Promise<readonly ListedAgent[]>
  /** null if there is none, or the caller may not know of it. */
  find(context: CallContext, agentId: string): Promise<(ListedAgent & { readonly settings: AgentSettings }) | null>
  /** With a key of its own if `withKey`; it is shown this once. @throws NexusError ALREADY_EXISTS */
  register(
    context: CallContext,
    agentId: string,
    facts: AgentFacts & { readonly name: string; readonly withKey: boolean },
  ): Promise<{ readonly agent: AgentRecord; readonly key: string | null }>
  /** @throws NexusError NOT_FOUND */
  update(context: CallContext, agentId: string, facts: AgentFacts): Promise<ListedAgent>
  /** Keys, relationships and directory go with it, as one unit. false if there is none. */
  delete(context: CallContext, agentId: string): Promise<boolean>
}

export function createAgents(deps: FileDeps, auditor: Auditor): Agents {
  const { db } = deps

  /** @throws NexusError INVALID_PARAMS, ACCESS_DENIED */
  function requireOwner(context: CallContext, text: string, action: string): AgentId {
    const id = parseAgentId(text)
    const { caller } = context
    if (caller.agentId === null && (caller.isAdmin || id.userId === caller.user)) return id
    auditor.denied(context, action, `agent:${id.agentId}`)
    throw new NexusError(
      'ACCESS_DENIED',
      `Access denied: User '${caller.subject.id}' does not have permission to change the agent '${id.agentId}'`,
    )
  }

  function find({ caller, now, scope }: CallContext, agentId: string): Promise<ListedAgent | null> {
    return db.read(() => findAgent(caller.tenant, agentId, now), { deadline: scope.deadline })
  }

  const writing = ({ caller, scope }: CallContext) => ({ group: caller.tenant, deadline: scope.deadline })
  const changing = (context: CallContext, agent: AgentRecord, action: string) => ({
    agent,
    audit: auditRow(context, action, `agent:${agent.agentId}`),
    entryId: uuidv7(),
    leaseOwner: deps.outbox.leaseOwner,
  })

  return {
    async list({ caller, now, scope }) {
      const user = caller.isAdmin ? null : caller.user
      const agents = await db.read(() => listAgents(caller.tenant, user, now), { deadline: scope.deadline })
      return caller.agentId === null ? agents : agents.filter((agent) => agent.agentId === caller.agentId)
    },

    async find(context, text) {
      const { agentId, userId } = parseAgentId(text)
      const { caller } = context
      const visible = caller.agentId === null ? caller.isAdmin || userId === caller.user : agentId === caller.agentId
      const agent = visible ? await find(context, agentId) : null
      if (agent === null) return null
      return { ...agent, settings: readAgentSettings(agent, await readConfig(deps, context, agent)) }
    },

    async register(context, text, { withKey, ...facts }) {
      const { agentId, userId, name } = requireOwner(context, text, 'register_agent')
      const { tenant } = context.caller
      const agent: AgentRecord = {
        tenant,
        agentId,
        userId,
        name: facts.name,
        description: facts.description ?? null,
        inheritPermissions: facts.inheritPermissions ?? false,
        metadata: facts.metadata ?? {},
        configPath: configPathOf(tenant, { userId, name }),
        createdAt: context.now,
      }
      const made = withKey ? agentKey(agent, context.now) : null
      const change = { ...changing(context, agent, 'register_agent'), key: made?.record ?? null }
      const run = (config: WriteFileRequest) => db.write('registerAgent', { ...change, config }, writing(context))
      await changeWithConfig(deps, context, agent.configPath, async () => ({ agent, run }))
      return { agent, key: made?.key ?? null }
    },

    async update(context, text, facts) {
      const id = requireOwner(context, text, 'update_agent')
      const unknown = new NexusError('NOT_FOUND', `Agent not found: ${id.agentId}`)
      const made = await changeWithConfig(deps, context, configPathOf(context.caller.tenant, id), async () => {
        const before = await find(context, id.agentId)
        if (before === null) throw unknown
        const agent = updated(before, facts)
        const request = { ...changing(context, agent, 'update_agent'), seen: stateOf(before) }
        return { agent, run: (config) => db.write('updateAgent', { ...request, config }, writing(context)) }
      })
      if (made === null) throw unknown
      return made
    },

    async delete(context, text) {
      const { agentId } = requireOwner(context, text, 'delete_agent')
      const agent = await find(context, agentId)
      if (agent === null) return false
      const subject = { type: 'agent', id: agentId }
      const shares = await sharedAbroad(deps.incoming, agent.tenant, [subject], context.scope.deadline)
      const request = { ...changing(context, agent, 'delete_agent'), shares }
      const at = resolvePath(parentPath(agent.configPath), agent.tenant)
      const result = await change(deps, context, at, async (found) => {
        const how = { action: 'rmdir', recursive: true, trashId: uuidv7() } as const
        const directory = found.node === null ? null : { ...mutation(deps, context, at, found, false), ...how }
        return settled(await db.write('deleteAgent', { ...request, directory }, writing(context)))
      })
      return await applied(deps, context, result)
    },
  }
}

function configPathOf(tenant: string, { userId, name }: Pick<AgentId, 'userId' | 'name'>): string {
  return `${homeOf(tenant, userId)}/agent/${name}/config.yaml`
}

function updated(agent: ListedAgent, facts: AgentFacts): ListedAgent {
  return {
    ...agent,
    name: facts.name ?? agent.name,
    description: facts.description === undefined ? agent.description : facts.description,
    inheritPermissions: facts.inheritPermissions ?? agent.inheritPermissions,
    metadata: facts.metadata ?? agent.metadata,
  }
}

function agentKey(agent: AgentRecord, now: number) {
  return newKey({
    tenant: agent.tenant,
    userId: agent.userId,
    subjectType: 'agent',
    subjectId: agent.agentId,
    name: agent.name,
    isAdmin: false,
    isGlobalAdmin: false,
    inheritPermissions: agent.inheritPermissions,
    createdAt: now,
    expiresAt: null,
  })
}
