/** Closes what was opened, last first; one failure does not keep the rest open. */
export class Closer implements AsyncDisposable {
  readonly #closers: (() => Promise<void> | void)[] = []
  #closed: Promise<void> | undefined

  /** Registers how to close something, when it was opened. */
  defer(close: () => Promise<void> | void): void {
    this.#closers.push(close)
  }

  /** @throws AggregateError with everything that failed */
  close(): Promise<void> {
    this.#closed ??= this.#run()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(): Promise<void> {
    const errors: unknown[] = []
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'closing failed')
  }
}
