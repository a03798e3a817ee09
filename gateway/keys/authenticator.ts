import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Caller } from '../context.ts'
import type { AgentRecord } from '../agents/agent-record.ts'
import { SESSION_KEY, type SessionRecord } from '../sign-in/session-record.ts'
import { isTokenShaped, type Sessions } from '../sign-in/sessions.ts'
import type { FreshCache } from './fresh-cache.ts'
import { type Guesses, tooManyGuesses } from './guesses.ts'
import { hashKey, isKeyShaped } from './key-format.ts'
import { isLive, type KeyRecord } from './key-record.ts'
import type { LastUsed } from './last-used.ts'

export interface AuthenticatorOptions {
  readonly keys: FreshCache<KeyRecord>
  /** By `agentCacheKey`. */
  readonly agents: FreshCache<AgentRecord>
  readonly sessions: Sessions
  readonly lastUsed: LastUsed
  readonly guesses: Guesses
  /** Hashes of keys that are public knowledge and open nothing here. */
  readonly refusedHashes: ReadonlySet<string>
}

/** Where an agent stands in the cache; no name contains U+0000. */
export function agentCacheKey(tenant: string, agentId: string): string {
  return `${tenant}\u0000${agentId}`
}

/** Turns an API key, or the token of a session, and the header X-Agent-ID into the caller that they stand for. */
export class Authenticator {
  readonly #options: AuthenticatorOptions

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /**
   * @param address of the client; many bad keys from one are answered slowly
   * @throws NexusError UNAUTHENTICATED if the key is missing, unknown, revoked or expired; ACCESS_DENIED if the agent is
   *   not one of the key's owner, whether or not there is such an agent; BUSY; UNAVAILABLE if the database gave no answer
   */
  async authenticate(
    authorization: string | undefined,
    agentId: string | undefined,
    now: number,
    address: string,
  ): Promise<Caller> {
    const caller = await this.#find(authorization, now, address)
    if (caller === null) {
      if (authorization !== undefined) await this.#options.guesses.answer(address, now)
      throw new NexusError('UNAUTHENTICATED', 'Invalid or missing API key')
    }
    if (agentId === undefined || agentId === caller.agentId) return caller
    const agent = caller.agentId === null ? await this.#options.agents.get(agentCacheKey(caller.tenant, agentId)) : null
    if (agent === null || agent.userId !== caller.user) {
      throw new NexusError('ACCESS_DENIED', `Access denied: X-Agent-ID does not name an agent of user '${caller.user}'`)
    }
    return asAgent(caller, agent)
  }

  async #find(authorization: string | undefined, now: number, address: string): Promise<Caller | null> {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return null
    if (isTokenShaped(token)) {
      const session = await this.#options.sessions.find(token, now)
      return session === null ? null : sessionCaller(session)
    }
    const key = isKeyShaped(token) ? await this.#findKey(hashKey(token), now, address) : null
    if (key === null) return null
    this.#options.lastUsed.note(key.keyId, now)
    return callerOf(key)
  }

  async #findKey(hash: string, now: number, address: string): Promise<KeyRecord | null> {
    const { refusedHashes, keys, guesses } = this.#options
    if (refusedHashes.has(hash)) return null
    if (guesses.refuses(address) && !keys.knows(hash)) throw tooManyGuesses()
    const key = await keys.get(hash)
    return key !== null && isLive(key, now) ? key : null
  }
}

/** Whoever signs in with a password is a user like others: administrators have keys. */
function sessionCaller({ sessionId, tenant, userId }: SessionRecord): Caller {
  return {
    keyId: `${SESSION_KEY}${sessionId}`,
    tenant,
    subject: { tenant: '', type: 'user', id: userId, relation: '' },
    user: userId,
    agentId: null,
    isAdmin: false,
    isGlobalAdmin: false,
    inheritPermissions: false,
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
