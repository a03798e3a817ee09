/**
 * Wakes those who wait for new revisions of a tenant. A signal is a hint: who gets one reads the log, so one too many
 * costs a query, and one too few only time.
 */
export class HeadSignals {
  readonly #wakes = new Map<string, Set<() => void>>()
  readonly #heads = new Map<string, number>()

  /** Calls back after each sign of a new revision, until the returned function is called. */
  subscribe(tenant: string, wake: () => void): () => void {
    const wakes = this.#wakes.get(tenant) ?? new Set()
    this.#wakes.set(tenant, wakes.add(wake))
    return () => {
      wakes.delete(wake)
      if (wakes.size > 0 || this.#wakes.get(tenant) !== wakes) return
      this.#wakes.delete(tenant)
      this.#heads.delete(tenant)
    }
  }

  /** Whether a revision of a tenant would be news to somebody who waits. */
  isNews(tenant: string, revision: number): boolean {
    return this.#wakes.has(tenant) && revision > (this.#heads.get(tenant) ?? -1)
  }

  /** Tenants that somebody waits for. */
  tenants(): readonly string[] {
    return [...this.#wakes.keys()]
  }

  /** A revision that exists, by whatever way it became known. */
  observe(tenant: string, revision: number): void {
    if (!this.isNews(tenant, revision)) return
    this.#heads.set(tenant, revision)
    this.wake(tenant)
  }

  /** There may be a new revision. */
  wake(tenant: string): void {
    for (const wake of this.#wakes.get(tenant) ?? []) wake()
  }
}
