import { describeError } from '../services/common/errors/nexus-error.ts'
import type { Logger } from '../services/common/log.ts'

const INTERVAL_MS = 5_000

export interface BatchedNotesOptions<Note> {
  readonly save: (notes: readonly Note[]) => Promise<void>
  readonly logger: Pick<Logger, 'warn'>
  /** Milliseconds between writes. @default 5000 */
  readonly intervalMs?: number
}

/** Remembers what happens on the way of reading, and writes all of it at once every few seconds. A crash may lose the last. */
export class BatchedNotes<Note> {
  readonly #notes = new Map<string, Note>()
  readonly #lost: string
  readonly #options: BatchedNotesOptions<Note>
  readonly #timer: NodeJS.Timeout
  #saving: Promise<void> = Promise.resolve()

  /** @param lost what the log says if it could not be written */
  constructor(lost: string, options: BatchedNotesOptions<Note>) {
    this.#lost = lost
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), options.intervalMs ?? INTERVAL_MS)
    this.#timer.unref()
  }

  /** Puts a note in the place of the one under the same key, if that is not written yet. */
  put(key: string, next: (known: Note | undefined) => Note): void {
    this.#notes.set(key, next(this.#notes.get(key)))
  }

  /** Never fails: none of it is worth an error. */
  flush(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save())
    return this.#saving
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #save(): Promise<void> {
    if (this.#notes.size === 0) return
    const notes = [...this.#notes.values()]
    this.#notes.clear()
    try {
      await this.#options.save(notes)
    } catch (error) {
      this.#options.logger.warn({ count: notes.length, error: describeError(error) }, this.#lost)
    }
  }
}
