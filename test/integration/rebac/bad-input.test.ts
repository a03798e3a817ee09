import { beforeAll, describe, expect, it } from 'vitest'
import { CheckRequest } from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import {
  BETA,
  CONDITIONAL,
  evaluations,
  model,
  moves,
  READER,
  type Row,
  schemas,
  secrets,
  tokens,
} from './support/bad-calls.ts'
import { failureOf } from './support/client.ts'
import { SECRET, servicesForSuite, type TestService } from './support/service.ts'
import { bulkRequest, checkRequest, filter, operation, question, relationship, subject } from './support/wire.ts'

const LONG = 'x'.repeat(1_025)
const create = (text: string, fields = {}) => [operation('create', text, fields)]
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => operation('touch', `file:/${index}#a@user:a`))
const contextual = (count: number) =>
  Array.from({ length: count }, (_, index) => relationship(`file:/${index}#a@user:a`))

const checks: Row[] = [
  ['no tenant', 'INVALID_TENANT', 3, (c) => c.check(checkRequest('user:a read file:/x', { tenant: '' }))],
  ['bad tenant', 'INVALID_TENANT', 3, (c) => c.check(checkRequest('user:a read file:/x', { tenant: 'ACME!' }))],
  ['no object', 'INVALID_OBJECT', 3, (c) => c.check(checkRequest('user:a read file:/x', { object: undefined }))],
  ['empty id', 'INVALID_OBJECT', 3, (c) => c.check(checkRequest('user:a read file:'))],
  ['wildcard as object', 'INVALID_OBJECT', 3, (c) => c.check(checkRequest('user:a read file:*'))],
  ['long id', 'INVALID_OBJECT', 3, (c) => c.check(checkRequest(`user:a read file:${LONG}`))],
  ['control character', 'INVALID_OBJECT', 3, (c) => c.check(checkRequest('user:a read file:/x\u0000'))],
  ['no subject', 'INVALID_SUBJECT', 3, (c) => c.check(checkRequest('user:a read file:/x', { subject: undefined }))],
  [
    'empty subject',
    'INVALID_SUBJECT',
    3,
    (c) => c.check(checkRequest('user:a read file:/x', { subject: { tenant: '', kind: undefined } })),
  ],
  [
    'star as subject id',
    'INVALID_SUBJECT',
    3,
    (c) =>
      c.check(
        checkRequest('user:a read file:/x', {
          subject: { tenant: '', kind: { $case: 'object', value: { type: 'user', id: '*' } } },
        }),
      ),
  ],
  ['foreign group', 'INVALID_SUBJECT', 3, (c) => c.check(checkRequest('beta/group:g#member read file:/x'))],
  ['no relation', 'INVALID_RELATION', 3, (c) => c.check(checkRequest('user:a read file:/x', { relation: '' }))],
  ['bad relation', 'INVALID_RELATION', 3, (c) => c.check(checkRequest('user:a read file:/x', { relation: 'a b' }))],
  [
    'nine further subjects',
    'TOO_MANY_OPERATIONS',
    3,
    (c) => c.check(checkRequest('user:a read file:/x', { alsoAs: Array.from({ length: 9 }, () => subject('user:b')) })),
  ],
  [
    'too much context',
    'INVALID_CONTEXT',
    3,
    (c) => c.check(checkRequest('user:a read file:/x', { context: { a: 'x'.repeat(65_536) } })),
  ],
  [
    'infinite context',
    'INVALID_CONTEXT',
    3,
    (c) => c.check(checkRequest('user:a read file:/x', { context: { a: [{ b: Infinity }] } })),
  ],
  [
    '1,001 contextual',
    'TOO_MANY_OPERATIONS',
    3,
    (c) => c.check(checkRequest('user:a read file:/x', { contextualRelationships: contextual(1_001) })),
  ],
  [
    'bad contextual',
    'INVALID_OBJECT',
    3,
    (c) => c.check(checkRequest('user:a read file:/x', { contextualRelationships: [relationship('file:*#a@user:a')] })),
  ],
  [
    'unknown schema version',
    'SCHEMA_VERSION_NOT_FOUND',
    5,
    (c) => c.check(checkRequest('user:a read file:/x', { schemaVersion: 'nope' })),
  ],
  ['empty bulk', 'INVALID_REQUEST', 3, (c) => c.checkBulk(bulkRequest([]))],
  [
    '10,001 items',
    'TOO_MANY_OPERATIONS',
    3,
    (c) =>
      c.checkBulk(bulkRequest([], { items: Array.from({ length: 10_001 }, () => question('user:a read file:/x')) })),
  ],
]

const writes: Row[] = [
  ['no operation', 'INVALID_REQUEST', 3, (c) => c.write({ operations: [] })],
  ['operation without kind', 'INVALID_REQUEST', 3, (c) => c.write({ operations: [{ operation: undefined }] })],
  ['10,001 operations', 'TOO_MANY_OPERATIONS', 3, (c) => c.write({ operations: many(10_001) })],
  [
    'one key twice',
    'DUPLICATE_KEY_IN_REQUEST',
    3,
    (c) => c.write({ operations: [operation('touch', 'file:/d#a@user:a'), operation('delete', 'file:/d/#a@user:a')] }),
  ],
  [
    'no object',
    'INVALID_REQUEST',
    3,
    (c) => c.write({ operations: create('file:/x#a@user:a', { object: undefined }) }),
  ],
  ['wildcard as object', 'INVALID_OBJECT', 3, (c) => c.write({ operations: create('file:*#a@user:a') })],
  [
    'unset subject',
    'INVALID_SUBJECT',
    3,
    (c) => c.write({ operations: create('file:/x#a@user:a', { subject: undefined }) }),
  ],
  [
    'bad subject tenant',
    'INVALID_TENANT',
    3,
    (c) =>
      c.write({
        operations: create('file:/x#shared-viewer@user:a', { subject: { ...subject('user:a'), tenant: 'B!' } }),
      }),
  ],
  ['empty userset relation', 'INVALID_SUBJECT', 3, (c) => c.write({ operations: create('file:/x#a@group:g#') })],
  [
    'foreign subject in any relation',
    'CROSS_TENANT_RELATION',
    3,
    (c) => c.write({ operations: create('file:/x#direct_viewer@beta/user:a') }),
  ],
  ['derived relation', 'DERIVED_RELATION', 3, (c) => c.write({ operations: create('file:/x/y#parent@file:/z') })],
  [
    'unknown condition',
    'UNKNOWN_CONDITION',
    3,
    (c) => c.write({ operations: create('file:/x#a@user:a', { condition: { name: 'nope', context: undefined } }) }),
  ],
  [
    'unnamed condition',
    'INVALID_REQUEST',
    3,
    (c) => c.write({ operations: create('file:/x#a@user:a', { condition: { name: '', context: undefined } }) }),
  ],
  [
    'large attributes',
    'INVALID_REQUEST',
    3,
    (c) => c.write({ operations: create('file:/x#a@user:a', { attributes: { a: 'x'.repeat(4_096) } }) }),
  ],
  ['nothing to delete', 'RELATIONSHIP_NOT_FOUND', 5, (c) => c.revoke('file:/x#a@user:nobody')],
  [
    'exists already',
    'RELATIONSHIP_EXISTS',
    6,
    (c) => c.write({ operations: create('file:/kept#direct_viewer@user:kept') }),
  ],
  [
    'long idempotency key',
    'INVALID_REQUEST',
    3,
    (c) => c.write({ operations: create('file:/x#a@user:a'), idempotencyKey: 'k'.repeat(129) }),
  ],
  [
    'unset precondition',
    'INVALID_REQUEST',
    3,
    (c) => c.write({ operations: create('file:/x#a@user:a'), preconditions: [{ condition: undefined }] }),
  ],
  [
    'precondition that fails',
    'PRECONDITION_FAILED',
    9,
    (c) =>
      c.write({
        operations: create('file:/x#a@user:a'),
        preconditions: [{ condition: { $case: 'mustNotMatch', value: filter({ objectId: '/kept' }) } }],
      }),
  ],
  [
    'second of two is wrong',
    'RELATIONSHIP_EXISTS',
    6,
    (c) => c.write({ operations: [...create('file:/x#a@user:a'), ...create('file:/kept#direct_viewer@user:kept')] }),
  ],
  ['empty filter', 'FILTER_TOO_BROAD', 3, (c) => c.delete({})],
  ['filter with U+0000', 'INVALID_REQUEST', 3, (c) => c.delete({ filter: filter({ objectId: '/x\u0000' }) })],
  ['no format', 'INVALID_REQUEST', 3, (c) => c.writeSchema({ format: 0, model: 'x' })],
  ['no model', 'INVALID_REQUEST', 3, (c) => c.writeSchema({ model: '' })],
  [
    'bad model',
    'INVALID_SCHEMA',
    3,
    (c) => c.writeSchema({ model: 'model\n  schema 1.1\ntype doc\n  relations\n    define a: [nope]' }),
  ],
  ['large model', 'INVALID_SCHEMA', 3, (c) => c.writeSchema({ model: '#'.repeat(300_000) })],
  [
    'outdated schema',
    'SCHEMA_CHANGED',
    10,
    (c) => c.writeSchema({ format: 3, model: '{"file": {"relations": {"a": {}}}}', expectedSchemaVersion: 'old' }),
  ],
]

const reads: Row[] = [
  ['large page', 'INVALID_REQUEST', 3, (c) => c.read({ pageSize: 10_001 })],
  ['invented cursor', 'INVALID_CURSOR', 3, (c) => c.read({ cursor: 'abc' })],
  ['unknown version', 'SCHEMA_VERSION_NOT_FOUND', 5, (c) => c.readSchema({ schemaVersion: 'nope' })],
  [
    'many ids',
    'TOO_MANY_OPERATIONS',
    3,
    (c) => c.read({ filter: filter({ ids: Array.from({ length: 1_001 }, String) }) }),
  ],
]

describe('bad input', () => {
  const { start } = servicesForSuite()
  let service: TestService
  beforeAll(async () => {
    service = await start({ REBAC_TOKENS: `gateway:${SECRET} reader:${READER}:ro beta:${BETA}:beta` })
    await service.client.writeSchema({ tenant: 'conditional', model: CONDITIONAL })
    const condition = { name: 'ratio', context: undefined }
    const operations = [
      operation('touch', 'doc:0#viewer@user:a', { condition }),
      operation('touch', 'doc:1#parent@doc:0'),
    ]
    await service.client.write({ tenant: 'conditional', operations })
    await service.client.grant('file:/second#direct_viewer@user:kept')
    await service.client.grant('file:/kept#direct_viewer@user:kept')
  })

  const rows = [...checks, ...writes, ...reads, ...evaluations, ...tokens, ...schemas, ...moves, ...secrets]
  it.each(rows)('%s: %s, and nothing changed', async (_what, reason, code, call) => {
    const before = await service.client.read()
    const failure = await failureOf(call(service.client, service.connect))
    expect(failure).toMatchObject({ reason, code })
    expect(failure.message).toMatch(/^[^\n]{10,}/)
    expect(await service.client.read()).toEqual(before)
    await expect(service.client.allows('user:kept read file:/kept')).resolves.toBe(true)
  })

  it('lists every problem of a model, each with its place', async () => {
    const lines = ['    define a: [nope]', '    define b: [user] or zzz', '    define c: a from y']
    const failure = await failureOf(service.client.writeSchema({ model: model(...lines) }))
    expect(failure.message).toMatch(/6:12: doc#a: the type nope/)
    expect(failure.message).toMatch(/7:12: doc#b: the relation doc#zzz/)
    expect(failure.message).toMatch(/8:12: doc#c: the relation doc#y/)
  })

  it('takes no half characters for ids', async () => {
    const { raw, metadata } = service.client
    const same = (bytes: Buffer) => bytes
    const good = Buffer.from(CheckRequest.encode(checkRequest('user:abc read file:/x')).finish())
    const at = good.indexOf('abc')
    const ask = (bytes: Buffer) =>
      new Promise<unknown>((resolve, reject) => {
        const options = { deadline: Date.now() + 5_000 }
        raw.makeUnaryRequest(
          '/nexus.rebac.v1.RebacService/Check',
          same,
          same,
          bytes,
          metadata,
          options,
          (error, answer) => (error === null ? resolve(answer) : reject(error)),
        )
      })
    await expect(ask(good)).resolves.toBeInstanceOf(Buffer)
    for (const broken of [
      [0xed, 0xa0, 0x80],
      [0xff, 0x61, 0x61],
      [0x61, 0x61, 0xc3],
    ]) {
      const bytes = Buffer.from(good)
      bytes.set(broken, at)
      expect(await failureOf(ask(bytes))).toMatchObject({ code: 3, reason: 'INVALID_REQUEST' })
    }
  })

  it('knows no calls but its own', async () => {
    const { raw, metadata } = service.client
    const same = (bytes: Buffer) => bytes
    const call = new Promise<unknown>((resolve, reject) => {
      const options = { deadline: Date.now() + 5_000 }
      raw.makeUnaryRequest(
        '/nexus.rebac.v1.RebacService/Nope',
        same,
        same,
        Buffer.alloc(0),
        metadata,
        options,
        (error, answer) => (error === null ? resolve(answer) : reject(error)),
      )
    })
    expect(await failureOf(call)).toMatchObject({ code: 12 })
  })

  it('refuses bytes that are no message, and messages that are too large', async () => {
    const { raw, metadata } = service.client
    const send = (bytes: Buffer) =>
      new Promise<{ code: number; reason: string }>((resolve) => {
        const path = '/nexus.rebac.v1.RebacService/Check'
        const same = (value: Buffer) => value
        raw.makeUnaryRequest(path, same, same, bytes, metadata, { deadline: Date.now() + 5_000 }, (error) =>
          resolve({ code: error?.code ?? 0, reason: String(error?.metadata.get('nexus-reason')[0] ?? '') }),
        )
      })
    expect(await send(Buffer.from([0xff, 0xff, 0xff]))).toEqual({ code: 3, reason: 'INVALID_REQUEST' })
    expect(await send(Buffer.alloc(17 * 1024 * 1024))).toMatchObject({ code: 8 })
    await expect(service.client.allows('user:kept read file:/kept')).resolves.toBe(true)
  })
})
