import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Ticket } from '../../../services/rebac/api/check/ticket.ts'
import { TicketExpiry } from '../../../services/rebac/api/check/ticket-expiry.ts'

const DAY = 24 * 60 * 60 * 1_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Watches tickets that are due so many milliseconds from now. */
function watching(...waits: readonly number[]) {
  const expired: number[] = []
  const expiry = new TicketExpiry(({ id }) => expired.push(id))
  const now = Date.now()
  for (const [id, wait] of waits.entries()) expiry.watch({ id, deadline: now + wait } as Ticket)
  return { expiry, expired }
}

it('sets no timer longer than setTimeout takes, which would fire at once and again and again', () => {
  const set = vi.spyOn(globalThis, 'setTimeout')
  const { expiry, expired } = watching(60 * DAY)
  const delays = () => set.mock.calls.map(([, delay]) => delay)
  expect(delays()).toEqual([2 ** 31 - 1])
  vi.advanceTimersByTime(59 * DAY)
  expect(expired).toEqual([])
  // One for each stretch of not quite 25 days.
  expect(delays()).toHaveLength(3)
  vi.advanceTimersByTime(DAY)
  expect(expired).toEqual([0])
  expiry.close()
})

it('expires each ticket at its deadline, whichever was watched first', () => {
  const { expiry, expired } = watching(300, 100, 200)
  vi.advanceTimersByTime(99)
  expect(expired).toEqual([])
  vi.advanceTimersByTime(1)
  expect(expired).toEqual([1])
  vi.advanceTimersByTime(200)
  expect(expired).toEqual([1, 2, 0])
  expiry.close()
})
