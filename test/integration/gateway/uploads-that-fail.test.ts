import { readdir, readlink, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { beforeChecks } from '../../support/before-checks.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const CONTENT = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251))
const TUS = { 'tus-resumable': '1.0.0' }

describe.each(ENGINES)('complete uploads that do not become files, on %s', (engine) => {
  let beforeCheck: () => Promise<void>
  let system: TestSystem
  let root: GatewayClient
  let ann: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine, faults: { permissions: beforeChecks(() => beforeCheck()) } })
    root = await system.as('root', { isAdmin: true })
    ann = await system.as('ann')
  })
  beforeEach(() => {
    beforeCheck = () => Promise.resolve()
  })
  afterAll(() => system.close())

  const grant = () =>
    root.ok<string>('rebac_create', { subject: ['user', 'ann'], relation: 'direct_editor', object: ['file', '/team'] })
  const directory = () => join(system.dataDir, 'content/uploads')
  const away = () => Promise.reject(new NexusError('UNAVAILABLE', 'The permission service is away.'))

  async function begin(path: string): Promise<string> {
    const headers = { ...TUS, 'upload-length': `${CONTENT.length}`, 'upload-metadata': `path ${btoa(path)}` }
    const answer = await ann.raw('/api/uploads', { method: 'POST', headers })
    expect(answer.status).toBe(201)
    return new URL(answer.headers.get('location') ?? '', ann.url).pathname
  }

  function sendAll(upload: string): Promise<Response> {
    const headers = { ...TUS, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
    return ann.raw(upload, { method: 'PATCH', headers, body: new Uint8Array(CONTENT) })
  }

  const ask = async (upload: string) => (await ann.raw(upload, { method: 'HEAD', headers: TUS })).status

  /** How many files of uploads this process, which is the gateway's, has open. */
  async function open(): Promise<number> {
    const descriptors = await readdir('/proc/self/fd')
    const targets = await Promise.all(descriptors.map((one) => readlink(`/proc/self/fd/${one}`).catch(() => '')))
    return targets.filter((target) => target.startsWith(directory())).length
  }

  it('leave no file open, however often they are asked about', async () => {
    const tuple = await grant()
    const upload = await begin('/team/waiting.bin')
    beforeCheck = away
    expect((await sendAll(upload)).status).toBe(503)
    for (let times = 0; times < 5; times++) expect(await ask(upload)).toBe(503)
    await expect.poll(open, { timeout: 30_000 }).toBe(0)
    beforeCheck = () => Promise.resolve()
    expect(await ask(upload)).toBe(200)
    expect(Buffer.from(await (await root.raw('/api/files/team/waiting.bin')).arrayBuffer())).toEqual(CONTENT)
    const refused = await begin('/team/refused.bin')
    await root.ok('rebac_delete', { tuple_id: tuple })
    expect((await sendAll(refused)).status).toBe(403)
    await expect.poll(open, { timeout: 30_000 }).toBe(0)
  })

  it('say so where their bytes are gone, and nothing is left of them', async () => {
    await grant()
    const upload = await begin('/team/gone.bin')
    // They expire, or another gateway is told to delete them.
    beforeCheck = () => rm(join(directory(), basename(upload)), { force: true })
    const answer = await sendAll(upload)
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('begin it anew')])
    expect(await root.ok('exists', { path: '/team/gone.bin' })).toEqual({ exists: false })
    expect((await readdir(directory())).filter((name) => name.startsWith(basename(upload)))).toEqual([])
    expect(await ask(upload)).toBe(404)
  })
})
