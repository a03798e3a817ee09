interface Flight<T> {
  readonly result: Promise<T>
  readonly begin: () => void
  deadline: number
}

/**
 * Work that equal requests in flight share. Nobody gets what was begun before he asked: while one piece of work runs,
 * whoever comes waits for the next one, together with all others who came meanwhile. Nothing is kept.
 */
export class SharedWork<T> {
  /** What runs. */
  readonly #running = new Set<string>()
  /** What begins when that has ended. */
  readonly #waiting = new Map<string, Flight<T>>()

  /** @param deadline milliseconds since 1970; the work is given the latest of those who share it */
  do(key: string, deadline: number, work: (deadline: number) => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      waiting.deadline = Math.max(waiting.deadline, deadline)
      return waiting.result
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const flight: Flight<T> = {
      result: promise,
      deadline,
      begin: () => {
        this.#waiting.delete(key)
        this.#running.add(key)
        const ended = (): void => {
          this.#running.delete(key)
          this.#waiting.get(key)?.begin()
        }
        void work(flight.deadline).then(resolve, reject).finally(ended)
      },
    }
    this.#waiting.set(key, flight)
    // The calls of one turn of the event loop begin together.
    if (!this.#running.has(key)) setImmediate(flight.begin)
    return promise
  }
}
