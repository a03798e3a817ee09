import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import type { ErrorReason } from '../../services/common/errors/catalogue.ts'
import { NexusError, toNexusError } from '../../services/common/errors/nexus-error.ts'
import type { UserRecord } from '../accounts/user-record.ts'
import type { CallContext } from '../context.ts'
import type { Authenticator } from '../keys/authenticator.ts'
import { line, optional, parseParameters, text } from '../rpc/parameters.ts'
import { isoTime } from '../rpc/special-values.ts'
import type { SignedIn, SignIn, Visitor } from '../sign-in/sign-in.ts'
import { bodyReader } from './body.ts'
import { addressOf, callContext } from './call-context.ts'
import type { InFlight } from './in-flight.ts'
import { header, requestIdOf } from './request-facts.ts'
import { sendDetail, sendJson, sendRpcError } from './send.ts'
import type { Logger } from '../../services/common/log.ts'

export interface AuthRoutesOptions {
  readonly signIn: SignIn
  readonly authenticator: Authenticator
  readonly inFlight: InFlight
  readonly requestTimeoutMs: number
  readonly logger: Logger
}

const MAX_BODY_BYTES = 65_536

const registration = z.object({
  email: line,
  password: text,
  username: optional(line),
  display_name: optional(line.max(200)),
})
const credentials = z.object({ identifier: line.min(1).max(320), password: text.max(4_096) })
const profile = z.object({
  display_name: line.max(200).nullable().optional(),
  avatar_url: line
    .max(2_048)
    .regex(/^https:\/\//, 'must begin with https://')
    .nullable()
    .optional(),
})
const passwordChange = z.object({ old_password: text.max(4_096), new_password: text.max(4_096) })

/** /auth: people with passwords, as the frontend calls it. Bodies and answers are plain JSON; errors `{detail}`. */
export function authRoutes(options: AuthRoutesOptions): Router {
  const { signIn } = options
  const readBody = bodyReader(MAX_BODY_BYTES)
  const router = Router()

  const route =
    (run: (request: Request, response: Response) => Promise<{ status: number; body: object }>) =>
    async (request: Request, response: Response): Promise<void> => {
      response.setHeader('Cache-Control', 'no-store')
      try {
        options.inFlight.enter()
        try {
          const { status, body } = await run(request, response)
          sendJson(response, status, JSON.stringify(body))
        } finally {
          options.inFlight.leave()
        }
      } catch (error) {
        sendAuthError(response, toNexusError(error), options.logger)
      }
    }

  const visitor = (request: Request, response: Response): Visitor => {
    const now = Date.now()
    const deadline = now + options.requestTimeoutMs
    return { address: addressOf(request.ip), requestId: requestIdOf(response), now, deadline }
  }
  const context = async (request: Request, response: Response): Promise<CallContext> => {
    const [key, agent] = [header(request, 'authorization'), header(request, 'x-agent-id')]
    const caller = await options.authenticator.authenticate(key, agent, Date.now(), addressOf(request.ip))
    return callContext(request, response, caller, options.requestTimeoutMs)
  }
  const parsed = async <S extends z.ZodType>(schema: S, request: Request, response: Response): Promise<z.output<S>> => {
    const body = await readBody(request, response)
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new NexusError('INVALID_PARAMS', 'The body must be a JSON object.')
    return parseParameters(schema, body as never)
  }

  router.post(
    '/register',
    route(async (request, response) => {
      const { email, password, username = null, display_name = null } = await parsed(registration, request, response)
      const facts = { email: email.trim(), password, username, displayName: display_name }
      const { user, token } = await signIn.register(visitor(request, response), facts)
      return { status: 201, body: { ...present(user), token } }
    }),
  )
  router.post(
    '/login',
    route(async (request, response) => {
      const { identifier, password } = await parsed(credentials, request, response)
      return { status: 200, body: signedIn(await signIn.signIn(visitor(request, response), identifier, password)) }
    }),
  )
  router.post(
    '/logout',
    route(async (request, response) => {
      await signIn.signOut(await context(request, response))
      return { status: 200, body: { success: true } }
    }),
  )
  router.get(
    '/me',
    route(async (request, response) => ({
      status: 200,
      body: present(await signIn.me(await context(request, response))),
    })),
  )
  router.patch(
    '/me',
    route(async (request, response) => {
      const caller = await context(request, response)
      const { display_name, avatar_url } = await parsed(profile, request, response)
      const changes = { displayName: display_name, avatarUrl: avatar_url }
      return { status: 200, body: present(await signIn.changeMe(caller, changes)) }
    }),
  )
  router.post(
    '/change-password',
    route(async (request, response) => {
      const caller = await context(request, response)
      const { old_password, new_password } = await parsed(passwordChange, request, response)
      const made = await signIn.changePassword(caller, visitor(request, response), old_password, new_password)
      return { status: 200, body: { success: true, ...signedIn(made) } }
    }),
  )
  router.all(/^\/oauth(\/|$)/, (_request, response) =>
    sendDetail(response, 501, 'OAuth is not configured on this server: sign in with a password or an API key.'),
  )
  router.use((_request, response) => sendDetail(response, 404, 'Not Found'))
  return router
}

function signedIn({ user, token }: SignedIn) {
  return { token, user: present(user) }
}

function present(user: UserRecord) {
  return {
    user_id: user.userId,
    email: user.email,
    username: user.username,
    display_name: user.displayName,
    avatar_url: user.avatarUrl,
    primary_auth_method: user.email === null ? 'api_key' : 'password',
    // Whoever signs in with a password is a user like others: administrators have keys.
    is_global_admin: false,
    email_verified: false,
    // Keys are shown when they are made, and never again.
    api_key: null,
    tenant_id: user.tenant,
    created_at: user.createdAt === 0 ? null : isoTime(user.createdAt),
    last_login_at: user.lastLoginAt === null ? null : isoTime(user.lastLoginAt),
  }
}

/** Statuses of errors that travel with 200 in JSON-RPC. */
const STATUS: Partial<Readonly<Record<ErrorReason, number>>> = {
  PARSE_ERROR: 400,
  INVALID_PARAMS: 400,
  INVALID_TOKEN: 400,
  UNAUTHENTICATED: 401,
  ACCESS_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  TOO_LARGE: 413,
  BUSY: 429,
}

function sendAuthError(response: Response, error: NexusError, logger: Logger): void {
  const status = STATUS[error.reason]
  // What is wrong with the server is told as everywhere else.
  if (status === undefined) {
    sendRpcError(response, null, error, logger, error.http === 200 ? 500 : error.http)
    return
  }
  const wait = error.data?.['retry_after']
  if (status === 429) response.setHeader('Retry-After', typeof wait === 'number' ? wait : 1)
  sendDetail(response, status, error.message)
}
