import { LONGEST_TIMER_MS } from '../../../common/longest-timer.ts'
import type { Ticket } from './ticket.ts'

/** Expires items that wait; one timer for all, set for the earliest. */
export class TicketExpiry {
  readonly #onExpired: (ticket: Ticket) => void
  readonly #watched = new Set<Ticket>()
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(onExpired: (ticket: Ticket) => void) {
    this.#onExpired = onExpired
  }

  watch(ticket: Ticket): void {
    this.#watched.add(ticket)
    this.#arm(ticket.deadline)
  }

  forget(ticket: Ticket): void {
    this.#watched.delete(ticket)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#watched.clear()
  }

  #arm(deadline: number): void {
    if (deadline >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = deadline
    const wait = Math.min(Math.max(0, deadline - Date.now()), LONGEST_TIMER_MS)
    this.#timer = setTimeout(() => this.#sweep(), wait)
  }

  #sweep(): void {
    const now = Date.now()
    this.#timerAt = Number.POSITIVE_INFINITY
    const due = [...this.#watched].filter((ticket) => ticket.deadline <= now)
    for (const ticket of due) {
      this.#watched.delete(ticket)
      this.#onExpired(ticket)
    }
    for (const ticket of this.#watched) this.#arm(ticket.deadline)
  }
}
