import { afterEach, expect, it, vi } from 'vitest'
import { newId } from '../../../services/rebac/store/commands/new-id.ts'

afterEach(() => void vi.useRealTimers())

it('makes ids that rise, within a millisecond and when the clock goes back', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const begun = Date.now() + 1_000
  const ids: string[] = []
  for (const time of [begun, begun + 1, begun - 60_000, begun + 2]) {
    vi.setSystemTime(time)
    for (let count = 0; count < 3_000; count++) ids.push(newId())
  }
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  // The first 48 bits are the time, of the clock as far as it was not behind.
  expect(Number.parseInt(ids.at(-1)?.replaceAll('-', '').slice(0, 12) ?? '', 16)).toBe(begun + 2)
})
