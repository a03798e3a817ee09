import type { ResidentTenant } from './resident-tenant.ts'

/** Tenants that were never written cost almost nothing, but anybody can ask about any number of them. */
const MAX_EMPTY_TENANTS = 256

/** Which tenants are in memory; the least recently used leave first. */
export class Residency {
  readonly #tenants = new Map<string, ResidentTenant>()
  readonly #budgetBytes: number

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes
  }

  get(tenant: string): ResidentTenant | undefined {
    return this.#tenants.get(tenant)
  }

  add(resident: ResidentTenant): void {
    this.#tenants.set(resident.tenant, resident)
  }

  /** Forgets a tenant, unless another took its place. */
  remove(resident: ResidentTenant): void {
    if (this.#tenants.get(resident.tenant) === resident) this.#tenants.delete(resident.tenant)
  }

  get size(): number {
    return this.#tenants.size
  }

  get memoryBytes(): number {
    let bytes = 0
    for (const resident of this.#tenants.values()) bytes += resident.memoryBytes
    return bytes
  }

  /** Those that were loaded. */
  loaded(): ResidentTenant[] {
    return [...this.#tenants.values()].filter((resident) => resident.view !== null)
  }

  /**
   * Lets tenants go until the rest fits; the most recently used one stays, whatever it weighs. Who still works with one
   * that left keeps its own reference.
   */
  trim(): number {
    const leaving = this.loaded().toSorted((a, b) => a.lastUsed - b.lastUsed)
    leaving.pop()
    let bytes = this.memoryBytes
    let empty = leaving.filter((resident) => resident.revision === 0).length
    let removed = 0
    for (const resident of leaving) {
      const isEmpty = resident.revision === 0
      if (bytes <= this.#budgetBytes && !(isEmpty && empty > MAX_EMPTY_TENANTS)) continue
      this.remove(resident)
      bytes -= resident.memoryBytes
      if (isEmpty) empty -= 1
      removed += 1
    }
    return removed
  }
}
