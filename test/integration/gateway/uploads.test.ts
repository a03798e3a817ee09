import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DetailedError, Upload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const MIB = 1_048_576
const CONTENT = Buffer.from(Uint8Array.from({ length: 3 * MIB }, (_, index) => (index * 31) % 251))

interface Sent {
  readonly url: string
  /** How far it came before it was broken off; undefined if it came to its end. */
  readonly brokenAt: number | undefined
}

/** Uploads by the usual client, from an earlier URL if there is one, and breaks off after some bytes if asked to. */
function send(
  client: GatewayClient,
  path: string,
  options: { content?: Buffer; url?: string; breakAt?: number; metadata?: Record<string, string> } = {},
): Promise<Sent> {
  const { content = CONTENT, url, breakAt, metadata = {} } = options
  return new Promise((resolve, reject) => {
    const upload = new Upload(content, {
      endpoint: `${client.url}/api/uploads`,
      ...(url === undefined ? {} : { uploadUrl: url }),
      headers: { ...client.headers },
      metadata: { path, ...metadata },
      chunkSize: MIB,
      retryDelays: null,
      onError: reject,
      onSuccess: () => resolve({ url: upload.url ?? '', brokenAt: undefined }),
      onChunkComplete: (_size, sent) => {
        if (breakAt === undefined || sent < breakAt) return
        void upload.abort().then(() => resolve({ url: upload.url ?? '', brokenAt: sent }))
      },
    })
    upload.start()
  })
}

/** The status that an upload is refused with. */
async function refusal(sent: Promise<Sent>): Promise<number | undefined> {
  const error: unknown = await sent.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined
}

describe.each(ENGINES)('uploads that can be resumed, on %s', (engine) => {
  let system: TestSystem
  let root: GatewayClient
  let ann: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_MAX_FILE_MB: '4' } })
    root = await system.as('root', { isAdmin: true })
    ann = await system.as('ann')
    await grant('ann', 'direct_editor', '/team')
  })
  afterAll(() => system.close())

  const grant = (user: string, relation: string, path: string) =>
    root.ok<string>('rebac_create', { subject: ['user', user], relation, object: ['file', path] })
  const content = async (path: string) => Buffer.from(await (await root.raw(`/api/files${path}`)).arrayBuffer())
  const kept = async () =>
    (await readdir(join(system.dataDir, 'content/uploads'))).filter((name) => !name.endsWith('.json'))

  it('become files, with a version for each', async () => {
    await send(ann, '/team/a.bin')
    expect(await content('/team/a.bin')).toEqual(CONTENT)
    await send(ann, '/team/a.bin', { content: Buffer.from('second') })
    await send(ann, '/team/empty', { content: Buffer.alloc(0) })
    expect(await root.ok('list_versions', { path: '/team/a.bin' })).toMatchObject([{ version: 2 }, { version: 1 }])
    expect(await content('/team/empty')).toHaveLength(0)
  })

  it('go on where they broke off, also after a restart', async () => {
    const broken = await send(ann, '/team/resumed.bin', { breakAt: MIB })
    expect(broken.brokenAt).toBe(MIB)
    expect(await root.ok('exists', { path: '/team/resumed.bin' })).toEqual({ exists: false })
    await system.restartGateway()
    root = system.client(root.headers['authorization']?.slice('Bearer '.length) ?? '')
    ann = system.client(ann.headers['authorization']?.slice('Bearer '.length) ?? '')
    const url = `${ann.url}${new URL(broken.url).pathname}`
    await send(ann, '/team/resumed.bin', { url })
    expect(await content('/team/resumed.bin')).toEqual(CONTENT)
    // A client that missed the last answer asks again, and nothing is written twice.
    await send(ann, '/team/resumed.bin', { url })
    expect(await root.ok('list_versions', { path: '/team/resumed.bin' })).toHaveLength(1)
  })

  it("are nobody else's business", async () => {
    const { url } = await send(ann, '/team/mine.bin', { breakAt: MIB })
    const bob = await system.as('bob')
    await grant('bob', 'direct_editor', '/team')
    const headers = { 'tus-resumable': '1.0.0' }
    const path = new URL(url).pathname
    for (const other of [bob, root, await system.as('ann', { tenant: 'other' })]) {
      for (const method of ['HEAD', 'DELETE']) expect((await other.raw(path, { method, headers })).status).toBe(404)
    }
    expect((await system.client(null).raw(path, { method: 'HEAD', headers })).status).toBe(401)
    expect((await ann.raw(`${path}.json`, { method: 'HEAD', headers })).status).toBe(404)
    expect((await ann.raw(path)).status).toBe(405)
    const before = await kept()
    expect((await ann.raw(path, { method: 'DELETE', headers })).status).toBe(204)
    expect(await kept()).toHaveLength(before.length - 1)
  })

  it('need the right to write when they begin and when they end', async () => {
    expect(await refusal(send(ann, '/elsewhere/a'))).toBe(403)
    expect(await refusal(send(ann, '/a/../b'))).toBe(400)
    expect(await refusal(send(ann, '/team/a.bin', { metadata: { if_none_match: '*' } }))).toBe(409)
    expect(await refusal(send(ann, '/team/large', { content: Buffer.alloc(5 * MIB) }))).toBe(413)
    const carl = await system.as('carl')
    const tuple = await grant('carl', 'direct_editor', '/team')
    const { url } = await send(carl, '/team/late.bin', { breakAt: MIB })
    await root.ok('rebac_delete', { tuple_id: tuple })
    const before = await kept()
    expect(await refusal(send(carl, '/team/late.bin', { url }))).toBe(403)
    expect(await kept()).toHaveLength(before.length - 1)
    expect(await root.ok('exists', { path: '/team/late.bin' })).toEqual({ exists: false })
  })

  it('answer browsers of other origins', async () => {
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'PATCH' }
    const answer = await system.client(null).raw('/api/uploads', { method: 'OPTIONS', headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('tus-version')).toBe('1.0.0')
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/Authorization/)
  })
})
