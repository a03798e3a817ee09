import type { ClientReadableStream } from '@grpc/grpc-js'
import type { CheckRequest } from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import { ListObjectsRequest, ListSubjectsRequest } from '../../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { MoveObjectsRequest, type MoveObjectsResponse } from '../../../../services/common/gen/nexus/rebac/v1/write.ts'
import type { TestClient } from './client.ts'
import type { TestService } from './service.ts'
import { checkRequest, filter, message, object, operation, subject } from './wire.ts'

export const READER = 'reader-secret-0123456789'
export const BETA = 'beta-secret-0123456789'
const create = (text: string) => [operation('create', text)]

/** A call that must fail so, and change nothing. */
export type Row = readonly [
  what: string,
  reason: string,
  code: number,
  call: (client: TestClient, connect: TestService['connect']) => Promise<unknown>,
]

/** A tenant with conditions, for what goes wrong while a question is decided. */
export const CONDITIONAL = `model
  schema 1.1
type user
type doc
  relations
    define parent: [doc]
    define viewer: [user with ratio] or viewer from parent
condition ratio(x: int) {
  10 / x > 1
}
`
const ASK = 'user:a viewer doc:1'
const conditional = (fields: Partial<CheckRequest>) => checkRequest(ASK, { tenant: 'conditional', ...fields })
export const model = (...lines: string[]) =>
  ['model', '  schema 1.1', 'type user', 'type doc', '  relations', ...lines].join('\n')
const condition = (expression: string, parameters = 'x: list<int>') =>
  model('    define viewer: [user with c]', `condition c(${parameters}) {`, `  ${expression}`, '}')
const list = <R>(stream: ClientReadableStream<R>): Promise<unknown[]> => stream.toArray()
const listObjects = (c: TestClient, fields: Partial<ListObjectsRequest>) =>
  list(
    c.raw.listObjects(
      message(ListObjectsRequest, {
        tenant: 'acme',
        objectType: 'file',
        relation: 'read',
        subject: subject('user:a'),
        ...fields,
      }),
      c.metadata,
    ),
  )
const listSubjects = (c: TestClient, fields: Partial<ListSubjectsRequest>) =>
  list(
    c.raw.listSubjects(
      message(ListSubjectsRequest, {
        tenant: 'conditional',
        object: object('doc:1'),
        relation: 'viewer',
        subjectType: 'user',
        ...fields,
      }),
      c.metadata,
    ),
  )
const exactly = (value: string) => ({ requirement: { $case: 'atExactSnapshot', value } }) as const
const move = (c: TestClient, fields: Partial<MoveObjectsRequest>) =>
  c.unary<MoveObjectsRequest, MoveObjectsResponse>(
    (...call) => c.raw.moveObjects(...call),
    message(MoveObjectsRequest, { tenant: 'acme', objectType: 'file', fromId: '/kept', toId: '/b', ...fields }),
  )

export const evaluations: Row[] = [
  ['division by zero', 'CONDITION_FAILED', 3, (c) => c.check(conditional({ context: { x: 0 } }))],
  ['parameter of another type', 'INVALID_CONTEXT', 3, (c) => c.check(conditional({ context: { x: 'many' } }))],
  ['no parameter', 'MISSING_CONTEXT', 3, (c) => c.check(conditional({}))],
  ['unknown type', 'UNKNOWN_TYPE', 3, (c) => c.check(conditional({ object: { type: 'nope', id: '1' } }))],
  ['unknown relation', 'UNKNOWN_RELATION', 3, (c) => c.check(conditional({ relation: 'nope' }))],
  ['unknown subject type', 'UNKNOWN_SUBJECT_TYPE', 3, (c) => c.check(conditional({ subject: subject('bot:a') }))],
  ['unknown userset', 'UNKNOWN_RELATION', 3, (c) => c.check(conditional({ subject: subject('doc:1#nope') }))],
  [
    'tiny budget',
    'NODE_BUDGET_EXCEEDED',
    8,
    (c) => c.check(conditional({ context: { x: 1 }, limits: { maxDepth: 0, nodeBudget: 1 } })),
  ],
  [
    'negative budget',
    'INVALID_REQUEST',
    3,
    (c) => c.check(conditional({ limits: { maxDepth: 0, nodeBudget: 2 ** 32 - 1 } })),
  ],
  [
    'negative depth',
    'INVALID_REQUEST',
    3,
    (c) => c.check(conditional({ limits: { maxDepth: 2 ** 32 - 1, nodeBudget: 0 } })),
  ],
  ['deadline in the past', '', 4, (c) => c.check(conditional({ context: { x: 1 } }), -1_000)],
  [
    'unknown type to list',
    'UNKNOWN_TYPE',
    3,
    (c) => listObjects(c, { tenant: 'conditional', objectType: 'nope', relation: 'viewer' }),
  ],
  ['negative limit of a list', 'INVALID_REQUEST', 3, (c) => listObjects(c, { limit: 2 ** 32 - 1 })],
  ['unknown subjects to list', 'UNKNOWN_SUBJECT_TYPE', 3, (c) => listSubjects(c, { subjectType: 'nope' })],
  [
    'unknown usersets to list',
    'UNKNOWN_RELATION',
    3,
    (c) => listSubjects(c, { subjectType: 'doc', subjectRelation: 'nope' }),
  ],
  ['negative limit of subjects', 'INVALID_REQUEST', 3, (c) => listSubjects(c, { limit: 2 ** 32 - 1 })],
  ['failing candidate of a list', 'CONDITION_FAILED', 3, (c) => listSubjects(c, { context: { x: 0 } })],
]

export const tokens: Row[] = [
  [
    'token of another tenant',
    'INVALID_TOKEN',
    3,
    async (c) => c.read({ consistency: exactly((await c.readSchema({ tenant: 'conditional' })).token) }),
  ],
  [
    'tampered token',
    'INVALID_TOKEN',
    3,
    async (c) =>
      c.read({ consistency: exactly((await c.read()).token.replace(/.$/, (end) => (end === 'A' ? 'B' : 'A'))) }),
  ],
  ['empty token', 'INVALID_TOKEN', 3, (c) => c.read({ consistency: exactly('') })],
  [
    'tampered cursor',
    'INVALID_CURSOR',
    3,
    async (c) => c.read({ pageSize: 1, cursor: `${(await c.read({ pageSize: 1 })).nextCursor}A` }),
  ],
  [
    'cursor of another request',
    'INVALID_CURSOR',
    3,
    async (c) => c.read({ filter: filter({ objectType: 'file' }), cursor: (await c.read({ pageSize: 1 })).nextCursor }),
  ],
  [
    'cursor of another call',
    'INVALID_CURSOR',
    3,
    async (c) => listObjects(c, { cursor: (await c.read({ pageSize: 1 })).nextCursor }),
  ],
]

export const schemas: Row[] = [
  ['unknown format', 'INVALID_REQUEST', 3, (c) => c.writeSchema({ format: 99 as never, model: model() })],
  [
    'three macros deep',
    'INVALID_SCHEMA',
    3,
    (c) => c.writeSchema({ model: condition('x.all(a, x.all(b, x.all(d, a + b + d > 0)))') }),
  ],
  [
    'pattern that takes more than linear time',
    'INVALID_SCHEMA',
    3,
    (c) => c.writeSchema({ model: condition('x.matches("(a+)\\\\1b")', 'x: string') }),
  ],
  [
    'pattern that repeats too much',
    'INVALID_SCHEMA',
    3,
    (c) => c.writeSchema({ model: condition('x.matches("((a{40}){40})")', 'x: string') }),
  ],
  ['condition that gives no bool', 'INVALID_SCHEMA', 3, (c) => c.writeSchema({ model: condition('1 + 1') })],
  ['unknown parameter', 'INVALID_SCHEMA', 3, (c) => c.writeSchema({ model: condition('y > 1') })],
  [
    'computed in a circle',
    'INVALID_SCHEMA',
    3,
    (c) => c.writeSchema({ model: model('    define a: b', '    define b: a') }),
  ],
  ['no way in', 'INVALID_SCHEMA', 3, (c) => c.writeSchema({ model: model('    define a: [doc#a]') })],
  ['module without a head', 'INVALID_SCHEMA', 3, (c) => c.writeSchema({ model: 'module core\n\ntype user\n' })],
  [
    'deep nesting',
    'INVALID_SCHEMA',
    3,
    (c) => c.writeSchema({ model: model(`    define a: ${'('.repeat(20_000)}[user]${')'.repeat(20_000)}`) }),
  ],
  ['JSON that is none', 'INVALID_SCHEMA', 3, (c) => c.writeSchema({ format: 2, model: '{' })],
  [
    'YAML that expands',
    'INVALID_SCHEMA',
    3,
    (c) => c.writeSchema({ format: 3, model: 'a: &a {relations: {}}\nb: *a\n' }),
  ],
  [
    'hierarchy of nothing',
    'INVALID_SCHEMA',
    3,
    (c) =>
      c.writeSchema({
        model: model('    define a: [user]'),
        hierarchies: [{ type: 'nope', relation: 'a', separator: '/' }],
      }),
  ],
  ['unknown type to reflect', 'UNKNOWN_TYPE', 3, (c) => c.reflectSchema({ objectTypes: ['nope'] })],
]

export const moves: Row[] = [
  ['move of what is no tree', 'INVALID_REQUEST', 3, (c) => move(c, { objectType: 'group' })],
  ['move below itself', 'INVALID_REQUEST', 3, (c) => move(c, { toId: '/kept/in' })],
  ['move of the root', 'INVALID_REQUEST', 3, (c) => move(c, { fromId: '/' })],
  ['move to no id', 'INVALID_OBJECT', 3, (c) => move(c, { toId: '' })],
]

export const secrets: Row[] = [
  ['no secret', 'UNAUTHENTICATED', 16, (_c, connect) => connect(null).check(checkRequest('user:a read file:/x'))],
  [
    'wrong secret',
    'UNAUTHENTICATED',
    16,
    (_c, connect) => connect('wrong').write({ operations: create('file:/x#a@user:a') }),
  ],
  [
    'write with a read-only secret',
    'TOKEN_NOT_PERMITTED',
    7,
    (_c, connect) => connect(READER).write({ operations: create('file:/x#a@user:a') }),
  ],
  [
    'schema with a read-only secret',
    'TOKEN_NOT_PERMITTED',
    7,
    (_c, connect) => connect(READER).writeSchema({ model: model('    define a: [user]') }),
  ],
  [
    'another tenant than the secret is for',
    'TOKEN_NOT_PERMITTED',
    7,
    (_c, connect) => connect(BETA).check(checkRequest('user:a read file:/x')),
  ],
]
