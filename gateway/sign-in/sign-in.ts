import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { UserRecord } from '../accounts/user-record.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { AuditRow } from '../audit/commands.ts'
import type { CallContext } from '../context.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { type Attempt, registrationAttempt, signInAttempt } from './attempts.ts'
import { type Credentials, credentialsOf, credentialsOfUser, identifierKey } from './credentials.ts'
import { checkNewPassword, type Passwords } from './passwords.ts'
import { SESSION_KEY, type SessionRecord } from './session-record.ts'
import type { Sessions } from './sessions.ts'

/** Of a request by somebody who is not known yet. */
export interface Visitor {
  /** Address of the client. */
  readonly address: string
  readonly requestId: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds since 1970. */
  readonly deadline: number
}

export interface Registration {
  readonly email: string
  readonly password: string
  readonly username: string | null
  readonly displayName: string | null
}

/** Somebody who has just signed in. */
export interface SignedIn {
  readonly user: UserRecord
  /** Opens what an API key of the user would; it is nowhere else. */
  readonly token: string
}

/**
 * People with passwords. Who they are is said to nobody: an unknown name and a wrong password are one answer, after the
 * same work. Errors: INVALID_PARAMS, UNAVAILABLE; BUSY with `retry_after` in seconds after too many failures.
 */
export interface SignIn {
  /** @throws NexusError ACCESS_DENIED where registration is closed, ALREADY_EXISTS */
  register(visitor: Visitor, registration: Registration): Promise<SignedIn>
  /** @throws NexusError UNAUTHENTICATED */
  signIn(visitor: Visitor, identifier: string, password: string): Promise<SignedIn>
  /** Whoever calls; of one who only has keys little is known. @throws NexusError ACCESS_DENIED to an agent */
  me(context: CallContext): Promise<UserRecord>
  /** What is undefined stays. @throws NexusError ACCESS_DENIED to an agent, NOT_FOUND without an account */
  changeMe(
    context: CallContext,
    changes: { readonly displayName?: string | null | undefined; readonly avatarUrl?: string | null | undefined },
  ): Promise<UserRecord>
  /** Ends every session, and begins a new one. @throws NexusError ACCESS_DENIED, INVALID_PARAMS if the old one is wrong */
  changePassword(context: CallContext, visitor: Visitor, before: string, after: string): Promise<SignedIn>
  /** Ends the session that the call was made with; an API key stays as it is. */
  signOut(context: CallContext): Promise<void>
}

export interface SignInOptions {
  readonly db: GatewayDatabase
  readonly outbox: Outbox
  readonly auditor: Auditor
  readonly passwords: Passwords
  readonly sessions: Sessions
  /** The tenant of those who register; null: nobody may. */
  readonly registrationTenant: string | null
  /** How long a session goes on, in milliseconds. */
  readonly sessionMs: number
}

export function createSignIn(options: SignInOptions): SignIn {
  const { db, outbox, auditor, passwords, sessions, registrationTenant, sessionMs } = options

  const begin = (tenant: string, userId: string, now: number): SessionRecord => ({
    sessionId: uuidv7(),
    tenant,
    userId,
    createdAt: now,
    expiresAt: now + sessionMs,
  })

  /** @throws NexusError BUSY */
  async function count(attempt: Attempt, { now, deadline }: Visitor): Promise<void> {
    const wait = await db.write('beginAttempt', { attempt, now }, { group: 'sign-in', deadline })
    if (wait === 0) return
    const seconds = Math.ceil(wait / 1_000)
    throw new NexusError('BUSY', `Too many failed attempts: try again in ${seconds} seconds`, {
      data: { retry_after: seconds },
    })
  }

  /** @throws NexusError ACCESS_DENIED, NOT_FOUND */
  async function account(context: CallContext): Promise<Credentials> {
    refuseAgent(context)
    const { tenant, user } = context.caller
    const found = await db.read(() => credentialsOfUser(tenant, user), { deadline: context.scope.deadline })
    if (found === null) throw new NexusError('NOT_FOUND', 'This user has an API key only, and no account')
    return found
  }

  return {
    async register(visitor, registration) {
      if (registrationTenant === null)
        throw new NexusError('ACCESS_DENIED', 'Registration is closed: ask an administrator for an account')
      const { email, username, password } = registration
      const { now, deadline } = visitor
      const keys = checkRegistration(registration)
      await count(registrationAttempt(visitor.address), visitor)
      // Before it is known whether the address is free: that is not to be told from the time that it takes.
      const stored = await passwords.hash(password, deadline)
      const userId = `user_${randomBytes(8).toString('hex')}`
      const tenant = registrationTenant
      const session = begin(tenant, userId, now)
      const { displayName } = registration
      const receipt = await db.write(
        'registerUser',
        {
          user: { tenant, userId, email, displayName, now, entryId: uuidv7(), leaseOwner: outbox.leaseOwner },
          ...keys,
          username,
          password: stored,
          session,
          audit: auditRow(visitor, session, 'register', 'ok'),
        },
        { group: 'sign-in', deadline },
      )
      await outbox.committed(receipt, deadline)
      const user = { tenant, userId, email, username, displayName, avatarUrl: null, createdAt: now, lastLoginAt: now }
      return { user, token: await sessions.tokenOf(session) }
    },

    async signIn(visitor, identifier, password) {
      const { now, deadline } = visitor
      const key = identifierKey(identifier)
      const attempt = signInAttempt(key, visitor.address)
      await count(attempt, visitor)
      const user = await db.read(() => credentialsOf(key), { deadline })
      const right = await passwords.matches(password, user?.password ?? null, deadline)
      const session = user === null ? null : begin(user.tenant, user.userId, now)
      if (right && user !== null && user.password !== null && session !== null) {
        const request = {
          session,
          attempt,
          password: user.password,
          audit: auditRow(visitor, session, 'sign_in', 'ok'),
        }
        if (await db.write('signIn', request, { group: 'sign-in', deadline }))
          return { user: { ...user, lastLoginAt: now }, token: await sessions.tokenOf(session) }
      }
      if (session !== null) auditor.note({ ...auditRow(visitor, session, 'sign_in', 'denied'), keyId: null })
      throw new NexusError('UNAUTHENTICATED', 'Invalid email, username or password')
    },

    async me(context) {
      refuseAgent(context)
      const { tenant, user } = context.caller
      const found = await db.read(() => credentialsOfUser(tenant, user), { deadline: context.scope.deadline })
      return found ?? nobodyKnown(tenant, user)
    },

    async changeMe(context, changes) {
      const { tenant, userId } = await account(context)
      const audit = auditRow(ofContext(context), { tenant, userId, sessionId: '' }, 'change_profile', 'ok')
      const request = { ...changes, tenant, userId, audit: { ...audit, keyId: context.caller.keyId } }
      await db.write('changeProfile', request, { group: 'sign-in', deadline: context.scope.deadline })
      return await account(context)
    },

    async changePassword(context, visitor, before, after) {
      const user = await account(context)
      const { tenant, userId } = user
      if (user.password === null) throw new NexusError('INVALID_PARAMS', 'This account has no password to change')
      checkNewPassword(after)
      const attempt = signInAttempt(`${tenant}:${userId}`, visitor.address)
      await count(attempt, visitor)
      const wrong = new NexusError('INVALID_PARAMS', 'The old password is wrong')
      if (!(await passwords.matches(before, user.password, visitor.deadline))) throw wrong
      if (before === after) throw new NexusError('INVALID_PARAMS', 'The new password is the old one')
      const session = begin(tenant, userId, visitor.now)
      const stored = await passwords.hash(after, visitor.deadline)
      const audit = { ...auditRow(visitor, session, 'change_password', 'ok'), keyId: context.caller.keyId }
      const request = { session, attempt, before: user.password, after: stored, audit }
      const { deadline } = visitor
      if (!(await db.write('changePassword', request, { group: 'sign-in', deadline }))) throw wrong
      return { user, token: await sessions.tokenOf(session) }
    },

    async signOut({ caller, now, scope }) {
      if (!caller.keyId.startsWith(SESSION_KEY)) return
      const sessionId = caller.keyId.slice(SESSION_KEY.length)
      await db.write('endSession', { sessionId, now }, { group: 'sign-in', deadline: scope.deadline })
    },
  }
}

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$/u

/** @throws NexusError INVALID_PARAMS */
function checkRegistration({ email, username, password }: Registration) {
  if (!EMAIL.test(email)) throw new NexusError('INVALID_PARAMS', 'email must be an address such as alice@example.org')
  if (username !== null && !USERNAME.test(username))
    throw new NexusError(
      'INVALID_PARAMS',
      'username must be 2 to 64 letters, digits, ".", "_" or "-", and begin with one of the first two',
    )
  checkNewPassword(password)
  return { emailKey: identifierKey(email), usernameKey: username === null ? null : identifierKey(username) }
}

function refuseAgent({ caller }: CallContext): void {
  if (caller.agentId !== null)
    throw new NexusError('ACCESS_DENIED', "Access denied: an account is its user's, not an agent's")
}

function nobodyKnown(tenant: string, userId: string): UserRecord {
  const unknown = { email: null, username: null, displayName: null, avatarUrl: null, createdAt: 0, lastLoginAt: null }
  return { tenant, userId, ...unknown }
}

function ofContext({ now, requestId }: CallContext): Pick<Visitor, 'now' | 'requestId'> {
  return { now, requestId }
}

function auditRow(
  { now, requestId }: Pick<Visitor, 'now' | 'requestId'>,
  { tenant, userId, sessionId }: Pick<SessionRecord, 'tenant' | 'userId' | 'sessionId'>,
  action: string,
  outcome: AuditRow['outcome'],
): AuditRow {
  const name = `user:${userId}`
  const keyId = `${SESSION_KEY}${sessionId}`
  return {
    tenant,
    entryId: uuidv7(),
    at: now,
    actor: name,
    keyId,
    requestId,
    action,
    path: name,
    outcome,
    detail: null,
  }
}
