/** Lets workers through, or makes them wait. */
export class Gate {
  #opening: PromiseWithResolvers<void> | null = null

  shut(): void {
    this.#opening ??= Promise.withResolvers()
  }

  open(): void {
    this.#opening?.resolve()
    this.#opening = null
  }

  async pass(): Promise<void> {
    await this.#opening?.promise
  }
}
