import { NexusError } from '../../services/common/errors/nexus-error.ts'

interface Waiter {
  readonly seq: number
  readonly timer: NodeJS.Timeout
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Requests that wait for entries of one tenant. */
export class Waiters {
  readonly #waiting = new Set<Waiter>()

  get size(): number {
    return this.#waiting.size
  }

  /** @throws NexusError UNAVAILABLE at the deadline */
  wait(seq: number, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#waiting.delete(waiter)
          reject(notYet())
        },
        Math.max(0, deadline - Date.now()),
      )
      const waiter: Waiter = { seq, timer, resolve, reject }
      this.#waiting.add(waiter)
    })
  }

  /** Everything through `seq` was applied; `dropped` says which of it could not be. */
  settle(through: number, dropped: ReadonlyMap<number, NexusError>): void {
    for (const waiter of this.#waiting) {
      if (waiter.seq > through) continue
      const error = dropped.get(waiter.seq)
      this.#end(waiter, error === undefined ? waiter.resolve : () => waiter.reject(error))
    }
  }

  rejectAll(error: unknown): void {
    for (const waiter of this.#waiting) this.#end(waiter, () => waiter.reject(error))
  }

  #end(waiter: Waiter, how: () => void): void {
    clearTimeout(waiter.timer)
    this.#waiting.delete(waiter)
    how()
  }
}

function notYet(): NexusError {
  return new NexusError(
    'UNAVAILABLE',
    'The permission service has not applied an earlier change of this path yet; it will, so try again later.',
  )
}
