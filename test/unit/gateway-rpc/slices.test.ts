import { describe, expect, it } from 'vitest'
import { inSlices, Turn } from '../../../gateway/slices.ts'

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

describe('turns', () => {
  it('say that enough was done after many steps and some time', async () => {
    const turn = new Turn()
    expect(turn.enough(1)).toBe(false)
    const began = performance.now()
    while (!turn.enough(10_000)) expect(performance.now() - began).toBeLessThan(10_000)
    let turns = 0
    setImmediate(() => void turns++)
    await turn.pause()
    expect(turns).toBe(1)
  })

  it('end at the deadline', async () => {
    const turn = new Turn(undefined, Date.now() - 1)
    while (!turn.enough(10_000)) continue
    await expect(turn.pause()).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' })
  })
})
