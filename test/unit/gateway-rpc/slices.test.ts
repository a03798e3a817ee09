import { describe, expect, it } from 'vitest'
import { inSlices } from '../../../gateway/slices.ts'

const ITEMS = Array.from({ length: 1_001 }, (_, index) => index)

describe('slices', () => {
  it('are all there is, in order', async () => {
    for (const items of [[], [1], ITEMS]) {
      const seen: number[] = []
      for await (const slice of inSlices(items, undefined, 10)) seen.push(...slice)
      expect(seen).toEqual(items)
    }
  })

  it('let others run in between when they take long', async () => {
    let turns = 0
    const timer = setInterval(() => void turns++, 1)
    try {
      for await (const slice of inSlices(ITEMS, undefined, 100)) {
        const until = performance.now() + 5
        while (performance.now() < until) expect(slice.length).toBeGreaterThan(0)
      }
    } finally {
      clearInterval(timer)
    }
    expect(turns).toBeGreaterThan(0)
  })

  it('end when nobody waits for them', async () => {
    const gone = new AbortController()
    let seen = 0
    const work = async () => {
      for await (const slice of inSlices(ITEMS, gone.signal, 100)) {
        seen += slice.length
        if (seen === 300) gone.abort()
      }
    }
    await expect(work()).rejects.toMatchObject({ reason: 'CANCELLED' })
    expect(seen).toBe(300)
  })
})
