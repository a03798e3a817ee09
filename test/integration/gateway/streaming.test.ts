import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const MIB = 1_048_576
const sha = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')
const urlOf = (path: string) => `/api/files${path.split('/').map(encodeURIComponent).join('/')}`

describe.each(ENGINES)('files as streams on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let bob: GatewayClient

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_MAX_FILE_MB: '3', NEXUS_MAX_BODY_MB: '1' } })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
    alice = await system.as('alice')
    bob = await system.as('bob')
  })
  afterAll(() => system.close())

  const get = (path: string, headers: Record<string, string> = {}, who = alice) => who.raw(urlOf(path), { headers })
  const put = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    alice.raw(urlOf(path), { method: 'PUT', body, headers })

  /** A request whose body is sent by hand. */
  function open(method: string, path: string, headers: Record<string, string>): ClientRequest {
    return request(`${system.url}${urlOf(path)}`, { method, headers: { ...alice.headers, ...headers } })
  }

  it('what is put is what is got, by every way', async () => {
    const path = `${HOME}/größe & 100% 文/data.bin`
    const content = new Uint8Array(randomBytes(2 * MIB + 17))
    const made = await put(path, content)
    expect(made.status).toBe(201)
    expect(made.headers.get('etag')).toBe(`"${sha(content)}"`)
    expect(await made.json()).toMatchObject({
      path: path.normalize('NFC'),
      etag: sha(content),
      version: 1,
      size: content.length,
      created: true,
    })
    const got = await get(path)
    expect(got.status).toBe(200)
    expect(got.headers.get('content-length')).toBe(`${content.length}`)
    expect(Buffer.from(await got.arrayBuffer()).equals(content)).toBe(true)
    expect(await alice.ok('read_range', { path, start: 5, end: 8 })).toEqual(bytes(content.subarray(5, 8)))
    expect(await alice.ok('stat', { path })).toMatchObject({ etag: sha(content), version: 1, size: content.length })
    const again = await put(path, 'small')
    expect([again.status, await again.json()]).toEqual([200, expect.objectContaining({ version: 2, created: false })])
    expect(await alice.ok('read', { path })).toEqual(bytes('small'))
    expect(await alice.ok('get_version', { path, version: 2 })).toEqual(bytes('small'))
  })

  it('an empty file is a file', async () => {
    expect((await put(`${HOME}/empty`, '')).status).toBe(201)
    const got = await get(`${HOME}/empty`)
    expect([got.status, got.headers.get('content-length'), await got.text()]).toEqual([200, '0', ''])
    expect((await get(`${HOME}/empty`, { range: 'bytes=0-' })).status).toBe(416)
  })

  it.each([
    ['small', 10],
    ['large', 1_500_000],
  ])('parts of a %s file', async (name, size) => {
    const path = `${HOME}/parts-${name}`
    const content = randomBytes(size).toString('hex').slice(0, size)
    await put(path, content)
    const part = async (range: string, more: Record<string, string> = {}) => {
      const got = await get(path, { range, ...more })
      return [got.status, got.headers.get('content-range'), await got.text()]
    }
    expect(await part('bytes=2-5')).toEqual([206, `bytes 2-5/${size}`, content.slice(2, 6)])
    expect(await part('bytes=7-')).toEqual([206, `bytes 7-${size - 1}/${size}`, content.slice(7)])
    expect(await part('bytes=-3')).toEqual([206, `bytes ${size - 3}-${size - 1}/${size}`, content.slice(-3)])
    expect(await part(`bytes=-${size + 5}`)).toEqual([206, `bytes 0-${size - 1}/${size}`, content])
    expect(await part(`bytes=${size}-`)).toEqual([416, `bytes */${size}`, ''])
    expect(await part('bytes=0-1,3-4')).toEqual([200, null, content])
    expect(await part('bytes=0-1', { 'if-range': `"${sha(content)}"` })).toEqual([
      206,
      `bytes 0-1/${size}`,
      content.slice(0, 2),
    ])
    expect(await part('bytes=0-1', { 'if-range': '"other"' })).toEqual([200, null, content])
  })

  it('HEAD says what GET would, without the bytes', async () => {
    const path = `${HOME}/head.txt`
    await put(path, 'content')
    const [head, got] = await Promise.all([alice.raw(urlOf(path), { method: 'HEAD' }), get(path)])
    expect([head.status, await head.text()]).toEqual([200, ''])
    for (const name of ['etag', 'last-modified', 'content-length', 'content-type', 'accept-ranges'])
      expect(head.headers.get(name)).toBe(got.headers.get(name))
    expect(await got.text()).toBe('content')
  })

  it('answers 304 to who has it, and 412 to who wants another one', async () => {
    const path = `${HOME}/conditional.txt`
    await put(path, 'content')
    const modified = (await get(path)).headers.get('last-modified') ?? ''
    const status = async (headers: Record<string, string>) => (await get(path, headers)).status
    expect(await status({ 'if-none-match': `"${sha('content')}"` })).toBe(304)
    expect(await status({ 'if-none-match': '"other"' })).toBe(200)
    expect(await status({ 'if-modified-since': modified })).toBe(304)
    expect(await status({ 'if-match': `"${sha('content')}"` })).toBe(200)
    expect(await status({ 'if-match': '"other"' })).toBe(412)
    expect((await get(path, { 'if-none-match': `"${sha('content')}"` }, bob)).status).toBe(403)
  })

  it('writes under conditions, which are tested before the bytes are taken and when they are there', async () => {
    const path = `${HOME}/guarded.txt`
    const status = async (body: string, headers: Record<string, string>) => (await put(path, body, headers)).status
    expect(await status('0', { 'if-match': '*' })).toBe(412)
    expect(await status('1', { 'if-none-match': '*' })).toBe(201)
    expect(await status('2', { 'if-none-match': '*' })).toBe(412)
    expect(await status('2', { 'if-match': `"${sha('0')}"` })).toBe(412)
    expect(await status('2', { 'if-match': `W/"${sha('1')}"` })).toBe(412)
    expect(await status('2', { 'if-match': `"${sha('0')}", "${sha('1')}"` })).toBe(200)
    expect(await status('3', { 'if-match': '*' })).toBe(200)
    expect(await status('4', { 'if-none-match': `"${sha('3')}"` })).toBe(412)
    expect(await status('4', { 'if-none-match': `"${sha('1')}"` })).toBe(200)
    expect(await alice.ok('read', { path })).toEqual(bytes('4'))

    const results = await Promise.all(
      Array.from({ length: 16 }, (_, index) => status(`writer ${index}`, { 'if-match': `"${sha('4')}"` })),
    )
    expect(results.toSorted()).toEqual([200, ...Array.from({ length: 15 }, () => 412)])
    const winner = results.indexOf(200)
    expect(await alice.ok('read', { path })).toEqual(bytes(`writer ${winner}`))

    const slow = open('PUT', path, { 'if-match': `"${sha(`writer ${winner}`)}"` })
    const answered = answerOf(slow)
    slow.write('half ')
    await until(async () => (await temporaryFiles()).length > 0)
    await put(path, 'faster')
    slow.end('whole')
    expect((await answered).statusCode).toBe(412)
    expect(await alice.ok('read', { path })).toEqual(bytes('faster'))
    expect(await temporaryFiles()).toEqual([])
  })

  it('an upload that breaks off changes nothing and leaves nothing behind', async () => {
    const path = `${HOME}/broken.txt`
    await put(path, 'before')
    const broken = open('PUT', path, { 'content-length': '1000' })
    const answered = answerOf(broken).catch((error: unknown) => error)
    broken.write('half')
    await until(async () => (await temporaryFiles()).length > 0)
    broken.destroy()
    await answered
    await until(async () => (await temporaryFiles()).length === 0)
    expect(await alice.ok('stat', { path })).toMatchObject({ version: 1, etag: sha('before') })
  })

  it('a key that is revoked during an upload is refused at its end', async () => {
    const { key, keyId } = await system.makeKey('alice')
    const path = `${HOME}/revoked.txt`
    const slow = open('PUT', path, { authorization: `Bearer ${key}` })
    const answered = answerOf(slow)
    slow.write('half')
    await until(async () => (await temporaryFiles()).length > 0)
    await system.revokeKey(keyId)
    await until(async () => (await get(path, { authorization: `Bearer ${key}` })).status === 401)
    slow.end('whole')
    expect((await answered).statusCode).toBe(401)
    expect(await alice.ok('exists', { path })).toEqual({ exists: false })
  })

  it('refuses files that are too large, by their announced size or when they are', async () => {
    const path = `${HOME}/large`
    const large = new Uint8Array(3 * MIB + 1)
    const refused = await put(path, large)
    expect([refused.status, await refused.json()]).toMatchObject([413, { error: { code: -32013 } }])
    const chunked = open('PUT', path, { 'transfer-encoding': 'chunked' })
    const answered = answerOf(chunked)
    chunked.end(large)
    expect((await answered).statusCode).toBe(413)
    expect((await put(path, large.subarray(1))).status).toBe(201)
    expect(await temporaryFiles()).toEqual([])
  })

  it('who may not write is refused before the bytes are sent', async () => {
    const early = request(`${system.url}${urlOf(`${HOME}/foreign`)}`, { method: 'PUT', headers: { ...bob.headers } })
    const answered = answerOf(early)
    early.write('never ')
    expect((await answered).statusCode).toBe(403)
    early.destroy()
    expect(await temporaryFiles()).toEqual([])
  })

  it('has a status for each error, and the error of the methods', async () => {
    const error = async (response: Response) => [
      response.status,
      ((await response.json()) as { error?: { code: number } }).error?.code,
    ]
    await put(`${HOME}/file`, 'x')
    expect(await error(await get(`${HOME}/missing`))).toEqual([404, -32000])
    expect(await error(await get(`${HOME}/missing`, {}, bob))).toEqual([403, -32004])
    expect(await error(await get(`${HOME}/file`, {}, bob))).toEqual([403, -32004])
    expect(await error(await get(HOME))).toEqual([400, -32002])
    expect(await error(await get('/'))).toEqual([400, -32002])
    expect(await error(await alice.raw('/api/files/a%2F..%2Fb'))).toEqual([400, -32002])
    expect(await error(await alice.raw('/api/files/%ff'))).toEqual([400, -32002])
    expect(await error(await put(HOME, 'x'))).toEqual([409, -32001])
    expect(await error(await put(`${HOME}/file/below`, 'x'))).toEqual([409, -32001])
    expect(await error(await put(`${HOME}/x`, 'x', { 'content-range': 'bytes 0-0/1' }))).toEqual([400, -32602])
    expect(await error(await put(`${HOME}/x`, 'x', { 'content-encoding': 'gzip' }))).toEqual([400, -32602])
    const anonymous = await system.client(null).raw(urlOf(`${HOME}/file`))
    expect([anonymous.status, await anonymous.json()]).toEqual([401, { detail: 'Invalid or missing API key' }])
    const other = await alice.raw(urlOf(`${HOME}/file`), { method: 'POST', body: 'x' })
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, OPTIONS'])
  })

  it('a page that was stored does no harm in a browser', async () => {
    const path = `${HOME}/page "1" é.html`
    await put(path, '<script>alert(1)</script>'.repeat(100))
    const got = await get(path, { 'accept-encoding': 'gzip' })
    const header = (name: string) => got.headers.get(name) ?? ''
    expect(header('content-type')).toBe('text/html; charset=utf-8')
    expect(header('content-disposition')).toMatch(
      /^attachment; filename="page \\"1\\" .*"; filename\*=UTF-8''page%20%221%22%20%C3%A9\.html$/,
    )
    expect(header('content-security-policy')).toMatch(/default-src 'none'.*sandbox$/)
    expect(header('x-content-type-options')).toBe('nosniff')
    expect(header('cache-control')).toBe('private, no-cache, no-transform')
    expect(header('content-encoding')).toBe('')
    const shown = await alice.raw(`${urlOf(path)}?disposition=inline`)
    expect(shown.headers.get('content-disposition')).toBe('inline')
    expect(shown.headers.get('content-security-policy')).toMatch(/sandbox$/)
  })

  it('skills that are put are indexed', async () => {
    const skill = '---\nname: put-skill\ndescription: Came as a stream.\n---\nBody.\n'
    await put(`${HOME}/skill/put-skill/SKILL.md`, skill)
    const { skills } = await alice.ok<{ skills: { name: string }[] }>('skills_list')
    expect(skills.map(({ name }) => name)).toContain('put-skill')
  })

  it('who stops reading leaves nothing open', async () => {
    const path = `${HOME}/stopped`
    await put(path, new Uint8Array(3 * MIB))
    const reading = open('GET', path, {})
    reading.end()
    const answer = await new Promise<IncomingMessage>((resolve) => reading.once('response', resolve))
    answer.destroy()
    await until(async () => /^nexus_rpc_in_flight\{.*\} 0$/m.test(await (await metrics()).text()))
    expect((await get(path)).status).toBe(200)
  })

  const metrics = () => alice.raw('/metrics')
  const temporaryFiles = () => readdir(join(system.dataDir, 'content', 'tmp'))
})

async function answerOf(asked: ClientRequest): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve)
    asked.once('error', reject)
  })
  await buffer(answer)
  return answer
}

/** Looks until it is so. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5)
}
