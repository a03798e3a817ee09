import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Ledger } from '../../faults/load/ledger.ts'
import { slope } from '../../faults/soak/slope.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('a change may have happened from when it is sent, and has happened from when it is acknowledged', () => {
  const ledger = new Ledger(true)
  const facts = ledger.open('/a')
  const contentsAt = (moment: number) => [...(ledger.at(moment)[0]?.state.contents ?? [])]
  vi.setSystemTime(1_000)
  const before = facts.mayBecome({ content: 'one' })
  vi.setSystemTime(2_000)
  facts.became(before, { content: 'one' })
  vi.setSystemTime(3_000)
  const sent = facts.mayBecome({ content: null, shared: false })
  vi.setSystemTime(4_000)
  facts.stayed(sent)
  expect(contentsAt(999)).toEqual([null])
  expect(contentsAt(1_000)).toEqual([null, 'one'])
  expect(contentsAt(2_000), 'acknowledged within this millisecond').toEqual([null, 'one'])
  expect(contentsAt(2_001)).toEqual(['one'])
  expect(contentsAt(3_500)).toEqual(['one', null])
  expect(contentsAt(4_001)).toEqual(['one'])
  expect([ledger.acknowledgedBy(2_000), ledger.acknowledgedBy(2_001), ledger.acknowledgedBy(9_000)]).toEqual([0, 1, 1])
})

it('the slope of a line with noise is that of the line', () => {
  const noise = [0.5, -0.5, -0.5, 0.5]
  const points = Array.from({ length: 40 }, (_, x) => ({ x, y: 3 * x + 7 + (noise[x % 4] ?? 0) }))
  expect(slope(points)).toBeCloseTo(3, 2)
  expect(slope([{ x: 1, y: 5 }])).toBe(0)
})
