import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Caller } from '../context.ts'
import type { AgentRecord } from '../agents/agent-record.ts'
import type { FreshCache } from './fresh-cache.ts'
import { hashKey, isKeyShaped } from './key-format.ts'
import { isLive, type KeyRecord } from './key-record.ts'
import type { LastUsed } from './last-used.ts'

export interface AuthenticatorOptions {
  readonly keys: FreshCache<KeyRecord>
  /** By `agentCacheKey`. */
  readonly agents: FreshCache<AgentRecord>
  readonly lastUsed: LastUsed
  /** Hashes of keys that are public knowledge and open nothing here. */
  readonly refusedHashes: ReadonlySet<string>
}

/** Where an agent stands in the cache; no name contains U+0000. */
export function agentCacheKey(tenant: string, agentId: string): string {
  return `${tenant}\u0000${agentId}`
}

/** Turns an API key and the header X-Agent-ID into the caller that they stand for. */
export class Authenticator {
  readonly #options: AuthenticatorOptions

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /**
   * @throws NexusError UNAUTHENTICATED if the key is missing, unknown, revoked or expired; ACCESS_DENIED if the agent is
   *   not one of the key's owner, whether or not there is such an agent; UNAVAILABLE if the database gave no answer
   */
  async authenticate(authorization: string | undefined, agentId: string | undefined, now: number): Promise<Caller> {
    const key = await this.#findKey(authorization, now)
    if (key === null) throw new NexusError('UNAUTHENTICATED', 'Invalid or missing API key')
    this.#options.lastUsed.note(key.keyId, now)
    const caller = callerOf(key)
    if (agentId === undefined || agentId === caller.agentId) return caller
    const agent =
      key.subjectType === 'agent' ? null : await this.#options.agents.get(agentCacheKey(key.tenant, agentId))
    if (agent === null || agent.userId !== key.userId) {
      throw new NexusError('ACCESS_DENIED', `Access denied: X-Agent-ID does not name an agent of user '${key.userId}'`)
    }
    return asAgent(caller, agent)
  }

  async #findKey(authorization: string | undefined, now: number): Promise<KeyRecord | null> {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (token === undefined || !isKeyShaped(token)) return null
    const hash = hashKey(token)
    if (this.#options.refusedHashes.has(hash)) return null
    const key = await this.#options.keys.get(hash)
    return key !== null && isLive(key, now) ? key : null
  }
}

function callerOf(key: KeyRecord): Caller {
  const isAgent = key.subjectType === 'agent'
  return {
    keyId: key.keyId,
    tenant: key.tenant,
    subject: { tenant: '', type: key.subjectType, id: key.subjectId, relation: '' },
    user: key.userId,
    agentId: isAgent ? key.subjectId : null,
    // Whoever owns an agent: it never has an administrator's rights.
    isAdmin: key.isAdmin && !isAgent,
    isGlobalAdmin: key.isAdmin && key.isGlobalAdmin && !isAgent,
    inheritPermissions: key.inheritPermissions,
  }
}

function asAgent(caller: Caller, agent: AgentRecord): Caller {
  return {
    ...caller,
    subject: { tenant: '', type: 'agent', id: agent.agentId, relation: '' },
    agentId: agent.agentId,
    isAdmin: false,
    isGlobalAdmin: false,
    inheritPermissions: agent.inheritPermissions,
  }
}
