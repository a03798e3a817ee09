import { describe, expect, it } from 'vitest'
import { type TableSource, TableWork } from '../../../gateway/dynamic-viewer/table-work.ts'

const MINUTE = 60_000
const CONFIG = { aggregations: { a: 'median' as const } }
const source = (text: string): TableSource => {
  const bytes = Buffer.from(text)
  return { size: bytes.length, load: () => Promise.resolve(bytes) }
}
const scope = (ms: number) => ({ scope: { context: {}, deadline: Date.now() + ms, atLeastAsFresh: null } })
const large = `a\n${'1\n'.repeat(200_000)}`

describe('tables beside other calls', () => {
  it('lets timers run while a large one is worked on', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    try {
      await new TableWork().filter(scope(MINUTE), source(large), CONFIG, true)
    } finally {
      clearInterval(timer)
    }
    expect(ticks).toBeGreaterThan(5)
  })

  it('ends at the deadline of the call', async () => {
    const late = new TableWork().filter(scope(-1), source('a\n1\n'), CONFIG, true)
    await expect(late).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  })

  it('ends when nobody waits any more', async () => {
    const caller = new AbortController()
    const context = { ...scope(MINUTE), gone: () => caller.signal }
    const left = new TableWork().filter(context, source(large), CONFIG, true)
    setTimeout(() => caller.abort(), 5)
    await expect(left).rejects.toMatchObject({ reason: 'CANCELLED' })
  })

  it('loads two large ones at once; small ones do not wait', async () => {
    const work = new TableWork()
    const releases: (() => void)[] = []
    const held = (): TableSource => ({
      size: large.length,
      load: () => new Promise((resolve) => releases.push(() => resolve(Buffer.from('a\n1\n')))),
    })
    const running = [held(), held(), held()].map((one) => work.filter(scope(MINUTE), one, CONFIG, true))
    await expect.poll(() => releases.length, { timeout: 30_000 }).toBe(2)
    await expect(work.filter(scope(50), held(), CONFIG, true)).rejects.toMatchObject({ reason: 'BUSY' })
    const small = await work.filter(scope(MINUTE), source('a\n3\n'), CONFIG, true)
    expect(small.text).toBe('median(a)\n3\n')
    expect(releases).toHaveLength(2)
    releases[0]?.()
    await expect.poll(() => releases.length, { timeout: 30_000 }).toBe(3)
    for (const release of releases) release()
    for (const { text } of await Promise.all(running)) expect(text).toBe('median(a)\n1\n')
  })

  it('counts what is left as well: a small table that becomes a large one waits for its turn', async () => {
    const entered: string[] = []
    const context = { ...scope(MINUTE), enterLarge: () => Promise.resolve(void entered.push('large')) }
    const header = Array.from({ length: 300 }, (_, index) => `c${index}`).join(',')
    const small = source(`${header}\n${'1\n'.repeat(2_000)}`)
    await new TableWork().filter(context, small, { hidden_columns: ['c1'] }, true)
    expect(entered).toEqual(['large'])
  })

  it('gives its place back when a table is refused, and loads none that is too large', async () => {
    const work = new TableWork()
    for (let index = 0; index < 3; index++) {
      const refused = work.filter(scope(MINUTE), source(`${large}many\n`), CONFIG, true)
      await expect(refused).rejects.toMatchObject({ reason: 'INVALID_PARAMS' })
    }
    const never: TableSource = { size: 33_554_433, load: () => Promise.reject(new Error('loaded')) }
    await expect(work.filter(scope(MINUTE), never, CONFIG, true)).rejects.toMatchObject({ reason: 'TOO_LARGE' })
  })
})
