import { setImmediate as nextTurn } from 'node:timers/promises'
import { cancelled, NexusError } from '../services/common/errors/nexus-error.ts'

/** How long a computation keeps the event loop before it lets others run, in milliseconds. */
const TURN_MS = 2
/** So much is done between two looks at the clock. */
const SLICE = 128
/** So many steps of a few nanoseconds are done between two looks at the clock: a look takes as long as many of them. */
const STEPS = 50_000

/** Keeps a long computation from keeping the event loop to itself. */
export class Turn {
  readonly #gone: AbortSignal | undefined
  readonly #deadline: number
  #began = performance.now()
  #steps = 0

  /**
   * @param gone is given when nobody waits for the result any more
   * @param deadline milliseconds since 1970
   */
  constructor(gone?: AbortSignal, deadline: number = Infinity) {
    this.#gone = gone
    this.#deadline = deadline
  }

  /**
   * Counts steps of a few nanoseconds each. To be asked where a promise for each piece of work would cost more than the
   * work: when it says that enough was done, `pause` is to be awaited.
   */
  enough(steps: number): boolean {
    this.#steps += steps
    if (this.#steps < STEPS) return false
    this.#steps = 0
    return performance.now() - this.#began >= TURN_MS
  }

  /** To be awaited again and again: lets others run when it is their turn. @throws NexusError CANCELLED, DEADLINE_EXCEEDED */
  async pause(): Promise<void> {
    if (this.#gone?.aborted === true) throw cancelled()
    if (performance.now() - this.#began < TURN_MS) return
    if (Date.now() >= this.#deadline) {
      throw new NexusError('DEADLINE_EXCEEDED', 'There was no answer within the deadline.')
    }
    await nextTurn()
    this.#began = performance.now()
  }
}

/** Many items, a few at a time, such that others may run in between. @throws NexusError CANCELLED */
export async function* inSlices<T>(
  items: readonly T[],
  gone?: AbortSignal,
  size: number = SLICE,
): AsyncGenerator<readonly T[]> {
  if (items.length <= size) return yield items
  const turn = new Turn(gone)
  for (let from = 0; from < items.length; from += size) {
    await turn.pause()
    yield items.slice(from, from + size)
  }
}
