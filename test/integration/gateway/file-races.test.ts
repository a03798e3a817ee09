import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareRaces } from '../../support/file-model/races.ts'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const WRITERS = 64
/** Each of them starts again whenever another one was first: their work grows with the square. */
const COUNTERS = 32
const ROUNDS = 4
const CONFLICT = -32006
const SEED = 20_251
const RACES = 12

interface Written {
  readonly etag: string
  readonly version: number
}

describe.each(ENGINES)('writers at once on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  const everybody = Array.from({ length: WRITERS }, (_, index) => index)

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', '/home'] })
    alice = await system.as('alice')
  })
  afterAll(() => system.close())

  it('with if_match: one winner for each version', async () => {
    const path = '/home/one-winner.txt'
    let current = await alice.ok<Written>('write', { path, content: 'start' })
    for (let round = 1; round <= ROUNDS; round++) {
      const attempts = everybody.map((writer) => {
        const content = `round ${round} writer ${writer}`
        return alice.call('write', { path, content, if_match: current.etag })
      })
      const answers = await Promise.all(attempts)
      const winners = answers.filter(({ error }) => error === undefined)
      expect(winners).toHaveLength(1)
      expect(answers.filter(({ error }) => error?.code === CONFLICT)).toHaveLength(WRITERS - 1)
      current = winners[0]?.result as Written
      expect(current.version).toBe(round + 1)
      expect(await alice.ok('read', { path })).toEqual(
        bytes(
          `round ${round} writer ${winners.length === 0 ? '' : answers.findIndex(({ error }) => error === undefined)}`,
        ),
      )
    }
  })

  it('with if_match: no update is lost', async () => {
    const path = '/home/counter.txt'
    await alice.ok('write', { path, content: '0' })
    const increment = async (): Promise<void> => {
      for (;;) {
        const read = await alice.ok<{ content: { data: string }; etag: string }>('read', {
          path,
          return_metadata: true,
        })
        const next = Number(Buffer.from(read.content.data, 'base64').toString()) + 1
        const answer = await alice.call('write', { path, content: String(next), if_match: read.etag })
        if (answer.error === undefined) return
        expect(answer.error.code).toBe(CONFLICT)
      }
    }
    const counters = everybody.slice(0, COUNTERS)
    await Promise.all(counters.map(increment))
    expect(await alice.ok('read', { path })).toEqual(bytes(String(COUNTERS)))
    const versions = await alice.ok<{ version: number }[]>('list_versions', { path })
    expect(versions.map(({ version }) => version)).toEqual(
      [...counters.map((index) => index + 1), COUNTERS + 1].reverse(),
    )
    for (const { version } of versions)
      expect(await alice.ok('get_version', { path, version })).toEqual(bytes(String(version - 1)))
  })

  it('with if_none_match: one creates the file', async () => {
    const path = '/home/created-once.txt'
    const codes = await Promise.all(
      everybody.map((writer) => alice.code('write', { path, content: `by ${writer}`, if_none_match: true })),
    )
    expect(codes.filter((code) => code === 0)).toHaveLength(1)
    expect(await alice.ok('list_versions', { path })).toHaveLength(1)
  })

  it('of overlapping trees: some order explains what is there', async () => {
    expect(await compareRaces(system, { seed: SEED, runs: RACES, name: 'race' })).toBeGreaterThan(RACES)
  })
})
