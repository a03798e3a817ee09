import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { laterCatalogue, servedCatalogue } from '../../../gateway/rpc/catalogue.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'

const promised: readonly string[] = Object.values(servedCatalogue).flat()
const later = Object.entries(laterCatalogue).flatMap(([what, names]) => names.map((name) => [name, what] as const))

describe('the catalogue of methods', () => {
  let system: TestSystem
  let alice: GatewayClient
  let served: readonly string[]
  beforeAll(async () => {
    system = await TestSystem.start({ engine: 'sqlite' })
    alice = await system.as('alice')
    served = ((await (await alice.raw('/api/nfs/status')).json()) as { methods: string[] }).methods
  })
  afterAll(() => system.close())

  it('names no method twice', () => {
    const all = [...promised, ...later.map(([name]) => name)]
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([])
  })

  it('is served', () => {
    expect(promised.filter((name) => !served.includes(name) && !COMING.has(name))).toEqual([])
  })

  it.each(later)('%s says that %s come later', async (name, what) => {
    expect(served).not.toContain(name)
    const { status, error } = await alice.call(name)
    const message = `Method '${name}' is not available in this server yet: ${what} will come later.`
    expect([status, error]).toEqual([200, { code: -32601, message }])
  })

  it('tells a name that nobody knows from one that comes later', async () => {
    expect((await alice.call('store_memories')).error).toEqual({
      code: -32601,
      message: 'Unknown method: store_memories',
    })
  })

  it('keeps what comes later from the anonymous, too', async () => {
    expect((await system.client(null).call('store_memory')).status).toBe(401)
  })

  it('answers what a page asks for when it opens, although nothing is there', async () => {
    expect(await alice.ok('sandbox_list', { verify_status: true, status: 'active' })).toEqual({ sandboxes: [] })
    expect(await alice.ok('query_memories', { state: null, limit: 100 })).toEqual({ memories: [] })
    expect(await alice.ok('oauth_list_providers', {})).toEqual([])
    expect(await alice.ok('oauth_list_credentials', { include_revoked: false })).toEqual([])
  })
})

/** Being built. */
const COMING: ReadonlySet<string> = new Set<string>(
  servedCatalogue.sharing.filter((name) => name.includes('share_link')),
)
