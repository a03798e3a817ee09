import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beforeChecks } from '../../support/before-checks.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'

const CONTENT = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251))
const TUS = { 'tus-resumable': '1.0.0' }

/** Holds up one question to the permission service. */
class Pause {
  #skip = -1
  #reached = Promise.withResolvers<void>()
  #released = Promise.withResolvers<void>()

  /** From now on: so many questions pass before the one that is held up. Resolves when there is one. */
  arm(skip: number): Promise<void> {
    this.#skip = skip
    this.#reached = Promise.withResolvers()
    this.#released = Promise.withResolvers()
    return this.#reached.promise
  }

  release(): void {
    this.#released.resolve()
  }

  readonly between = beforeChecks(async () => {
    if (this.#skip-- !== 0) return
    this.#reached.resolve()
    await this.#released.promise
  })
}

describe('an upload whose last answer does not come, while another gateway is asked', () => {
  const pause = new Pause()
  let system: TestSystem
  let root: GatewayClient
  let ann: GatewayClient
  let annThere: GatewayClient

  beforeAll(async () => {
    const faults = { permissions: pause.between }
    system = await TestSystem.start({ engine: 'postgres', twoGateways: true, faults })
    root = await system.as('root', { isAdmin: true })
    const { key } = await system.makeKey('ann')
    ann = system.client(key)
    annThere = system.secondClient(key)
    const object = ['file', '/team']
    await root.ok('rebac_create', { subject: ['user', 'ann'], relation: 'direct_editor', object })
  })
  afterAll(() => system.close())

  /** The path of a new upload. */
  async function begin(path: string, metadata: Record<string, string>): Promise<string> {
    const pairs = Object.entries({ path, ...metadata }).map(([name, value]) => `${name} ${btoa(value)}`)
    const headers = { ...TUS, 'upload-length': `${CONTENT.length}`, 'upload-metadata': pairs.join(',') }
    const answer = await ann.raw('/api/uploads', { method: 'POST', headers })
    expect(answer.status).toBe(201)
    return new URL(answer.headers.get('location') ?? '', ann.url).pathname
  }

  describe.each([
    ['before its bytes are read', 0],
    ['after its bytes were read', 1],
  ])('%s', (_when, questions) => {
    it.each([{}, { if_none_match: '*' }])('becomes one version, and nobody is told otherwise: %j', async (metadata) => {
      const path = `/team/${questions}-${Object.keys(metadata).length}`
      const upload = await begin(path, metadata)
      const held = pause.arm(questions)
      const headers = { ...TUS, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
      const patch = ann.raw(upload, { method: 'PATCH', headers, body: new Uint8Array(CONTENT) })
      await held
      const there = await annThere.raw(upload, { method: 'HEAD', headers: TUS })
      expect([there.status, there.headers.get('upload-offset')]).toEqual([200, `${CONTENT.length}`])
      pause.release()
      expect((await patch).status).toBe(204)
      expect(await root.ok('list_versions', { path })).toMatchObject([{ version: 1 }])
      expect(Buffer.from(await (await root.raw(`/api/files${path}`)).arrayBuffer())).toEqual(CONTENT)
      for (const client of [ann, annThere]) {
        expect((await client.raw(upload, { method: 'HEAD', headers: TUS })).status).toBe(200)
      }
      expect(await root.ok('list_versions', { path })).toHaveLength(1)
    })
  })
})
