import type { JsonObject, JsonValue } from '../../services/common/json.ts'

const OPEN: readonly JsonValue[] = []
const TEXT: JsonObject = { type: 'string' }
const TEXT_OR_NULL: JsonObject = { type: ['string', 'null'] }

const user: JsonObject = {
  user_id: TEXT,
  email: TEXT_OR_NULL,
  username: TEXT_OR_NULL,
  display_name: TEXT_OR_NULL,
  avatar_url: TEXT_OR_NULL,
  primary_auth_method: { enum: ['password', 'api_key'] },
  is_global_admin: { type: 'boolean' },
  email_verified: { type: 'boolean' },
  api_key: { type: 'null' },
  tenant_id: TEXT,
  created_at: TEXT_OR_NULL,
  last_login_at: TEXT_OR_NULL,
}
const person: JsonObject = { type: 'object', properties: user }
const session: JsonObject = { type: 'object', properties: { token: TEXT, user: person } }

const answer = (description: string, schema: JsonObject): JsonObject => ({
  description,
  content: { 'application/json': { schema } },
})
const detail = (description: string): JsonObject => answer(description, { $ref: '#/components/schemas/Detail' })
const body = (properties: JsonObject, required: readonly string[]): JsonObject => ({
  required: true,
  content: { 'application/json': { schema: { type: 'object', properties, required } } },
})
const operation = (operationId: string, summary: string, open: boolean, rest: JsonObject): JsonObject => ({
  operationId,
  tags: ['HTTP'],
  summary,
  security: open ? OPEN : [{ key: OPEN }],
  ...rest,
})

const refused: JsonObject = { 400: detail('Something in the body is wrong.'), 429: detail('Too many failures.') }
const unknown: JsonObject = { 401: detail('Nobody is known by that.') }

/** The routes of people with passwords. */
export const authPaths: JsonObject = {
  '/auth/register': {
    post: operation('register', 'Register with a password', true, {
      requestBody: body({ email: TEXT, password: TEXT, username: TEXT_OR_NULL, display_name: TEXT_OR_NULL }, [
        'email',
        'password',
      ]),
      responses: {
        201: answer('The user, signed in.', { type: 'object', properties: { ...user, token: TEXT } }),
        403: detail('Registration is closed.'),
        409: detail('The address or the name is taken.'),
        ...refused,
      },
    }),
  },
  '/auth/login': {
    post: operation('login', 'Sign in with a password', true, {
      requestBody: body({ identifier: TEXT, password: TEXT }, ['identifier', 'password']),
      responses: { 200: answer('A session.', session), ...unknown, ...refused },
    }),
  },
  '/auth/logout': {
    post: operation('logout', 'End the session', false, {
      responses: { 200: answer('It has ended.', { type: 'object' }), ...unknown },
    }),
  },
  '/auth/me': {
    get: operation('get_me', 'Who has signed in', false, {
      responses: { 200: answer('The user.', person), ...unknown },
    }),
    patch: operation('change_me', 'Change what is shown of a user', false, {
      requestBody: body({ display_name: TEXT_OR_NULL, avatar_url: TEXT_OR_NULL }, []),
      responses: { 200: answer('The user.', person), ...unknown, ...refused },
    }),
  },
  '/auth/change-password': {
    post: operation('change_password', 'Change the password, which ends all sessions', false, {
      requestBody: body({ old_password: TEXT, new_password: TEXT }, ['old_password', 'new_password']),
      responses: { 200: answer('A new session.', session), ...unknown, ...refused },
    }),
  },
}
