import { setImmediate as nextTurn } from 'node:timers/promises'
import { cancelled } from '../services/common/errors/nexus-error.ts'

/** How long a computation keeps the event loop before it lets others run, in milliseconds. */
const TURN_MS = 2
/** So much is done between two looks at the clock. */
const SLICE = 128

/** Keeps a long computation from keeping the event loop to itself. */
export class Turn {
  readonly #gone: AbortSignal | undefined
  #began = performance.now()

  /** @param gone is given when nobody waits for the result any more */
  constructor(gone?: AbortSignal) {
    this.#gone = gone
  }

  /** To be awaited again and again: lets others run when it is their turn. @throws NexusError CANCELLED */
  async pause(): Promise<void> {
    if (this.#gone?.aborted === true) throw cancelled()
    if (performance.now() - this.#began < TURN_MS) return
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
