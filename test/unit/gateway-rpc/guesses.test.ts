import { describe, expect, it } from 'vitest'
import { Guesses } from '../../../gateway/keys/guesses.ts'

describe('guesses', () => {
  it('are answered at once while they may be mistakes, then more and more slowly', async () => {
    const pauses: number[] = []
    const guesses = new Guesses(async (ms) => {
      pauses.push(ms)
    })
    for (let guess = 0; guess < 30; guess++) await guesses.answer('a', 1_000)
    expect(pauses).toEqual([])
    for (let guess = 0; guess < 100; guess++) await guesses.answer('a', 1_000)
    expect(pauses.slice(0, 3)).toEqual([50, 100, 150])
    expect(pauses.at(-1)).toBe(2_000)
    await guesses.answer('b', 1_000)
    expect(pauses).toHaveLength(100)
    await guesses.answer('a', 61_001)
    expect(pauses).toHaveLength(100)
  })

  it('wait in a bounded number, and are refused beyond it', async () => {
    const held: (() => void)[] = []
    const guesses = new Guesses(() => new Promise((resolve) => held.push(() => resolve(undefined))))
    for (let guess = 0; guess < 30; guess++) await guesses.answer('a', 0)
    const waiting = Array.from({ length: 64 }, () => guesses.answer('a', 0))
    expect(guesses.refuses('a')).toBe(true)
    expect(guesses.refuses('b')).toBe(false)
    await expect(guesses.answer('a', 0)).rejects.toMatchObject({ reason: 'BUSY' })
    for (const release of held) release()
    await Promise.all(waiting)
    expect(guesses.refuses('a')).toBe(false)
  })
})
