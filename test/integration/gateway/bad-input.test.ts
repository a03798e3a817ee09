import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

describe.each(ENGINES)('bad input on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let admin: GatewayClient
  const home = '/tenant:acme/user:alice'

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_MAX_BODY_MB: '1' } })
    admin = await system.as('root', { isAdmin: true })
    alice = await system.as('alice')
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    await alice.ok('write', { path: `${home}/a.txt`, content: 'A' })
  })
  afterAll(() => system.close())

  /** Everything that a refused call could have changed. */
  async function state(): Promise<unknown> {
    return [await admin.ok('list', { path: '/', details: true }), await admin.ok('rebac_list_tuples', {})]
  }

  /** Runs a refused call and proves that it changed nothing. */
  async function unchanged<T>(call: () => Promise<T>): Promise<T> {
    const before = await state()
    const answer = await call()
    expect(await state()).toEqual(before)
    return answer
  }

  it.each([
    ['an unknown method', 'frobnicate', '{"id":1}', -32601, /^Unknown method: frobnicate$/],
    ['a method of Object.prototype', 'constructor', '{"id":1}', -32601, /^Unknown method/],
    [
      'another method in the body',
      'list',
      '{"id":1,"method":"glob"}',
      -32600,
      /^Method mismatch: URL=list, body=glob$/,
    ],
    ['a batch', 'list', '[{"id":1,"method":"list"}]', -32600, /Batches/],
    ['a string', 'list', '"list"', -32600, /object/],
    ['null id of the wrong type', 'list', '{"id":{}}', -32600, /id must be/],
    ['positional parameters', 'list', '{"id":1,"params":["/"]}', -32602, /named parameters/],
    ['a string as parameters', 'list', '{"id":1,"params":"/"}', -32602, /named parameters/],
    ['truncated JSON', 'list', '{"id":1,', -32700, /JSON/],
    ['no JSON at all', 'list', 'path=/', -32700, /JSON/],
    [
      'an unknown parameter',
      'list',
      '{"id":1,"params":{"paht":"/"}}',
      -32602,
      /^Invalid parameters: unknown parameter 'paht'$/,
    ],
    ['a missing parameter', 'read', '{"id":1,"params":{}}', -32602, /^Invalid parameters: missing parameter 'path'$/],
    ['a wrong type', 'list', '{"id":1,"params":{"recursive":"yes"}}', -32602, /'recursive' must be true or false/],
    ['a wrong type of path', 'read', '{"id":1,"params":{"path":7}}', -32602, /'path' must be a string/],
    [
      'bytes that are not base64',
      'write',
      `{"id":1,"params":{"path":"${home}/x","content":{"__type__":"bytes","data":"%%%"}}}`,
      -32602,
      /base64/,
    ],
    [
      'an unknown special value',
      'write',
      `{"id":1,"params":{"path":"${home}/x","content":{"__type__":"set"}}}`,
      -32602,
      /__type__/,
    ],
    ['deep nesting', 'list', `{"id":1,"params":{"path":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`, -32602, /nested/],
  ])('%s', async (_, method, body, code, message) => {
    const answer = await unchanged(() => alice.post(method, body))
    expect(answer.status).toBe(200)
    expect(answer.error?.code).toBe(code)
    expect(answer.error?.message).toMatch(message)
  })

  it('errors carry the id of their request', async () => {
    expect((await alice.post('frobnicate', '{"id":"x-1"}')).id).toBe('x-1')
    expect((await alice.post('list', '{"id":5,"params":[]}')).id).toBe(5)
    expect((await alice.post('list', '{')).id).toBeNull()
  })

  it('an empty body is an empty request', async () => {
    expect((await alice.post('list_mounts', null)).result).toHaveLength(1)
    expect((await alice.post('list_mounts', '')).result).toHaveLength(1)
  })

  it('a body over the limit is 413, packed or not', async () => {
    const body = JSON.stringify({ id: 1, params: { path: `${home}/big`, content: 'x'.repeat(1_100_000) } })
    const plain = await unchanged(() => alice.post('write', body))
    expect(plain).toMatchObject({ status: 413, error: { code: -32013 } })
    const packed = await unchanged(() =>
      alice.post('write', new Uint8Array(gzipSync(body)), { 'content-encoding': 'gzip' }),
    )
    expect(packed).toMatchObject({ status: 413, error: { code: -32013 } })
  })

  it('a body that is not what its encoding says is -32700', async () => {
    const answer = await alice.post('list', 'plain', { 'content-encoding': 'gzip' })
    expect(answer).toMatchObject({ status: 200, error: { code: -32700 } })
    for (const charset of ['klingon', 'utf-16le']) {
      const headers = { 'content-type': `application/json; charset=${charset}` }
      expect(await alice.post('list', '{}', headers)).toMatchObject({ error: { code: -32700 } })
    }
  })

  it('a body of another content type is read all the same', async () => {
    expect((await alice.post('list_mounts', '{"id":3}', { 'content-type': 'text/plain' })).id).toBe(3)
  })

  const paths: readonly (readonly [string, string, RegExp])[] = [
    ['..', `${home}/../bob`, /'\.\.' segments/],
    ['NUL', `${home}/a\u0000b`, /control character/],
    ['a newline', `${home}/a\nb`, /control character/],
    ['a tab', `${home}/a\tb`, /control character/],
    ['5,000 characters', `${home}/${'x'.repeat(5_000)}`, /at most/],
    ['5,000 characters in many components', `${home}/${'x/'.repeat(2_500)}`, /at most/],
    ['a lone surrogate', `${home}/\ud800`, /surrogate/],
    ['nothing', '   ', /empty/],
    ['a space at the end of a component', `${home}/a /b`, /space/],
    ['a tenant that cannot be', '/tenant:../x', /./],
    ['a tenant with capitals', '/tenant:ACME/x', /tenant/],
  ]
  describe.each(paths)('a path with %s', (_, path, message) => {
    it.each([
      ['read', {}],
      ['write', { content: 'x' }],
      ['list', {}],
      ['exists', {}],
      ['is_directory', {}],
      ['get_metadata', {}],
      ['mkdir', { parents: true }],
      ['delete', {}],
      ['rmdir', { recursive: true }],
    ])('%s', async (method, more) => {
      const answer = await unchanged(() => alice.call(method, { path, ...more }))
      expect(answer.status).toBe(200)
      expect(answer.error?.code).toBe(-32002)
      expect(answer.error?.message).toMatch(message)
      expect(answer.text.length).toBeLessThan(1_000)
    })

    it('rebac_create', async () => {
      const params = { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', path] }
      const { error } = await unchanged(() => alice.call('rebac_create', params))
      expect([-32002, -32602]).toContain(error?.code)
    })
  })

  it("'/' is no file", async () => {
    const calls = [
      ['read', {}],
      ['write', { content: '' }],
      ['delete', {}],
      ['mkdir', {}],
      ['rmdir', {}],
    ] as const
    const codes = await Promise.all(calls.map(([method, more]) => alice.code(method, { path: '/', ...more })))
    expect(codes).toEqual(calls.map(() => -32002))
    expect(await alice.ok('is_directory', { path: '/' })).toEqual({ is_directory: false })
  })

  it.each([
    ['read', {}],
    ['write', { content: 'x' }],
    ['mkdir', { parents: true }],
    ['delete', {}],
    ['rmdir', { recursive: true }],
  ])('%s of another tenant is denied', async (method, more) => {
    const answer = await unchanged(() => alice.call(method, { path: '/tenant:other/user:bob/x', ...more }))
    expect(answer).toMatchObject({ status: 200, error: { code: -32004 } })
    expect(answer.error?.message).toMatch(/^Access denied: User 'alice' does not have (READ|WRITE) permission for/)
  })

  it('names that differ only by Unicode normalisation are one name', async () => {
    const composed = `${home}/caf\u00e9.txt`
    const decomposed = `${home}/cafe\u0301.txt`
    await alice.ok('write', { path: decomposed, content: 'one' })
    await alice.ok('write', { path: composed, content: 'two' })
    expect(await alice.ok('read', { path: decomposed })).toEqual(bytes('two'))
    const { files } = await alice.ok<{ files: string[] }>('list', { path: home })
    expect(files.filter((file) => file.includes('caf'))).toEqual([composed])
    const grant = (path: string) => ({ subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', path] })
    expect(await alice.ok('rebac_create', grant(decomposed))).toBe(await alice.ok('rebac_create', grant(decomposed)))
    const bob = await system.as('bob')
    expect(await bob.ok('read', { path: composed })).toEqual(bytes('two'))
    await alice.ok('delete', { path: decomposed })
    expect(await alice.ok('exists', { path: composed })).toEqual({ exists: false })
  })

  it('names that differ otherwise are different names', async () => {
    await alice.ok('write', { path: `${home}/Case.txt`, content: 'upper' })
    await alice.ok('write', { path: `${home}/case.txt`, content: 'lower' })
    expect(await alice.ok('read', { path: `${home}/Case.txt` })).toEqual(bytes('upper'))
  })

  it.each<[string, object, RegExp]>([
    ['a subject of one element', { subject: ['user'] }, /'subject/],
    ['a subject of four elements', { subject: ['group', 'g', 'member', 'x'] }, /'subject'/],
    ['an object of three elements', { object: ['file', `${home}/a.txt`, 'x'] }, /'object'/],
    ['an empty id', { subject: ['user', ''] }, /./],
    ['a relation with a newline', { relation: 'direct\nviewer' }, /control characters/],
    ['a lone surrogate', { subject: ['user', '\ud800'] }, /well-formed/],
    ['a time that is none', { expires_at: 'soon' }, /ISO 8601/],
    ['a time that has passed', { expires_at: '2020-01-01T00:00:00Z' }, /past/],
    [
      'a parent that does not follow from the path',
      { subject: ['file', '/x'], relation: 'parent' },
      /follows from the ids/,
    ],
    ['the relation of agents', { relation: 'inherits_from' }, /inherits_from/],
    ['a wildcard as object', { object: ['file', '*'], relation: 'direct_viewer' }, /./],
    ['a relation of 5,000 characters', { relation: 'r'.repeat(5_000) }, /./],
    ['column_config for another relation', { column_config: { mode: 'hide' } }, /column_config/],
    ['a tenant that is foreign to shares', { subject: ['user', 'x'.repeat(5_000)] }, /./],
  ])('rebac_create with %s', async (_, wrong, message) => {
    const right = { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', `${home}/a.txt`] }
    const answer = await unchanged(() => alice.call('rebac_create', { ...right, ...wrong }))
    expect(answer.status).toBe(200)
    expect([-32602, -32004]).toContain(answer.error?.code)
    expect(answer.error?.message).toMatch(message)
  })
})
