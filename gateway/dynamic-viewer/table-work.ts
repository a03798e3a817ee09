import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { Turn } from '../slices.ts'
import { Slots } from '../slots.ts'
import type { ColumnConfig } from './column-config.ts'
import { type FilteredTable, filterCsv, LARGE_BYTES } from './filter-csv.ts'

/** Tables of which parts are shown have at most so many bytes. */
const MAX_TABLE_BYTES = 33_554_432
/** So many large ones are worked on at once: each may hold some hundred megabytes. */
const AT_ONCE = 2

/** A table, of which `size` bytes are loaded when it is its turn. */
export interface TableSource {
  readonly size: number
  load(): Promise<Uint8Array>
}

/** @throws NexusError TOO_LARGE */
export function checkTableSize(size: number): void {
  if (size <= MAX_TABLE_BYTES) return
  throw new NexusError('TOO_LARGE', `A table with a view has at most ${MAX_TABLE_BYTES} bytes; this one has ${size}.`)
}

/** Filters tables, of the large ones few at once, beside other calls and no longer than their callers wait. */
export class TableWork {
  readonly #slots = new Slots(AT_ONCE, 'calls with large tables')

  /**
   * As filterCsv, within the time of a call.
   * @throws NexusError TOO_LARGE, INVALID_PARAMS; UNAVAILABLE or, where it did not begin, BUSY at the deadline; CANCELLED
   */
  async filter(
    context: Pick<CallContext, 'scope' | 'gone' | 'enterLarge'>,
    source: TableSource,
    config: ColumnConfig,
    strict: boolean,
  ): Promise<FilteredTable> {
    checkTableSize(source.size)
    const { deadline } = context.scope
    const turn = new Turn(context.gone?.())
    let entered = false
    const work = {
      pause: async (): Promise<void> => {
        if (Date.now() >= deadline) {
          throw new NexusError(
            'UNAVAILABLE',
            'The table is too large to be worked through until the deadline of the call.',
          )
        }
        await turn.pause()
      },
      enterLarge: async (): Promise<void> => {
        if (entered) return
        await context.enterLarge?.()
        await this.#slots.enter(deadline)
        entered = true
      },
    }
    try {
      if (source.size > LARGE_BYTES) await work.enterLarge()
      return await filterCsv(await source.load(), config, strict, work)
    } finally {
      if (entered) this.#slots.leave()
    }
  }
}
