import { randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { FreshCache } from '../keys/fresh-cache.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { readSessions, type SessionRecord } from './session-record.ts'

const ALGORITHM = 'HS256'
const ISSUER = 'nexus'
/** A session that ended is refused after this long at the latest, on every gateway. In milliseconds. */
const MAX_AGE_MS = 900
const SESSIONS_KEPT = 20_000
const TOKEN = /^eyJ[\w-]{1,512}\.[\w-]{1,1024}\.[\w-]{1,128}$/

/** Tokens of sessions. A token alone opens nothing: its session must go on. */
export interface Sessions {
  tokenOf(session: SessionRecord): Promise<string>
  /** The session that a token stands for; null if there is none, or none any more. */
  find(token: string, now: number): Promise<SessionRecord | null>
}

/** Whether a text can be the token of a session at all. */
export function isTokenShaped(text: string): boolean {
  return TOKEN.test(text)
}

export function createSessions(db: GatewayDatabase): Sessions {
  let secret: Promise<Uint8Array> | undefined
  const cache = new FreshCache<SessionRecord>({
    maxAgeMs: MAX_AGE_MS,
    maxEntries: SESSIONS_KEPT,
    async load(ids) {
      const sessions = await db.read(() => readSessions(ids))
      return new Map(sessions.map((session) => [session.sessionId, session]))
    },
  })

  /** Made once in the life of a database, and shared by all of its gateways. */
  function key(): Promise<Uint8Array> {
    secret ??= db.write('sessionSecret', randomBytes(32).toString('base64')).then(
      (text) => Buffer.from(text, 'base64'),
      (error: unknown) => {
        secret = undefined
        throw error
      },
    )
    return secret
  }

  return {
    async tokenOf({ sessionId, userId, tenant, createdAt, expiresAt }) {
      return await new SignJWT({ tenant_id: tenant })
        .setProtectedHeader({ alg: ALGORITHM })
        .setIssuer(ISSUER)
        .setSubject(userId)
        .setJti(sessionId)
        .setIssuedAt(Math.floor(createdAt / 1_000))
        .setExpirationTime(Math.floor(expiresAt / 1_000))
        .sign(await key())
    },

    async find(token, now) {
      const sessionId = await verified(token, await key(), now)
      const session = sessionId === null ? null : await cache.get(sessionId)
      return session !== null && session.expiresAt > now ? session : null
    },
  }
}

/** The id of the session in a token that this server signed and that has not expired. */
async function verified(token: string, key: Uint8Array, now: number): Promise<string | null> {
  try {
    const options = { algorithms: [ALGORITHM], issuer: ISSUER, currentDate: new Date(now) }
    const { payload } = await jwtVerify(token, key, options)
    return payload.jti ?? null
  } catch {
    return null
  }
}
