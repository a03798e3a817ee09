import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Pacer } from '../../../gateway/http/pacer.ts'

describe('pacer', () => {
  it('lets a flood begin in order, a few in each turn of the event loop', async () => {
    const pacer = new Pacer()
    const begun: number[] = []
    const calls = Array.from({ length: 100 }, async (_, index) => {
      await pacer.turn()
      begun.push(index)
    })
    let turns = 0
    while (begun.length < 100) {
      const before = begun.length
      await nextTurn()
      expect(begun.length - before).toBeLessThanOrEqual(16)
      turns++
    }
    await Promise.all(calls)
    expect(begun).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(turns).toBeGreaterThan(5)
  })

  it('holds nobody back who comes alone', async () => {
    const pacer = new Pacer()
    for (let call = 0; call < 100; call++) {
      expect(pacer.turn()).toBeUndefined()
      await nextTurn()
    }
  })
})
