import { readAgents } from '../agents/agent-record.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { agentCacheKey, Authenticator } from './authenticator.ts'
import type { Sessions } from '../sign-in/sessions.ts'
import { FreshCache } from './fresh-cache.ts'
import { Guesses } from './guesses.ts'
import { readKeysByHash } from './key-record.ts'
import type { LastUsed } from './last-used.ts'
import { refusedHashes } from './well-known-keys.ts'

/** A revoked key, or a deleted agent, is refused after this long at the latest, on every gateway. In milliseconds. */
const MAX_AGE_MS = 900
const KEYS_KEPT = 50_000
const AGENTS_KEPT = 20_000

export interface CreateAuthenticatorOptions {
  readonly db: GatewayDatabase
  readonly lastUsed: LastUsed
  readonly sessions: Sessions
  readonly production: boolean
}

export function createAuthenticator({ db, lastUsed, sessions, production }: CreateAuthenticatorOptions): Authenticator {
  return new Authenticator({
    lastUsed,
    sessions,
    guesses: new Guesses(),
    refusedHashes: production ? refusedHashes : new Set(),
    keys: new FreshCache({
      maxAgeMs: MAX_AGE_MS,
      maxEntries: KEYS_KEPT,
      async load(hashes) {
        const keys = await db.read(() => readKeysByHash(hashes))
        return new Map(keys.map((key) => [key.keyHash, key]))
      },
    }),
    agents: new FreshCache({
      maxAgeMs: MAX_AGE_MS,
      maxEntries: AGENTS_KEPT,
      async load(keys) {
        const pairs = keys.map((key) => key.split('\u0000') as [string, string])
        const agents = await db.read(() => readAgents(pairs))
        return new Map(agents.map((agent) => [agentCacheKey(agent.tenant, agent.agentId), agent]))
      },
    }),
  })
}
