import { describeError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'

export interface LastUsedOptions {
  readonly save: (used: readonly (readonly [string, number])[]) => Promise<void>
  readonly logger: Logger
  /** Milliseconds between writes. @default 5000 */
  readonly intervalMs?: number
}

/** Remembers when keys were used, and writes it for all of them at once every few seconds. A crash may lose the last ones. */
export class LastUsed {
  readonly #used = new Map<string, number>()
  readonly #options: LastUsedOptions
  readonly #timer: NodeJS.Timeout
  #saving: Promise<void> = Promise.resolve()

  constructor(options: LastUsedOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), options.intervalMs ?? 5_000)
    this.#timer.unref()
  }

  note(keyId: string, now: number): void {
    this.#used.set(keyId, now)
  }

  /** Never fails: a time of use is not worth an error. */
  flush(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save())
    return this.#saving
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #save(): Promise<void> {
    if (this.#used.size === 0) return
    const used = [...this.#used]
    this.#used.clear()
    try {
      await this.#options.save(used)
    } catch (error) {
      this.#options.logger.warn({ keys: used.length, error: describeError(error) }, 'times of use were not saved')
    }
  }
}
